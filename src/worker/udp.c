/* See udp.h. */
#include "worker/udp.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "worker/addr.h"
#include "worker/train.h"

#define BATCH 64      /* datagrams a system call */
#define TURN 256      /* datagrams a wake-up: then the control socket and the ptys get their turn */
#define DATAGRAM 4096 /* more than any control message or PPP frame of ours */
#define TRAINS 16     /* a system call, where datagrams may come as trains */
#define TRAIN 65536   /* the longest of them */
#define ALONE 1024    /* datagrams without a train after one that was refused */
#define QUEUE 256     /* datagrams that wait for a socket that takes none, */
#define RESERVED 64   /* so many of them control messages at least */
#define BUFFER_BYTES (16 * 1024 * 1024) /* 0.4 s of 100,000 small datagrams a second */

/* room for the address that was asked, a mark, and the length of each in a train */
#define CONTROL_BYTES                                                                              \
	(CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(uint32_t)) +                   \
	 CMSG_SPACE(sizeof(int)))

/* Where one datagram or train is, on its way in. */
struct slot {
	struct sockaddr_storage peer;
	_Alignas(struct cmsghdr) uint8_t control[CONTROL_BYTES];
	struct iovec iov;
};

/* What came along with it. */
struct arrival {
	struct lns_path path;
	size_t each; /* of a train: the length of all but the last; 0: it is one datagram */
};

/* A socket. In a group what it is for is its place; alone it takes and sends all marks. */
struct hatch {
	struct door *door;
	int fd;
	uint32_t mark;
	bool no_checksum; /* as the socket stands */
	struct event *readable;
};

/* An address, its sockets and what waits to leave by them: `count` parcels from `first` on, never
 * wrapped. */
struct door {
	struct udp *udp;
	struct lns_addr bound;
	struct hatch *hatches; /* udp->group of them */
	struct event *writable;
	struct parcel *out;
	size_t first, count;
	size_t alone; /* so many more leave without a train */
	bool blocked;
};

struct udp {
	struct udp_calls calls;
	struct udp_counters counters;
	struct event_base *base;
	struct door *doors;
	size_t count;
	struct hatch *hatches; /* of all doors */
	size_t group;
	uint32_t mark_base;
	bool in_trains;
	struct slot in[BATCH]; /* shared by all sockets */
	struct mmsghdr in_hdr[BATCH];
	unsigned in_count; /* of these in use, */
	size_t in_room;	   /* and for how many bytes each */
	uint8_t *in_bytes;
	struct trains trains; /* as they leave, of one door at a time */
};

void
udp_sockets_close(const struct udp_sockets *sockets)
{
	for (size_t i = 0; i < sockets->count; i++)
		close(sockets->fds[i]);
	free(sockets->fds);
}

void
udp_prepare(int fd)
{
	int bytes = BUFFER_BYTES;

	/* FORCE goes beyond net.core.rmem_max and needs CAP_NET_ADMIN; a burst of SCCRQs must not
	 * be lost */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

/* ── in ─────────────────────────────────────────────────────────────────────────────────── */

/* Makes the first of the batch's slots ready to be filled (again). */
static void
reset_in(struct udp *udp, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct slot *slot = &udp->in[i];

		slot->iov = (struct iovec){.iov_base = udp->in_bytes + i * udp->in_room,
					   .iov_len = udp->in_room};
		udp->in_hdr[i].msg_hdr = (struct msghdr){
			.msg_name = &slot->peer,
			.msg_namelen = sizeof(slot->peer),
			.msg_iov = &slot->iov,
			.msg_iovlen = 1,
			.msg_control = slot->control,
			.msg_controllen = sizeof(slot->control),
		};
	}
}

static void
read_control(struct msghdr *hdr, struct arrival *arrival)
{
	struct lns_path *path = &arrival->path;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(hdr); c; c = CMSG_NXTHDR(hdr, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			/* not ipi_addr: that may be a broadcast address, which cannot answer */
			memcpy(path->local.ip, &info.ipi_spec_dst, 4);
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			memcpy(path->local.ip, &info.ipi6_addr, 16);
			if (addr_link_local(&path->local))
				path->local.scope = info.ipi6_ifindex;
		} else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_MARK) {
			memcpy(&path->mark, CMSG_DATA(c), sizeof(path->mark));
		} else if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
			int each;

			memcpy(&each, CMSG_DATA(c), sizeof(each));
			arrival->each = each > 0 ? (size_t)each : 0;
		}
	}
}

