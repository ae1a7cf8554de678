/* See lns_fixture.h. */
#include "lns_fixture.h"

/* splitmix64: the same ids in every run */
static void
fill_random(void *ctx, void *out, size_t len)
{
	struct rig *rig = ctx;
	uint8_t *p = out;

	for (size_t i = 0; i < len; i++) {
		uint64_t z = rig->random += UINT64_C(0x9e3779b97f4a7c15);

		z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
		p[i] = (uint8_t)(z >> 56);
	}
}

void
rig_open(struct rig *rig)
{
	*rig = (struct rig){
		.now = 1000000,
		.random = 4711,
		.conf = {.host_name = "lns.example",
			 .vendor = "lnsd",
			 .firmware = 0x0100,
			 .hello = 60000,
			 .half_open = 30000,
			 .session_setup = 60000,
			 .max_tunnels = 10,
			 .max_sessions = 20,
			 .max_half_open = 5,
			 .window = 8},
	};
	rig_start(rig);
}

void
rig_start(struct rig *rig)
{
	lns_free(rig->lns);
	rig->lns = lns_new(&rig->conf, fill_random, rig);
	ck_assert_ptr_nonnull(rig->lns);
}

void
rig_close(struct rig *rig)
{
	lns_free(rig->lns);
	rig->lns = NULL;
}

/* §3.1: T, L, S and version 2, nothing else, and the true length, in everything that is sent. */
static void
check_datagram(struct rig *rig)
{
	const struct lns_act *act = &rig->act;
	const struct msg_reading how = {.strict = true,
					.secret = (const uint8_t *)rig->secret,
					.secret_len = rig->secret ? strlen(rig->secret) : 0,
					.room = rig->room,
					.room_len = sizeof(rig->room)};
	struct l2tp_fault fault;

	ck_assert_uint_ge(act->len, L2TP_CONTROL_HEADER);
	ck_assert_uint_le(act->len, sizeof(rig->bytes));
	memcpy(rig->bytes, act->bytes, act->len);
	rig->act.bytes = rig->bytes;
	ck_assert_uint_eq(rig->bytes[0] << 8 | rig->bytes[1], L2TP_CONTROL_FLAGS);
	ck_assert_uint_eq((unsigned)(rig->bytes[2] << 8 | rig->bytes[3]), act->len);
	ck_assert(header_read(&rig->head, rig->bytes, act->len));
	ck_assert(msg_decode(&rig->msg, rig->head.body, rig->head.len, &how, &fault));
	ck_assert_uint_eq(rig->msg.ignored, 0);
}

const struct lns_act *
rig_next(struct rig *rig)
{
	const struct lns_act *act = lns_next_act(rig->lns);

	if (!act)
		return NULL;
	rig->act = *act;
	if (act->kind == LNS_ACT_SEND)
		check_datagram(rig);
	return &rig->act;
}

const struct lns_act *
rig_expect(struct rig *rig, enum lns_act_kind kind)
{
	const struct lns_act *act = rig_next(rig);

	ck_assert_ptr_nonnull(act);
	ck_assert_int_eq(act->kind, kind);
	return act;
}

void
rig_expect_end(struct rig *rig, enum lns_act_kind kind, enum cause cause, enum closed_by by,
	       const char *text)
{
	const struct lns_act *act = rig_expect(rig, kind);

	ck_assert_int_eq(act->cause, cause);
	ck_assert_int_eq(act->by, by);
	if (text)
		ck_assert_str_eq(act->text, text);
}

void
rig_expect_nothing(struct rig *rig)
{
	const struct lns_act *act = rig_next(rig);

	if (act)
		ck_abort_msg("unexpected action %d (message %u)", act->kind, rig->msg.type);
}

void
rig_drain(struct rig *rig)
{
	while (rig_next(rig))
		;
}

void
rig_run(struct rig *rig, mstime_t until)
{
	mstime_t due;

	while ((due = lns_deadline(rig->lns)) <= until) {
		rig->now = due > rig->now ? due : rig->now;
		lns_tick(rig->lns, rig->now);
		rig_drain(rig);
	}
	rig->now = until;
	lns_tick(rig->lns, rig->now);
}

struct lns_counters
rig_count(const struct rig *rig)
{
	return lns_counters(rig->lns);
}

void
lac_init(struct lac *lac, struct rig *rig, uint8_t host)
{
	*lac = (struct lac){.rig = rig,
			    .tid = (uint16_t)(100 + host),
			    .host_name = "lac",
			    .host_name_len = 3,
			    .vendor = "",
			    .window = 4};
	lac->path.local = (struct lns_addr){.ip = {198, 51, 100, 1}, .port = 1701, .family = 4};
	lac->path.peer = (struct lns_addr){.ip = {192, 0, 2, host}, .port = 1701, .family = 4};
}

