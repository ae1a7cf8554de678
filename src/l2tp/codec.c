/* Values of AVPs. A result of an over-short read is 0 (wire.h); lengths are the rules' business. */
#include "l2tp/codec.h"

static struct l2tp_bytes
rest_of(struct rd *r)
{
	size_t len = rd_left(r);

	return (struct l2tp_bytes){.p = rd_bytes(r, len), .len = len};
}

static void
get_u16(struct rd *r, void *out)
{
	*(uint16_t *)out = rd_u16(r);
}

static void
get_u32(struct rd *r, void *out)
{
	*(uint32_t *)out = rd_u32(r);
}

static void
get_u64(struct rd *r, void *out)
{
	*(uint64_t *)out = rd_u64(r);
}

static void
get_bytes(struct rd *r, void *out)
{
	*(struct l2tp_bytes *)out = rest_of(r);
}

static void
get_flag(struct rd *r, void *out)
{
	(void)r;
	(void)out;
}

/*
 * §4.4.2: two, four or more bytes. One family of clients writes both codes in its own byte order: a
 * code above 255 whose low byte is zero can be nothing else, since the defined ones end at 11.
 */
static uint16_t
result_value(uint16_t v)
{
	return v > 0xff && !(v & 0xff) ? (uint16_t)(v >> 8) : v;
}

static void
get_result(struct rd *r, void *out)
{
	struct l2tp_result_code *code = out;

	code->result = result_value(rd_u16(r));
	if (rd_left(r) >= 2)
		code->error = result_value(rd_u16(r));
	code->text = rest_of(r);
}

static void
get_q931(struct rd *r, void *out)
{
	struct l2tp_q931 *q = out;

	q->cause = rd_u16(r);
	q->message = rd_u8(r);
	q->text = rest_of(r);
}

static void
get_call_errors(struct rd *r, void *out)
{
	struct l2tp_call_errors *e = out;

	(void)rd_u16(r); /* reserved */
	e->crc = rd_u32(r);
	e->framing = rd_u32(r);
	e->hardware = rd_u32(r);
	e->buffer = rd_u32(r);
	e->timeout = rd_u32(r);
	e->alignment = rd_u32(r);
}

static void
get_accm(struct rd *r, void *out)
{
	struct l2tp_accm *a = out;

	(void)rd_u16(r); /* reserved */
	a->send = rd_u32(r);
	a->receive = rd_u32(r);
}

static void
get_disconnect(struct rd *r, void *out)
{
	struct l2tp_disconnect *d = out;

	d->code = rd_u16(r);
	d->protocol = rd_u16(r);
	d->direction = rd_u8(r);
	d->text = rest_of(r);
}

static void
get_speed(struct rd *r, void *out)
{
	struct l2tp_speed *s = out;

	(void)rd_u16(r); /* reserved */
	s->sid = rd_u16(r);
	s->tx = rd_u32(r);
	s->rx = rd_u32(r);
}

static void
put_u16(struct wr *w, const void *in)
{
	wr_u16(w, *(const uint16_t *)in);
}

static void
put_u32(struct wr *w, const void *in)
{
	wr_u32(w, *(const uint32_t *)in);
}

static void
put_u64(struct wr *w, const void *in)
{
	wr_u64(w, *(const uint64_t *)in);
}

static void
put_bytes(struct wr *w, const void *in)
{
	const struct l2tp_bytes *b = in;

	wr_bytes(w, b->p, b->len);
}

static void
put_flag(struct wr *w, const void *in)
{
	(void)w;
	(void)in;
}

static void
put_result(struct wr *w, const void *in)
{
	const struct l2tp_result_code *code = in;

	wr_u16(w, code->result);
	if (!code->error && !code->text.len)
		return;
	wr_u16(w, code->error);
	wr_bytes(w, code->text.p, code->text.len);
}

static void
put_q931(struct wr *w, const void *in)
{
	const struct l2tp_q931 *q = in;

	wr_u16(w, q->cause);
	wr_u8(w, q->message);
	wr_bytes(w, q->text.p, q->text.len);
}

static void
put_call_errors(struct wr *w, const void *in)
{
	const struct l2tp_call_errors *e = in;

	wr_u16(w, 0);
	wr_u32(w, e->crc);
	wr_u32(w, e->framing);
	wr_u32(w, e->hardware);
	wr_u32(w, e->buffer);
	wr_u32(w, e->timeout);
	wr_u32(w, e->alignment);
}

static void
put_accm(struct wr *w, const void *in)
{
	const struct l2tp_accm *a = in;

	wr_u16(w, 0);
	wr_u32(w, a->send);
	wr_u32(w, a->receive);
}

static void
put_disconnect(struct wr *w, const void *in)
{
	const struct l2tp_disconnect *d = in;

	wr_u16(w, d->code);
	wr_u16(w, d->protocol);
	wr_u8(w, d->direction);
	wr_bytes(w, d->text.p, d->text.len);
}

static void
put_speed(struct wr *w, const void *in)
{
	const struct l2tp_speed *s = in;

	wr_u16(w, 0);
	wr_u16(w, s->sid);
	wr_u32(w, s->tx);
	wr_u32(w, s->rx);
}

static const struct {
	void (*get)(struct rd *, void *);
	void (*put)(struct wr *, const void *);
} codecs[KIND_COUNT] = {
	[KIND_U16] = {get_u16, put_u16},
	[KIND_U32] = {get_u32, put_u32},
	[KIND_U64] = {get_u64, put_u64},
	[KIND_BYTES] = {get_bytes, put_bytes},
	[KIND_FLAG] = {get_flag, put_flag},
	[KIND_RESULT] = {get_result, put_result},
	[KIND_Q931] = {get_q931, put_q931},
	[KIND_CALL_ERRORS] = {get_call_errors, put_call_errors},
	[KIND_ACCM] = {get_accm, put_accm},
	[KIND_DISCONNECT] = {get_disconnect, put_disconnect},
	[KIND_SPEED] = {get_speed, put_speed},
};

void
codec_get(enum avp_kind kind, struct rd *r, void *out)
{
	codecs[kind].get(r, out);
}

void
codec_put(enum avp_kind kind, struct wr *w, const void *in)
{
	codecs[kind].put(w, in);
}