/* How many datagrams that was. */
static unsigned
take_arrival(const struct hatch *hatch, const struct arrival *arrival, uint8_t *bytes, size_t len)
{
	struct udp *udp = hatch->door->udp;
	size_t each = arrival->each ? arrival->each : len;
	unsigned count = 0;

	do {
		size_t n = len < each ? len : each;

		udp->counters.in++;
		count++;
		if (n > DATAGRAM)
			udp->counters.truncated++;
		else
			udp->calls.input(udp->calls.ctx, &arrival->path, bytes, n);
		bytes += n;
		len -= n;
	} while (len);
	return count;
}

/* Under an SA the kernel may have joined what has different marks: nobody knows whose it is, and it
 * is not joined again. */
static bool
is_mixed(const struct hatch *hatch, const struct arrival *arrival)
{
	if (!arrival->each || !arrival->path.mark)
		return false;
	setsockopt(hatch->fd, SOL_UDP, UDP_GRO, &(int){0}, sizeof(int));
	return true;
}

/* The same. */
static unsigned
take_message(const struct hatch *hatch, struct mmsghdr *hdr, const struct slot *slot)
{
	struct udp *udp = hatch->door->udp;
	struct arrival arrival = {
		.path = {.local = hatch->door->bound, .mark = hatch->mark},
	};

	/* nobody can be answered on port 0 */
	if (!addr_from_sockaddr(&arrival.path.peer, &slot->peer) || arrival.path.peer.port == 0) {
		udp->counters.in++;
		return 1;
	}
	read_control(&hdr->msg_hdr, &arrival);
	if (is_mixed(hatch, &arrival) || hdr->msg_hdr.msg_flags & MSG_TRUNC) {
		udp->counters.in++;
		udp->counters.truncated += (hdr->msg_hdr.msg_flags & MSG_TRUNC) != 0;
		return 1;
	}
	return take_arrival(hatch, &arrival, slot->iov.iov_base, hdr->msg_len);
}

static void
on_readable(evutil_socket_t fd, short what, void *ctx)
{
	const struct hatch *hatch = ctx;
	struct udp *udp = hatch->door->udp;
	unsigned count = udp->in_count, taken = 0;

	(void)what;
	while (count == udp->in_count && taken < TURN) {
		int n = recvmmsg(fd, udp->in_hdr, udp->in_count, MSG_DONTWAIT, NULL);

		if (n <= 0)
			break; /* EAGAIN, or an ICMP error of a peer that has gone: both are not
				  ours */
		count = (unsigned)n;
		for (unsigned i = 0; i < count; i++)
			taken += take_message(hatch, &udp->in_hdr[i], &udp->in[i]);
		reset_in(udp, count);
	}
	/* of all batches at once: the more of a session's frames leave by one write, the less each
	 * of them costs */
	udp->calls.batch_end(udp->calls.ctx);
}

/* ── out ────────────────────────────────────────────────────────────────────────────────── */

/* The socket bound to this very address, else the one bound to all of the family. */
static struct door *
door_for(struct udp *udp, const struct lns_addr *local)
{
	struct door *any = NULL;

	for (size_t i = 0; i < udp->count; i++) {
		struct door *door = &udp->doors[i];

		if (door->bound.family != local->family)
			continue;
		if (memcmp(door->bound.ip, local->ip, sizeof(local->ip)) == 0)
			return door;
		if (addr_any(&door->bound))
			any = door;
	}
	return any;
}

/* How many of those that wait can leave at once: a batch at most, by one socket, all with or all
 * without a checksum. */
static unsigned
run_length(const struct door *door)
{
	const struct parcel *parcels = door->out + door->first;
	unsigned most = door->count < TRAINS_MAX ? (unsigned)door->count : TRAINS_MAX;
	unsigned n = 1;

	while (n < most && parcels[n].hatch == parcels[0].hatch &&
	       parcels[n].no_checksum == parcels[0].no_checksum)
		n++;
	return n;
}

/* The socket that the first of those that wait leaves by, told whether checksums are wanted: only
 * when that changes, because it is a system call. A kernel that refuses goes on computing them. */
static int
ready_hatch(const struct door *door)
{
	const struct parcel *parcel = &door->out[door->first];
	struct hatch *hatch = &door->hatches[parcel->hatch];
	int no_checksum = parcel->no_checksum;

	if (hatch->no_checksum != parcel->no_checksum) {
		setsockopt(hatch->fd, SOL_SOCKET, SO_NO_CHECK, &no_checksum, sizeof(no_checksum));
		hatch->no_checksum = parcel->no_checksum;
	}
	return hatch->fd;
}

static void on_writable(evutil_socket_t fd, short what, void *ctx);

