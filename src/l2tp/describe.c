/* What a peer said of a tunnel or call that nothing acts on, as texts for people: one row an
 * attribute. */
#include <inttypes.h>
#include <stdio.h>

#include "l2tp/avp.h"
#include "log.h"

#define VALUE_MAX 256
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

typedef void write_fn(char *out, size_t cap, const void *member);

static void
write_yes(char *out, size_t cap, const void *member)
{
	(void)member;
	snprintf(out, cap, "yes");
}

static void
write_u16(char *out, size_t cap, const void *member)
{
	snprintf(out, cap, "%u", *(const uint16_t *)member);
}

static void
write_u32(char *out, size_t cap, const void *member)
{
	snprintf(out, cap, "%" PRIu32, *(const uint32_t *)member);
}

static void
write_bps(char *out, size_t cap, const void *member)
{
	snprintf(out, cap, "%" PRIu32 " bit/s", *(const uint32_t *)member);
}

static void
write_rate(char *out, size_t cap, const void *member)
{
	snprintf(out, cap, "%" PRIu64 " bit/s", *(const uint64_t *)member);
}

static void
write_delay(char *out, size_t cap, const void *member)
{
	snprintf(out, cap, "%" PRIu32 " ms", *(const uint32_t *)member);
}

static void
write_text(char *out, size_t cap, const void *member)
{
	const struct l2tp_bytes *b = member;

	log_escape(out, cap, b->p, b->len);
}

static void
write_hex(char *out, size_t cap, const void *member)
{
	const struct l2tp_bytes *b = member;

	out[0] = '\0';
	for (size_t i = 0; i < b->len && 2 * i + 2 < cap; i++)
		snprintf(out + 2 * i, cap - 2 * i, "%02x", b->p[i]);
}

/* §4.4.4 */
static void
write_bearer(char *out, size_t cap, const void *member)
{
	static const char *const names[] = {"none", "digital", "analog", "digital or analog"};

	snprintf(out, cap, "%s", names[*(const uint32_t *)member & 3]);
}

static void
write_framing(char *out, size_t cap, const void *member)
{
	static const char *const names[] = {"none", "synchronous", "asynchronous",
					    "synchronous or asynchronous"};

	snprintf(out, cap, "%s", names[*(const uint32_t *)member & 3]);
}

static void
write_accm(char *out, size_t cap, const void *member)
{
	const struct l2tp_accm *accm = member;

	snprintf(out, cap, "send 0x%08" PRIx32 ", receive 0x%08" PRIx32, accm->send, accm->receive);
}

/* RFC 3301 §5.2: twelve bits and sixteen */
static void
write_vpi_vci(char *out, size_t cap, const void *member)
{
	uint32_t v = *(const uint32_t *)member;

	snprintf(out, cap, "%" PRIu32 "/%" PRIu32, v >> 16 & 0xfff, v & 0xffff);
}

/* RFC 3573: the first bit says it, the rest for how long at most, by a table of V.92 */
static void
write_hold(char *out, size_t cap, const void *member)
{
	uint16_t v = *(const uint16_t *)member;

	snprintf(out, cap, "%s (0x%04x)", v & 0x8000 ? "on hold" : "not on hold", v);
}

static void
write_q931(char *out, size_t cap, const void *member)
{
	const struct l2tp_q931 *q = member;
	char said[128];

	log_escape(said, sizeof(said), q->text.p, q->text.len);
	snprintf(out, cap, "%u, message 0x%02x%s%s", q->cause, q->message, said[0] ? ": " : "",
		 said);
}

static void
write_disconnect(char *out, size_t cap, const void *member)
{
	static const char *const directions[] = {"", ", at the peer", ", at the sender"};
	const struct l2tp_disconnect *d = member;
	const char *text = l2tp_disconnect_text(d->code);
	char said[64];

	log_escape(said, sizeof(said), d->text.p, d->text.len);
	snprintf(out, cap, "%u%s%s, protocol 0x%04x%s%s%s", d->code, text[0] ? " " : "", text,
		 d->protocol, d->direction < COUNT(directions) ? directions[d->direction] : "",
		 said[0] ? ": " : "", said);
}

/* RFC 5515 §7.18 */
static void
write_line_type(char *out, size_t cap, const void *member)
{
	static const char *const names[] = {"other", "ADSL1", "ADSL2", "ADSL2+",
					    "VDSL1", "VDSL2", "SDSL",  "unknown"};
	uint32_t v = *(const uint32_t *)member;

	if (v < COUNT(names))
		snprintf(out, cap, "%s", names[v]);
	else
		write_u32(out, cap, member);
}

