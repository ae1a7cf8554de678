/*
 * The endpoint under a sequence of steps: datagrams from four paths, time, closes, frames,
 * shutdown, new limits, the SA of one path renewed, lost or in doubt. A step may aim at a live
 * tunnel or session, so that random bytes reach deep states. After each the actions are taken (or
 * not: some callers batch) and held against what the door promises.
 *
 * A step: one byte with the kind (bits 0-2), the path (3-4), the path of the tunnel aimed at
 * instead (5), do not take actions yet (7); then its own bytes. Bit 0 of the first byte of all:
 * end in good order, else free what lives.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "l2tp/avp.h"
#include "l2tp/data.h"

#define MAX_TUNNELS 6
#define MAX_SESSIONS 8
#define MAX_HALF_OPEN 3
#define MARK 7
/* more than steps of the longest input */
#define SERIALS 4096

enum step {
	STEP_RAW,
	STEP_BODY,
	STEP_SAY,
	STEP_DATA,
	STEP_TICK,
	STEP_CLOSE,
	STEP_ENCAP,
	STEP_ADMIN
};

struct world {
	struct lns *lns;
	struct lns_conf conf;
	struct rd in;
	mstime_t now;
	uint64_t random;
	uint8_t told[SERIALS]; /* bit (1 << kind) of the actions of each owner */
};

/* Whom a step is for; bits of one byte of the input. */
struct aim {
	struct lns_path path;
	const struct tunnel *tunnel;
	const struct session *session;
	uint16_t tid, sid, ns, nr;
};

/* A message that a peer can say. */
#define SAID_TYPES 20
struct said {
	size_t len;
	uint8_t bytes[1024];
};

static void
fill_random(void *ctx, void *out, size_t len)
{
	struct world *w = ctx;
	uint8_t *p = out;

	for (; len; p += sizeof(w->random), len -= sizeof(w->random)) {
		w->random = (w->random ^ w->random >> 29) * UINT64_C(6364136223846793005) + 1;
		if (len < sizeof(w->random)) {
			memcpy(p, &w->random, len);
			return;
		}
		/* a size that the compiler knows: no call */
		memcpy(p, &w->random, sizeof(w->random));
	}
}

static struct lns_path
path_of(unsigned i)
{
	struct lns_path path = {.mark = i == 3 ? MARK : 0};

	path.local = (struct lns_addr){.ip = {10, 0, 0, 1}, .port = 1701, .family = 4};
	path.peer = (struct lns_addr){.ip = {192, 0, 2, 1}, .port = 1701, .family = 4};
	if (i == 1)
		path.peer.ip[3] = 2;
	if (i == 2)
		path.peer.port = 1702;
	return path;
}

/* bits 0-1: which tunnel; 2: tunnel id 0; 3-4: Ns right, old, one or two ahead; 5: an old Nr; 6-7:
 * which session */
static struct aim
take_aim(struct world *w, uint8_t op)
{
	static const int shift[] = {0, -1, 1, 2};
	uint8_t bits = rd_u8(&w->in);
	struct aim aim = {.path = path_of(op >> 3 & 3)};
	const struct tunnel *t = w->lns->tunnels;

	for (unsigned i = bits & 3; t && t->next && i; i--)
		t = t->next;
	if (!t)
		return aim;
	aim.tunnel = t;
	if (op & 0x20)
		aim.path = t->path;
	aim.tid = bits & 4 ? 0 : t->tid;
	aim.ns = (uint16_t)(t->chan.nr + shift[bits >> 3 & 3]);
	aim.nr = bits & 0x20 ? t->chan.acked : t->chan.sent;
	if (bits & 0xc0) {
		const struct session *s = t->sessions;

		for (unsigned i = (bits >> 6) - 1u; s && s->next && i; i--)
			s = s->next;
		aim.session = s;
		aim.sid = s ? s->sid : 0;
	}
	return aim;
}

/* What the door promises of the actions of one tunnel or session: each at most once, an end last,
 * and GO and STOP only after START. */
