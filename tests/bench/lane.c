/*
 * See load.h: echoes. Each frame has a head that says which echo it is and when it left, and random
 * bytes after it, which are known by the head: what comes back is compared to the last bit. A frame
 * that comes back is followed by the next one of its session, so a fixed number is under way. What
 * belongs to a socket leaves in trains (UDP GSO): a generator should be no load.
 */
#include <errno.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "load.h"

#define POOL 65536 /* random bytes */
#define L2TP_HEADER 6
#define PPP_HEADER 4
#define HEAD 20 /* era, session, number, when */
#define PAYLOAD_MAX 1500
#define TRAIN_MAX 40
#define TRAIN_BYTES 60000
#define LOGIN_NS 10000000000u
#define LOGIN_AGAIN_MS 200
#define LOST_NS 500000000u /* nothing came for so long: what is under way is lost */
#define PROBE_BYTES 64
#define US_MAX 100000 /* longer round trips are counted as this */

struct histogram {
	uint32_t us[US_MAX + 1];
	uint64_t count;
};

/* Frames of one size that leave by one socket. */
struct train {
	uint8_t bytes[TRAIN_MAX * (L2TP_HEADER + PPP_HEADER + PAYLOAD_MAX)];
	size_t used, each;
	int fd;
};

struct lane {
	size_t size; /* of the payload */
	uint32_t era;
	bool measuring;
	bool flowing; /* an echo is followed by the next */
	struct session *probe;
	uint64_t back, corrupt, lost, frames;
	unsigned silent; /* sessions that never answered */
	uint64_t last;	 /* echo that came */
	unsigned under_way, heard;
	struct histogram rtt, probe_rtt;
	struct train train;
	uint8_t pool[POOL + PAYLOAD_MAX];
};

/* ── histogram ──────────────────────────────────────────────────────────────────────────── */

static void
count_us(struct histogram *h, uint64_t ns)
{
	uint64_t us = ns / 1000;

	h->us[us < US_MAX ? us : US_MAX]++;
	h->count++;
}

static unsigned
share_us(const struct histogram *h, double share)
{
	uint64_t rank = (uint64_t)((double)h->count * share), seen = 0;
	unsigned us = 0;

	while (us < US_MAX && (seen += h->us[us]) <= rank)
		us++;
	return h->count ? us : 0;
}

/* ── out ────────────────────────────────────────────────────────────────────────────────── */

static void
send_train(struct train *train)
{
	uint16_t each = (uint16_t)train->each;
	struct iovec iov = {train->bytes, train->used};
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(each))] = {0};
	struct msghdr hdr = {.msg_iov = &iov, .msg_iovlen = 1};

	if (train->used > train->each) {
		struct cmsghdr *c;

		hdr.msg_control = control;
		hdr.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&hdr);
		c->cmsg_level = SOL_UDP;
		c->cmsg_type = UDP_SEGMENT;
		c->cmsg_len = CMSG_LEN(sizeof(each));
		memcpy(CMSG_DATA(c), &each, sizeof(each));
	}
	if (train->used && sendmsg(train->fd, &hdr, 0) < 0 && errno != EAGAIN)
		perror("load: echoes");
	train->used = 0;
}

static const uint8_t *
random_part(const struct lane *lane, uint32_t session, uint32_t number)
{
	return lane->pool + (session * 40503u + number * 7919u) % POOL;
}

static void
send_echo(struct load *load, struct tunnel *t, struct session *session, size_t size)
{
	struct lane *lane = load->lane;
	struct train *train = &lane->train;
	size_t len = L2TP_HEADER + PPP_HEADER + size;
	uint32_t index = (uint32_t)(session - load->sessions), number = session->sent++;
	struct wr w;

	if (train->used && (train->fd != t->fd || train->each != len ||
			    train->used + len > TRAIN_BYTES || train->used / len == TRAIN_MAX))
		send_train(train);
	train->fd = t->fd;
	train->each = len;
	w = wr_init(train->bytes + train->used, len);
	wr_u16(&w, 0x0002);
	wr_u16(&w, t->peer_tid);
	wr_u16(&w, session->peer_sid);
	wr_u32(&w, 0xff030021);
	wr_u32(&w, lane->era);
	wr_u32(&w, index);
	wr_u32(&w, number);
	wr_u64(&w, now_ns());
	wr_bytes(&w, random_part(lane, index, number), size - HEAD);
	train->used += len;
	session->under_way++;
	lane->under_way++;
}