struct l2tp_msg
lac_sccrq(const struct lac *lac)
{
	struct l2tp_msg msg = {.type = MSG_SCCRQ,
			       .has = HAS(PROTOCOL_VERSION) | HAS(FRAMING_CAPS) | HAS(HOST_NAME) |
				      HAS(ASSIGNED_TUNNEL),
			       .protocol_version = L2TP_PROTOCOL_VERSION,
			       .framing_caps = 3,
			       .assigned_tunnel = lac->tid,
			       .window = lac->window,
			       .firmware = lac->firmware};

	msg.host_name = (struct l2tp_bytes){(const uint8_t *)lac->host_name, lac->host_name_len};
	msg.vendor_name = (struct l2tp_bytes){(const uint8_t *)lac->vendor, strlen(lac->vendor)};
	if (lac->vendor[0])
		msg.has |= HAS(VENDOR_NAME);
	if (lac->window)
		msg.has |= HAS(RECEIVE_WINDOW);
	if (lac->firmware)
		msg.has |= HAS(FIRMWARE);
	return msg;
}

struct l2tp_msg
lac_icrq(const struct lac *lac, uint16_t peer_sid)
{
	return (struct l2tp_msg){.type = MSG_ICRQ,
				 .has = HAS(ASSIGNED_SESSION) | HAS(CALL_SERIAL),
				 .assigned_session = peer_sid,
				 .call_serial = lac->serial};
}

struct l2tp_msg
lac_iccn(void)
{
	return (struct l2tp_msg){.type = MSG_ICCN,
				 .has = HAS(TX_SPEED) | HAS(FRAMING_TYPE),
				 .tx_speed = 1000000,
				 .framing_type = 1};
}

size_t
lac_body(const struct l2tp_msg *msg, uint8_t *body, size_t cap)
{
	uint8_t whole[4096];
	size_t len = msg_encode(msg, 0, 0, NULL, whole, sizeof(whole));

	ck_assert_uint_ge(len, L2TP_CONTROL_HEADER);
	len -= L2TP_CONTROL_HEADER;
	ck_assert_uint_le(len, cap);
	memcpy(body, whole + L2TP_CONTROL_HEADER, len);
	return len;
}

enum lns_verdict
lac_send_as(struct lac *lac, uint16_t tid, uint16_t sid, uint16_t ns, uint16_t nr,
	    const uint8_t *body, size_t len)
{
	uint8_t bytes[4096];
	struct wr w = wr_init(bytes, sizeof(bytes));
	struct lns_data data;

	wr_u16(&w, L2TP_CONTROL_FLAGS);
	wr_u16(&w, (uint16_t)(L2TP_CONTROL_HEADER + len));
	wr_u16(&w, tid);
	wr_u16(&w, sid);
	wr_u16(&w, ns);
	wr_u16(&w, nr);
	wr_bytes(&w, body, len);
	ck_assert(!w.bad);
	return lns_input(lac->rig->lns, lac->rig->now, &lac->path, bytes, wr_len(&w), &data);
}

enum lns_verdict
lac_send_body(struct lac *lac, uint16_t sid, const uint8_t *body, size_t len)
{
	return lac_send_as(lac, lac->lns_tid, sid, lac->ns++, lac->nr, body, len);
}

enum lns_verdict
lac_send(struct lac *lac, const struct l2tp_msg *msg, uint16_t sid)
{
	uint8_t body[2048];
	size_t len = lac_body(msg, body, sizeof(body));

	return lac_send_body(lac, sid, body, len);
}

enum lns_verdict
lac_send_type(struct lac *lac, unsigned type, uint16_t sid)
{
	struct l2tp_msg msg = {.type = (uint16_t)type};

	return lac_send(lac, &msg, sid);
}

enum lns_verdict
lac_zlb(struct lac *lac)
{
	return lac_send_as(lac, lac->lns_tid, 0, lac->ns, lac->nr, NULL, 0);
}

enum lns_verdict
lac_data(struct lac *lac, uint16_t sid)
{
	uint8_t bytes[16] = {0x00, 0x02};
	struct wr w = wr_init(bytes, sizeof(bytes));
	struct lns_data data;

	wr_u16(&w, 2);
	wr_u16(&w, lac->lns_tid);
	wr_u16(&w, sid);
	wr_u32(&w, 0xff03c021);
	return lns_input(lac->rig->lns, lac->rig->now, &lac->path, bytes, wr_len(&w), &data);
}