static const struct {
	bool line;
	uint8_t bit;
	write_fn *write;
} shown[] = {
	{false, AVP_BEARER_TYPE, write_bearer},
	{false, AVP_FRAMING_TYPE, write_framing},
	{false, AVP_MINIMUM_BPS, write_bps},
	{false, AVP_MAXIMUM_BPS, write_bps},
	{false, AVP_SUB_ADDRESS, write_text},
	{false, AVP_PHYSICAL_CHANNEL, write_u32},
	{false, AVP_ACCM, write_accm},
	{false, AVP_PRIVATE_GROUP, write_text},
	{false, AVP_Q931_CAUSE, write_q931},
	{false, AVP_RX_MINIMUM_BPS, write_bps},
	{false, AVP_RX_MAXIMUM_BPS, write_bps},
	{false, AVP_SERVICE_CATEGORY, write_u16},
	{false, AVP_SERVICE_NAME, write_text},
	{false, AVP_CALLING_SUB_ADDRESS, write_text},
	{false, AVP_VPI_VCI, write_vpi_vci},
	{false, AVP_PPP_DISCONNECT, write_disconnect},
	{false, AVP_LCP_WANT, write_hex},
	{false, AVP_LCP_ALLOW, write_hex},
	{false, AVP_LNS_LAST_SENT_LCP, write_hex},
	{false, AVP_LNS_LAST_RECEIVED_LCP, write_hex},
	{false, AVP_MOH_CAPABLE, write_yes},
	{false, AVP_MOH_STATUS, write_hold},
	{true, LINE_CIRCUIT_ID, write_text},
	{true, LINE_REMOTE_ID, write_text},
	{true, LINE_ACTUAL_UP, write_rate},
	{true, LINE_ACTUAL_DOWN, write_rate},
	{true, LINE_MINIMUM_UP, write_rate},
	{true, LINE_MINIMUM_DOWN, write_rate},
	{true, LINE_ATTAINABLE_UP, write_rate},
	{true, LINE_ATTAINABLE_DOWN, write_rate},
	{true, LINE_MAXIMUM_UP, write_rate},
	{true, LINE_MAXIMUM_DOWN, write_rate},
	{true, LINE_LOW_POWER_UP, write_rate},
	{true, LINE_LOW_POWER_DOWN, write_rate},
	{true, LINE_MAXIMUM_DELAY_UP, write_delay},
	{true, LINE_DELAY_UP, write_delay},
	{true, LINE_MAXIMUM_DELAY_DOWN, write_delay},
	{true, LINE_DELAY_DOWN, write_delay},
	{true, LINE_ENCAPSULATION, write_hex},
	{true, LINE_TYPE, write_line_type},
	{true, LINE_IWF, write_yes},
	{true, LINE_SPEED_UPDATE_ENABLE, write_yes},
};

/* ── by the shape alone ─────────────────────────────────────────────────────────────────── */

static void
write_u64(char *out, size_t cap, const void *member)
{
	snprintf(out, cap, "0x%016" PRIx64, *(const uint64_t *)member);
}

static bool
is_readable(const struct l2tp_bytes *b)
{
	for (size_t i = 0; i < b->len; i++) {
		/* one family of clients counts the closing NUL in */
		if ((b->p[i] < ' ' && (b->p[i] || i + 1 < b->len)) || b->p[i] == 0x7f)
			return false;
	}
	return true;
}

void
avp_write_bytes(const struct l2tp_bytes *bytes, char *out, size_t cap)
{
	if (is_readable(bytes))
		write_text(out, cap, bytes);
	else
		write_hex(out, cap, bytes);
}

static void
write_bytes(char *out, size_t cap, const void *member)
{
	avp_write_bytes(member, out, cap);
}

/* §4.4.2; what a code means differs between StopCCN and CDN but for the general error. */
static void
write_result(char *out, size_t cap, const void *member)
{
	const struct l2tp_result_code *code = member;
	const char *error = code->result == STOPCCN_GENERAL ? l2tp_error_text(code->error) : "";
	char said[128];

	log_escape(said, sizeof(said), code->text.p, code->text.len);
	snprintf(out, cap, "%u, error %u%s%s%s%s", code->result, code->error, error[0] ? " " : "",
		 error, said[0] ? ": " : "", said);
}

static void
write_call_errors(char *out, size_t cap, const void *member)
{
	const struct l2tp_call_errors *e = member;

	snprintf(out, cap,
		 "CRC %" PRIu32 ", framing %" PRIu32 ", hardware %" PRIu32 ", buffer %" PRIu32
		 ", timeout %" PRIu32 ", alignment %" PRIu32,
		 e->crc, e->framing, e->hardware, e->buffer, e->timeout, e->alignment);
}

static void
write_speed(char *out, size_t cap, const void *member)
{
	const struct l2tp_speed *s = member;

	snprintf(out, cap, "session %u, %" PRIu32 " and %" PRIu32 " bit/s", s->sid, s->tx, s->rx);
}

static write_fn *const by_kind[KIND_COUNT] = {
	[KIND_U16] = write_u16,	    [KIND_U32] = write_u32,
	[KIND_U64] = write_u64,	    [KIND_BYTES] = write_bytes,
	[KIND_FLAG] = write_yes,    [KIND_RESULT] = write_result,
	[KIND_Q931] = write_q931,   [KIND_CALL_ERRORS] = write_call_errors,
	[KIND_ACCM] = write_accm,   [KIND_DISCONNECT] = write_disconnect,
	[KIND_SPEED] = write_speed,
};

void
avp_write(const struct avp_rule *rule, const void *member, char *out, size_t cap)
{
	for (size_t i = 0; i < COUNT(shown); i++) {
		if (shown[i].line == rule->line && shown[i].bit == rule->bit) {
			shown[i].write(out, cap, member);
			return;
		}
	}
	by_kind[rule->kind](out, cap, member);
}

/* ── a message ──────────────────────────────────────────────────────────────────────────── */

void
msg_describe(const struct l2tp_msg *msg, msg_describe_fn *fn, void *ctx)
{
	for (size_t i = 0; i < COUNT(shown); i++) {
		const struct avp_rule *rule =
			shown[i].line ? avp_line_rule(shown[i].bit) : avp_rule(shown[i].bit);
		char value[VALUE_MAX];

		if (!avp_present(msg, rule))
			continue;
		shown[i].write(value, sizeof(value), (const uint8_t *)msg + rule->offset);
		fn(ctx, rule->name, value);
	}
}