/* ── in ─────────────────────────────────────────────────────────────────────────────────── */

static size_t
size_for(const struct lane *lane, const struct session *session)
{
	return session == lane->probe ? PROBE_BYTES : lane->size;
}

static void
note_echo(struct lane *lane, const struct session *session, uint64_t ns)
{
	if (!lane->measuring)
		return;
	if (session == lane->probe) {
		count_us(&lane->probe_rtt, ns);
		return;
	}
	count_us(&lane->rtt, ns);
	lane->back++;
}

static void
take_echo(struct load *load, struct tunnel *t, struct session *session, const uint8_t *frame,
	  size_t len)
{
	struct lane *lane = load->lane;
	struct rd r = rd_init(frame, len);
	uint32_t head = rd_u32(&r), era = rd_u32(&r), index = rd_u32(&r), number = rd_u32(&r);
	uint64_t when = rd_u64(&r);
	size_t size = size_for(lane, session);

	if (head != 0xff030021 && len < PPP_HEADER + HEAD)
		return; /* pppd's own */
	if (r.bad || len != PPP_HEADER + size || head != 0xff030021 ||
	    index != (uint32_t)(session - load->sessions) || number >= session->sent ||
	    memcmp(r.p, random_part(lane, index, number), size - HEAD) != 0) {
		lane->corrupt += lane->measuring;
		return; /* its place in the window is given up as lost */
	}
	if (era != lane->era)
		return;
	lane->last = now_ns();
	note_echo(lane, session, lane->last - when);
	lane->heard += !session->heard;
	session->heard = true;
	session->under_way--;
	lane->under_way--;
	if (lane->flowing)
		send_echo(load, t, session, size);
}

static void
end_batch(struct load *load, int fd)
{
	(void)fd;
	send_train(&load->lane->train);
}

/* ── the run ────────────────────────────────────────────────────────────────────────────── */

/* The window, over all sessions but the probe, which has one of its own. */
static void
fill_window(struct load *load, unsigned window)
{
	struct lane *lane = load->lane;
	unsigned all = load->tunnel_count * load->sessions_each;
	unsigned busy = all > 1 ? all - (lane->probe != NULL) : 1;

	for (unsigned i = 0; load->sessions && i < all; i++) {
		struct session *session = &load->sessions[i];
		struct tunnel *t = &load->tunnels[i / load->sessions_each];
		unsigned share = session == lane->probe ? 1 : window / busy + (i < window % busy);

		if (session->state != SESSION_UP)
			continue;
		while (session->under_way < share)
			send_echo(load, t, session, size_for(lane, session));
	}
	send_train(&lane->train);
}

/* Forgets what is under way. Gives how many that were. */
static unsigned
forget(struct load *load)
{
	unsigned lost = load->lane->under_way;

	for (unsigned i = 0; i < load->tunnel_count * load->sessions_each; i++)
		load->sessions[i].under_way = 0;
	load->lane->under_way = 0;
	load->lane->era++;
	return lost;
}

static void
echo_where_silent(struct load *load)
{
	for (unsigned i = 0; i < load->tunnel_count * load->sessions_each; i++) {
		struct session *session = &load->sessions[i];

		if (session->state == SESSION_UP && !session->heard)
			send_echo(load, &load->tunnels[i / load->sessions_each], session,
				  size_for(load->lane, session));
	}
	send_train(&load->lane->train);
}

/* Those that never answered take no part. Gives how many there are. */
static unsigned
leave_silent(struct load *load)
{
	unsigned silent = 0;

	for (unsigned i = 0; i < load->tunnel_count * load->sessions_each; i++) {
		struct session *session = &load->sessions[i];

		if (session->state == SESSION_UP && !session->heard) {
			session->state = SESSION_FAILED;
			silent++;
		}
	}
	return silent;
}

/* One echo on each session until it comes: at the first, pppd logs its peer in. False: none came.
 */
static bool
warm_up(struct load *load)
{
	struct lane *lane = load->lane;
	uint64_t until = now_ns() + LOGIN_NS;
	unsigned wanted = 0;

	for (unsigned i = 0; i < load->tunnel_count * load->sessions_each; i++)
		wanted += load->sessions[i].state == SESSION_UP;
	while (lane->heard < wanted && now_ns() < until) {
		uint64_t again = now_ns() + LOGIN_AGAIN_MS * 1000000u;

		forget(load);
		echo_where_silent(load);
		while (lane->heard < wanted && now_ns() < again)
			load_take(load, 10);
	}
	lane->silent = leave_silent(load);
	return lane->heard > 0;
}