static void
check_order(struct world *w, const struct lns_act *act)
{
	unsigned end = 1u << (act->ref.sid ? LNS_ACT_PPP_STOP : LNS_ACT_TUNNEL_DOWN);
	unsigned bit = 1u << act->kind;
	uint8_t *told;

	assert(act->ref.tid != 0 && act->ref.serial != 0 && act->ref.serial < SERIALS);
	assert(memchr(act->text, 0, sizeof(act->text)));
	told = &w->told[act->ref.serial];
	assert(!(*told & (bit | end)));
	if (act->kind == LNS_ACT_PPP_GO || act->kind == LNS_ACT_PPP_STOP)
		assert(*told & 1u << LNS_ACT_PPP_START);
	if (bit == end)
		assert(act->cause < CAUSE_COUNT && act->by < BY_COUNT);
	assert((act->kind >= LNS_ACT_PPP_START) == (act->ref.sid != 0));
	*told |= (uint8_t)bit;
}

static void
check_datagram(const struct lns_act *act)
{
	const struct msg_reading how = {.strict = true};
	struct l2tp_header h;
	struct l2tp_msg msg;
	struct l2tp_fault fault;

	assert(act->len >= L2TP_CONTROL_HEADER && act->len <= 1024);
	assert((act->bytes[0] << 8 | act->bytes[1]) == L2TP_CONTROL_FLAGS);
	assert((size_t)(act->bytes[2] << 8 | act->bytes[3]) == act->len);
	assert(header_read(&h, act->bytes, act->len));
	assert(msg_decode(&msg, h.body, h.len, &how, &fault) && !msg.ignored);
}

static void
drain(struct world *w)
{
	const struct lns_act *act;

	while ((act = lns_next_act(w->lns)) != NULL) {
		if (act->kind == LNS_ACT_SEND)
			check_datagram(act);
		else
			check_order(w, act);
	}
}

static void
count_tunnel(void *ctx, const struct lns_tunnel_info *info)
{
	struct lns_counters *c = ctx;

	assert(info->ref.tid && info->host_name && info->state && info->cwnd <= info->window);
	c->tunnels--;
	c->half_open -= info->half_open;
}

static void
count_session(void *ctx, const struct lns_tunnel_info *tunnel, const struct lns_session_info *info)
{
	struct lns_counters *c = ctx;

	assert(info->ref.sid && info->ref.tid == tunnel->ref.tid && tunnel->sessions);
	c->sessions--;
}

static void
check_bounds(const struct world *w)
{
	struct lns_counters c = lns_counters(w->lns);
	bool used = false;

	assert(c.tunnels <= MAX_TUNNELS && c.half_open <= c.tunnels);
	assert(c.half_open <= MAX_HALF_OPEN && c.sessions <= MAX_SESSIONS);
	assert(w->lns->timers.count <= c.tunnels + c.sessions);
	lns_walk_tunnels(w->lns, count_tunnel, &c);
	lns_walk_sessions(w->lns, count_session, &c);
	assert(c.tunnels == 0 && c.half_open == 0 && c.sessions == 0);
	for (const struct tunnel *t = w->lns->tunnels; t; t = t->next)
		used |= t->path.mark == MARK && t->state != T_LINGER;
	assert(lns_uses(w->lns, MARK) == used);
}

static void
input(struct world *w, const struct lns_path *path, const uint8_t *bytes, size_t len)
{
	struct lns_data data;
	uint8_t *exact = malloc(len ? len : 1);

	if (!exact)
		return;
	if (len)
		memcpy(exact, bytes, len);
	if (lns_input(w->lns, w->now, path, exact, len, &data) == LNS_DATA) {
		assert(data.len > 0 && data.frame > exact);
		assert(data.frame + data.len <= exact + len && data.ref.sid);
	}
	free(exact);
}

static void
step_raw(struct world *w, uint8_t op)
{
	size_t len = rd_u8(&w->in);
	struct lns_path path = path_of(op >> 3 & 3);

	len = len < rd_left(&w->in) ? len : rd_left(&w->in);
	input(w, &path, rd_bytes(&w->in, len), len);
}

static void
send_with_header(struct world *w, const struct aim *aim, const uint8_t *body, size_t len)
{
	uint8_t bytes[4096];
	struct wr out = wr_init(bytes, sizeof(bytes));

	wr_u16(&out, L2TP_CONTROL_FLAGS);
	wr_u16(&out, (uint16_t)(L2TP_CONTROL_HEADER + len));
	wr_u16(&out, aim->tid);
	wr_u16(&out, aim->sid);
	wr_u16(&out, aim->ns);
	wr_u16(&out, aim->nr);
	wr_bytes(&out, body, len);
	input(w, &aim->path, bytes, wr_len(&out));
}