static void
wait_for_room(struct door *door, int fd)
{
	door->blocked = event_assign(door->writable, door->udp->base, fd, EV_WRITE, on_writable,
				     door) == 0 &&
			event_add(door->writable, NULL) == 0;
}

static void
leave(struct door *door, size_t count)
{
	door->first += count;
	door->count -= count;
	door->alone -= door->alone < count ? door->alone : count;
}

/* What sendmmsg() gave for the door's first parcels, made into udp->trains. */
static void
note_sent(struct door *door, int messages)
{
	struct udp *udp = door->udp;
	size_t parcels = 0;

	for (int i = 0; i < messages; i++)
		parcels += udp->trains.hdr[i].msg_hdr.msg_iovlen;
	udp->counters.out += parcels;
	leave(door, parcels);
}

/*
 * The first message cannot leave. One datagram: no buffer, no route, no such source … A train:
 * there is ESP on the way, a small MTU, a device that cannot, or one of those; each on its own
 * tells.
 */
static void
note_refused(struct door *door)
{
	struct udp *udp = door->udp;

	if (udp->trains.hdr[0].msg_hdr.msg_iovlen > 1) {
		door->alone = ALONE;
		return;
	}
	udp->counters.failed++;
	leave(door, 1);
}

static void
flush_door(struct door *door)
{
	struct udp *udp = door->udp;

	while (door->count && !door->blocked) {
		const struct train_rules rules = {.alone = door->alone > 0,
						  .with_mark = udp->group == 1};
		int fd = ready_hatch(door);
		unsigned messages =
			trains_make(&udp->trains, door->out + door->first, run_length(door), rules);
		int n = sendmmsg(fd, udp->trains.hdr, messages, MSG_DONTWAIT);

		if (n > 0)
			note_sent(door, n);
		else if (n < 0 && (errno == EAGAIN || errno == EINTR))
			wait_for_room(door, fd);
		else
			note_refused(door);
	}
	if (door->count == 0)
		door->first = 0;
}

static void
on_writable(evutil_socket_t fd, short what, void *ctx)
{
	struct door *door = ctx;

	(void)fd;
	(void)what;
	door->blocked = false;
	flush_door(door);
}

void
udp_flush(struct udp *udp)
{
	for (size_t i = 0; i < udp->count; i++)
		flush_door(&udp->doors[i]);
}

/* The one of a group that sends with the mark; past the group's end when none does. */
static size_t
hatch_for(const struct udp *udp, uint32_t mark)
{
	return udp->group > 1 && mark ? mark - udp->mark_base : 0;
}

void
udp_send(struct udp *udp, const struct lns_path *path, const struct udp_manner *manner,
	 const uint8_t *bytes, size_t len)
{
	struct door *door = door_for(udp, &path->local);
	size_t hatch = hatch_for(udp, path->mark);
	struct parcel *parcel;

	if (!door || hatch >= udp->group || len > PARCEL_MAX) {
		udp->counters.failed++;
		return;
	}
	if (door->count >= BATCH)
		flush_door(door);
	/* a frame that is lost is the session's own trouble, a message that is lost the whole
	 * tunnel's */
	if (door->first + door->count >= (manner->data ? QUEUE - RESERVED : QUEUE)) {
		udp->counters.dropped++;
		return;
	}
	parcel = &door->out[door->first + door->count];
	parcel->path = *path;
	parcel->hatch = hatch;
	parcel->len = len;
	parcel->dscp = manner->dscp;
	parcel->no_checksum = manner->no_checksum && path->local.family == 4;
	memcpy(parcel->bytes, bytes, len);
	door->count++;
}

/* ── taps ───────────────────────────────────────────────────────────────────────────────── */

struct udp_tap {
	struct hatch hatch;
};

struct udp_tap *
udp_tap_open(struct udp *udp, const struct lns_addr *local, int fd)
{
	struct udp_tap *tap = calloc(1, sizeof(*tap));

	if (tap)
		tap->hatch = (struct hatch){.door = door_for(udp, local), .fd = fd};
	if (tap && tap->hatch.door)
		tap->hatch.readable =
			event_new(udp->base, fd, EV_READ | EV_PERSIST, on_readable, &tap->hatch);
	if (tap && tap->hatch.readable && event_add(tap->hatch.readable, NULL) == 0)
		return tap;
	if (tap && tap->hatch.readable)
		event_free(tap->hatch.readable);
	free(tap);
	close(fd);
	return NULL;
}

void
udp_tap_close(struct udp_tap *tap)
{
	event_free(tap->hatch.readable);
	close(tap->hatch.fd);
	free(tap);
}