static void
flow(struct load *load, unsigned window, double seconds)
{
	struct lane *lane = load->lane;
	uint64_t until = now_ns() + (uint64_t)(seconds * 1e9);

	lane->flowing = true;
	lane->last = now_ns();
	fill_window(load, window);
	while (now_ns() < until && (!lane->frames || lane->back < lane->frames)) {
		load_take(load, 10);
		if (now_ns() - lane->last < LOST_NS)
			continue;
		lane->lost += lane->measuring ? forget(load) : 0;
		lane->last = now_ns();
		fill_window(load, window);
	}
}

/* What is still under way has its time to come back. */
static void
drain(struct load *load)
{
	struct lane *lane = load->lane;

	lane->flowing = false;
	lane->last = now_ns();
	while (lane->under_way && now_ns() - lane->last < LOST_NS)
		load_take(load, 10);
	lane->lost += forget(load);
}

static void
report(const struct lane *lane, const char *name, double seconds, double cpu)
{
	double frames = lane->back ? (double)lane->back : 1;

	printf("{\"step\": \"%s\", \"bytes\": %zu, \"frames\": %llu, \"lost\": %llu, "
	       "\"silent\": %u, \"corrupt\": %llu, \"pps\": %.1f, \"mbit\": %.2f, \"cpu_us\": "
	       "%.4f, "
	       "\"cores\": %.3f, \"rtt_us\": %u, \"rtt_p99_us\": %u, \"probe_us\": %u}\n",
	       name, lane->size, (unsigned long long)lane->back, (unsigned long long)lane->lost,
	       lane->silent, (unsigned long long)lane->corrupt, (double)lane->back / seconds,
	       (double)lane->back * (double)lane->size * 8 / seconds / 1e6, cpu / frames,
	       cpu / seconds / 1e6, share_us(&lane->rtt, 0.5), share_us(&lane->rtt, 0.99),
	       share_us(&lane->probe_rtt, 0.5));
}

static bool
run(struct load *load, const char *name, unsigned window, double seconds)
{
	struct lane *lane = load->lane;
	uint64_t began;
	double cpu;

	load->on_frame = take_echo;
	load->on_batch_end = end_batch;
	if (!warm_up(load)) {
		fprintf(stderr, "load: no session answered an echo\n");
		return false;
	}
	flow(load, window, 0.3); /* the first buffers are taken */
	lane->measuring = true;
	cpu = gauge_cpu_us(&load->gauge);
	began = now_ns();
	flow(load, window, seconds);
	seconds = (double)(now_ns() - began) / 1e9;
	cpu = gauge_cpu_us(&load->gauge) - cpu;
	lane->measuring = false;
	drain(load);
	report(lane, name, seconds, cpu);
	return true;
}

static bool
echo(struct load *load, const char *name, const char *arg, bool probed)
{
	struct lane *lane = calloc(1, sizeof(*lane));
	unsigned window = 0;
	double seconds = 0;
	unsigned long long frames = 0;
	bool ok;

	if (!lane || !load->sessions_each ||
	    sscanf(arg, "%zu:%u:%lf:%llu", &lane->size, &window, &seconds, &frames) < 3 ||
	    lane->size <= HEAD || lane->size > PAYLOAD_MAX || !window ||
	    getrandom(lane->pool, POOL, 0) != POOL) {
		free(lane);
		return false;
	}
	memcpy(lane->pool + POOL, lane->pool, PAYLOAD_MAX);
	lane->frames = frames;
	lane->era = (uint32_t)now_ns();
	if (probed)
		lane->probe = &load->sessions[load->tunnel_count * load->sessions_each - 1];
	load->lane = lane;
	ok = run(load, name, window, seconds);
	load->lane = NULL;
	load->on_batch_end = NULL;
	free(lane);
	return ok;
}

bool
step_echo(struct load *load, const char *arg)
{
	return echo(load, "echo", arg, false);
}

bool
step_probe(struct load *load, const char *arg)
{
	return echo(load, "probe", arg, true);
}