static void
step_body(struct world *w, uint8_t op)
{
	struct aim aim = take_aim(w, op);
	size_t len = rd_u8(&w->in);

	len = len < rd_left(&w->in) ? len : rd_left(&w->in);
	send_with_header(w, &aim, rd_bytes(&w->in, len), len);
}

/* What a message says: a byte with the id that it assigns (bits 0-2), what it may leave out (3-5)
 * and what kind of client speaks (6-7). */
static struct said
compose(unsigned type, uint8_t bits)
{
	static const uint64_t needless =
		UINT64_C(1) << AVP_CHALLENGE | UINT64_C(1) << AVP_RANDOM_VECTOR;
	static const char *const names[] = {"lac", "anonymous", "phone", "other"};
	struct l2tp_msg msg = {.type = (uint16_t)type, .protocol_version = 0x100};
	struct said said;

	msg.host_name = (struct l2tp_bytes){(const uint8_t *)names[bits >> 6],
					    strlen(names[bits >> 6]) + (bits >> 6 == 2)};
	msg.window = bits >> 6 == 1 ? 1 : 4;
	msg.assigned_tunnel = msg.assigned_session = bits & 7;
	msg.challenge = msg.proxy_auth_challenge = msg.response = msg.host_name;
	for (uint16_t attr = 1; attr < AVP_ATTR_END; attr++)
		if (avp_rule(attr) && !(bits & 0x20 && !avp_rule(attr)->mandatory) &&
		    !(bits & 0x10 && attr % 5 == 0) && attr != AVP_RESPONSE)
			msg.has |= UINT64_C(1) << attr;
	if (!(bits & 0x08))
		msg.has &= ~needless & ~(UINT64_C(1) << AVP_SEQUENCING_REQUIRED);
	said.len = msg_encode(&msg, 0, 0, NULL, said.bytes, sizeof(said.bytes));
	assert(said.len);
	return said;
}

/* A whole message of the type given. Each is composed once: half of the time went there. */
static void
step_say(struct world *w, uint8_t op)
{
	static struct said all[SAID_TYPES][256];
	struct aim aim = take_aim(w, op);
	unsigned type = rd_u8(&w->in) % SAID_TYPES;
	uint8_t bits = rd_u8(&w->in);
	struct said *said = &all[type][bits];

	if (!said->len)
		*said = compose(type, bits);
	if (aim.tid == 0 && !(op & 0x40))
		aim.ns = aim.nr = 0;
	send_with_header(w, &aim, said->bytes + L2TP_CONTROL_HEADER,
			 said->len - L2TP_CONTROL_HEADER);
}

static void
step_data(struct world *w, uint8_t op)
{
	struct aim aim = take_aim(w, op);
	uint8_t bytes[300];
	struct wr out = wr_init(bytes, sizeof(bytes));
	size_t len = rd_u8(&w->in);

	len = len < rd_left(&w->in) ? len : rd_left(&w->in);
	wr_u16(&out, 2);
	wr_u16(&out, aim.tid);
	wr_u16(&out, aim.sid);
	wr_bytes(&out, rd_bytes(&w->in, len), len);
	input(w, &aim.path, bytes, wr_len(&out));
}

static void
step_tick(struct world *w, uint8_t op)
{
	w->now += op & 0x40 ? rd_u16(&w->in) * 16 : rd_u8(&w->in) * 125;
	lns_tick(w->lns, w->now);
	drain(w);
	/* or the caller would spin */
	assert(lns_deadline(w->lns) > w->now);
}

static struct lns_ref
ref_of(const struct aim *aim)
{
	struct lns_ref ref = {.tid = aim->tid, .sid = aim->sid};

	if (aim->session)
		ref.serial = aim->session->serial;
	else if (aim->tunnel)
		ref.serial = aim->tunnel->serial;
	return ref;
}

static void
step_close(struct world *w, uint8_t op)
{
	struct aim aim = take_aim(w, op);
	enum cause cause = (enum cause)(rd_u8(&w->in) % CAUSE_COUNT);

	lns_close(w->lns, w->now, ref_of(&aim), cause, BY_SERVER, op & 0x40 ? "closed" : NULL);
}