/* ── life ───────────────────────────────────────────────────────────────────────────────── */

static bool
open_door(struct door *door)
{
	struct event_base *base = door->udp->base;
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);

	if (getsockname(door->hatches[0].fd, (struct sockaddr *)&sa, &len) < 0 ||
	    !addr_from_sockaddr(&door->bound, &sa))
		return false;
	/* what a kernel before 5.0 does not know, it need not do */
	if (door->udp->in_trains)
		setsockopt(door->hatches[0].fd, SOL_UDP, UDP_GRO, &(int){1}, sizeof(int));
	door->out = calloc(QUEUE, sizeof(*door->out));
	door->writable = event_new(base, door->hatches[0].fd, EV_WRITE, on_writable, door);
	if (!door->out || !door->writable)
		return false;
	for (size_t i = 0; i < door->udp->group; i++) {
		struct hatch *hatch = &door->hatches[i];

		hatch->door = door;
		hatch->mark = i ? door->udp->mark_base + (uint32_t)i : 0;
		hatch->readable =
			event_new(base, hatch->fd, EV_READ | EV_PERSIST, on_readable, hatch);
		if (!hatch->readable || event_add(hatch->readable, NULL) < 0)
			return false;
	}
	return true;
}

/* Takes the descriptors when it succeeds. */
static struct udp *
make(struct event_base *base, const struct udp_sockets *sockets)
{
	struct udp *udp = calloc(1, sizeof(*udp));

	if (!udp)
		return NULL;
	udp->base = base;
	udp->group = sockets->group;
	udp->mark_base = sockets->mark_base;
	udp->in_trains = sockets->trains && sockets->group == 1;
	udp->in_count = udp->in_trains ? TRAINS : BATCH;
	udp->in_room = udp->in_trains ? TRAIN : DATAGRAM;
	udp->in_bytes = malloc(udp->in_count * udp->in_room);
	udp->doors = calloc(sockets->count / sockets->group + 1, sizeof(*udp->doors));
	udp->hatches = calloc(sockets->count + 1, sizeof(*udp->hatches));
	if (!udp->in_bytes || !udp->doors || !udp->hatches) {
		udp_free(udp);
		return NULL;
	}
	/* all of it is there from the start, and no flood finds more to take */
	memset(udp->in_bytes, 0xff, udp->in_count * udp->in_room);
	reset_in(udp, udp->in_count);
	udp->count = sockets->count / sockets->group;
	for (size_t i = 0; i < sockets->count; i++)
		udp->hatches[i].fd = sockets->fds[i];
	for (size_t i = 0; i < udp->count; i++) {
		udp->doors[i].udp = udp;
		udp->doors[i].hatches = &udp->hatches[i * udp->group];
	}
	free(sockets->fds);
	return udp;
}

struct udp *
udp_new(struct event_base *base, const struct udp_sockets *sockets, const struct udp_calls *calls)
{
	struct udp *udp = make(base, sockets);
	bool ok = true;

	if (!udp) {
		udp_sockets_close(sockets);
		log_error("udp: out of memory");
		return NULL;
	}
	udp->calls = *calls;
	for (size_t i = 0; ok && i < udp->count; i++)
		ok = open_door(&udp->doors[i]);
	if (ok)
		return udp;
	log_error("udp: cannot serve a listening socket");
	udp_free(udp);
	return NULL;
}

void
udp_free(struct udp *udp)
{
	if (!udp)
		return;
	for (size_t i = 0; i < udp->count * udp->group; i++) {
		if (udp->hatches[i].readable)
			event_free(udp->hatches[i].readable);
		close(udp->hatches[i].fd);
	}
	for (size_t i = 0; i < udp->count; i++) {
		struct door *door = &udp->doors[i];

		if (door->writable)
			event_free(door->writable);
		free(door->out);
	}
	free(udp->hatches);
	free(udp->doors);
	free(udp->in_bytes);
	free(udp);
}

bool
udp_source(const struct udp *udp, uint16_t family, struct lns_addr *local)
{
	for (size_t i = 0; i < udp->count; i++) {
		if (udp->doors[i].bound.family != family)
			continue;
		*local = udp->doors[i].bound;
		return true;
	}
	return false;
}

size_t
udp_count(const struct udp *udp)
{
	return udp->count;
}

const struct lns_addr *
udp_bound(const struct udp *udp, size_t i)
{
	return &udp->doors[i].bound;
}

struct udp_counters
udp_counters(const struct udp *udp)
{
	return udp->counters;
}