void
lac_expect_datagram(struct lac *lac)
{
	const struct lns_act *act = rig_expect(lac->rig, LNS_ACT_SEND);

	ck_assert(lns_path_eq(&act->path, &lac->path));
	ck_assert_uint_eq(lac->rig->head.tid, lac->tid);
}

const struct l2tp_msg *
lac_expect(struct lac *lac, unsigned type)
{
	lac_expect_datagram(lac);
	ck_assert_str_eq(l2tp_type_name(lac->rig->msg.type), l2tp_type_name(type));
	ck_assert_uint_eq(lac->rig->head.ns, lac->nr);
	ck_assert_uint_eq(lac->rig->head.nr, lac->ns);
	lac->nr++;
	return &lac->rig->msg;
}

void
lac_expect_zlb(struct lac *lac)
{
	lac_expect_datagram(lac);
	ck_assert_str_eq(l2tp_type_name(lac->rig->msg.type), "ZLB");
	ck_assert_uint_eq(lac->rig->head.sid, 0);
	ck_assert_uint_eq(lac->rig->head.nr, lac->ns);
}

const struct l2tp_msg *
lac_expect_refusal(struct lac *lac, uint16_t tid, unsigned result, unsigned error, const char *text)
{
	const struct l2tp_msg *stop = &lac->rig->msg;
	const struct lns_act *act = rig_expect(lac->rig, LNS_ACT_SEND);

	ck_assert(lns_path_eq(&act->path, &lac->path));
	ck_assert_str_eq(l2tp_type_name(stop->type), "StopCCN");
	ck_assert_uint_eq(lac->rig->head.tid, tid);
	ck_assert_uint_eq(lac->rig->head.sid, 0);
	ck_assert_uint_eq(lac->rig->head.ns, 0);
	ck_assert_uint_eq(lac->rig->head.nr, 1);
	ck_assert_uint_ne(stop->assigned_tunnel, 0);
	ck_assert_uint_eq(stop->result.result, result);
	ck_assert_uint_eq(stop->result.error, error);
	if (text) {
		ck_assert_uint_eq(stop->result.text.len, strlen(text));
		ck_assert_mem_eq(stop->result.text.p, text, strlen(text));
	}
	return stop;
}

void
lac_expect_cdn(struct lac *lac, uint16_t peer_sid, unsigned result, unsigned error)
{
	const struct l2tp_msg *cdn = lac_expect(lac, MSG_CDN);

	ck_assert(MSG_HAS(cdn, AVP_RESULT_CODE));
	ck_assert(MSG_HAS(cdn, AVP_ASSIGNED_SESSION));
	ck_assert_uint_ne(cdn->assigned_session, 0);
	ck_assert_uint_eq(cdn->result.result, result);
	ck_assert_uint_eq(cdn->result.error, error);
	ck_assert_uint_eq(lac->rig->head.sid, peer_sid);
}

void
lac_connect(struct lac *lac)
{
	struct l2tp_msg msg = lac_sccrq(lac);

	ck_assert_int_eq(lac_send(lac, &msg, 0), LNS_TAKEN);
	lac->lns_tid = lac_expect(lac, MSG_SCCRP)->assigned_tunnel;
	ck_assert_int_eq(lac_send_type(lac, MSG_SCCCN, 0), LNS_TAKEN);
	rig_expect(lac->rig, LNS_ACT_TUNNEL_UP);
	lac_expect_zlb(lac);
}

struct lns_ref
lac_ask(struct lac *lac, uint16_t peer_sid)
{
	struct l2tp_msg msg = lac_icrq(lac, peer_sid);
	struct lns_ref ref;

	ck_assert_int_eq(lac_send(lac, &msg, 0), LNS_TAKEN);
	ref = rig_expect(lac->rig, LNS_ACT_PPP_START)->ref;
	ck_assert_uint_eq(lac_expect(lac, MSG_ICRP)->assigned_session, ref.sid);
	ck_assert_uint_eq(lac->rig->head.sid, peer_sid);
	return ref;
}

struct lns_ref
lac_call(struct lac *lac, uint16_t peer_sid)
{
	struct lns_ref ref = lac_ask(lac, peer_sid);
	struct l2tp_msg msg = lac_iccn();

	ck_assert_int_eq(lac_send(lac, &msg, ref.sid), LNS_TAKEN);
	ck_assert_uint_eq(rig_expect(lac->rig, LNS_ACT_PPP_GO)->ref.sid, ref.sid);
	lac_expect_zlb(lac);
	return ref;
}

void
avp_raw(struct wr *w, uint16_t bits, uint16_t vendor, uint16_t attr, const void *value, size_t len)
{
	wr_u16(w, (uint16_t)(bits | (6 + len)));
	wr_u16(w, vendor);
	wr_u16(w, attr);
	wr_bytes(w, value, len);
}