static void
step_encap(struct world *w, uint8_t op)
{
	struct aim aim = take_aim(w, op);
	uint8_t frame[LNS_HEADROOM + 1] = {0};
	struct lns_way way = {0};
	size_t len = lns_encap(w->lns, ref_of(&aim), frame + LNS_HEADROOM, 1, &way);

	assert(len == 0 || len == 6 || len == 10);
	assert((len > 0) == (aim.session && aim.session->state == S_ESTABLISHED && aim.tid));
	assert(len == 0 || lns_path_eq(way.path, &aim.tunnel->path));
}

/* What the keeper says of the one SA. */
static void
step_sa(struct world *w, bool lost)
{
	if (lost)
		lns_lost(w->lns, w->now, MARK);
	else
		lns_renewed(w->lns, w->now, MARK);
	for (const struct tunnel *t = w->lns->tunnels; t; t = t->next)
		assert(t->path.mark != MARK || (!lost && t->unheard));
	assert(!lost || !lns_uses(w->lns, MARK));
}

static void
step_admin(struct world *w, uint8_t op)
{
	uint8_t bits = rd_u8(&w->in);

	(void)op;
	if (bits == 0x55) {
		lns_shutdown(w->lns, w->now);
		return;
	}
	if (bits >= 0xfe) {
		step_sa(w, bits & 1);
		return;
	}
	if (bits == 0xfd) {
		lns_probe(w->lns, w->now, MARK);
		return;
	}
	w->conf.max_tunnels = bits & 1 ? MAX_TUNNELS / 2 : MAX_TUNNELS;
	w->conf.max_sessions = bits & 2 ? MAX_SESSIONS / 2 : MAX_SESSIONS;
	w->conf.max_half_open = bits & 4 ? 1 : MAX_HALF_OPEN;
	w->conf.hello = bits & 8 ? 1000 : 60000;
	w->conf.avp_strict = bits & 16;
	w->conf.window = bits & 32 ? 1 : 4;
	lns_reconf(w->lns, &w->conf);
}

static void (*const steps[])(struct world *, uint8_t) = {
	[STEP_RAW] = step_raw,	   [STEP_BODY] = step_body,   [STEP_SAY] = step_say,
	[STEP_DATA] = step_data,   [STEP_TICK] = step_tick,   [STEP_CLOSE] = step_close,
	[STEP_ENCAP] = step_encap, [STEP_ADMIN] = step_admin,
};

/* Time runs out for all of it: nothing stays, and everything that began has ended. */
static void
end_in_order(struct world *w)
{
	lns_shutdown(w->lns, w->now);
	drain(w);
	for (unsigned i = 0; lns_deadline(w->lns) != MSTIME_NEVER; i++) {
		assert(i < 1000);
		w->now = lns_deadline(w->lns);
		lns_tick(w->lns, w->now);
		drain(w);
	}
	assert(lns_quiet(w->lns));
	assert(lns_counters(w->lns).tunnels == 0 && lns_counters(w->lns).sessions == 0);
	assert(lns_counters(w->lns).half_open == 0 && w->lns->timers.count == 0);
	for (unsigned i = 0; i <= w->lns->serial; i++) {
		assert(!(w->told[i] & 1u << LNS_ACT_PPP_START) ||
		       w->told[i] & 1u << LNS_ACT_PPP_STOP);
		assert(!(w->told[i] & 1u << LNS_ACT_TUNNEL_UP) ||
		       w->told[i] & 1u << LNS_ACT_TUNNEL_DOWN);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world *w;
	uint8_t order;

	if (size < 2 || size > 8192)
		return 0;
	w = calloc(1, sizeof(*w));
	assert(w);
	w->in = rd_init(data, size);
	w->now = 1000;
	w->conf = (struct lns_conf){.host_name = "lns",
				    .vendor = "v",
				    .hello = 60000,
				    .half_open = 30000,
				    .session_setup = 60000,
				    .max_tunnels = MAX_TUNNELS,
				    .max_sessions = MAX_SESSIONS,
				    .max_half_open = MAX_HALF_OPEN,
				    .window = 4};
	w->lns = lns_new(&w->conf, fill_random, w);
	assert(w->lns);
	order = rd_u8(&w->in);
	while (rd_left(&w->in)) {
		uint8_t op = rd_u8(&w->in);

		steps[op & 7](w, op);
		if (!(op & 0x80))
			drain(w);
		check_bounds(w);
	}
	if (order & 1)
		end_in_order(w);
	lns_free(w->lns);
	free(w);
	return 0;
}
