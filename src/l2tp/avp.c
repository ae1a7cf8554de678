/*
 * The rule table and the loop over it. A value is cut into a cursor of its own, so none runs into
 * the next; nothing is stored before it is checked.
 */
#include "l2tp/avp.h"

#define M(type) (1u << MSG_##type)
#define ANY 0xffffffffu
#define AVP_VALUE_MAX 1017
#define AVP_HEADER 6
#define AVP_MANDATORY 0x8000
#define AVP_HIDDEN 0x4000
#define AVP_RESERVED 0x3c00
#define AVP_LENGTH 0x03ff

/* attribute, name, kind, min, max, M, may be hidden, messages, member: §4.4 in the order of the
 * text's types */
#define ROW(a, name, kind, min, max, m, h, messages, member)                                       \
	[a] = {a, name, kind, min, max, m, h, messages, offsetof(struct l2tp_msg, member)}

static const struct avp_rule rules[AVP_ATTR_END] = {
	ROW(AVP_RESULT_CODE, "Result Code", KIND_RESULT, 2, AVP_VALUE_MAX, true, false,
	    M(STOPCCN) | M(CDN), result),
	ROW(AVP_PROTOCOL_VERSION, "Protocol Version", KIND_U16, 2, 2, true, false,
	    M(SCCRQ) | M(SCCRP), protocol_version),
	ROW(AVP_FRAMING_CAPS, "Framing Capabilities", KIND_U32, 4, 4, true, true,
	    M(SCCRQ) | M(SCCRP), framing_caps),
	ROW(AVP_BEARER_CAPS, "Bearer Capabilities", KIND_U32, 4, 4, true, true, M(SCCRQ) | M(SCCRP),
	    bearer_caps),
	ROW(AVP_TIE_BREAKER, "Tie Breaker", KIND_U64, 8, 8, false, false, M(SCCRQ), tie_breaker),
	ROW(AVP_FIRMWARE, "Firmware Revision", KIND_U16, 2, 2, false, true, M(SCCRQ) | M(SCCRP),
	    firmware),
	ROW(AVP_HOST_NAME, "Host Name", KIND_BYTES, 1, AVP_VALUE_MAX, true, false,
	    M(SCCRQ) | M(SCCRP), host_name),
	ROW(AVP_VENDOR_NAME, "Vendor Name", KIND_BYTES, 0, AVP_VALUE_MAX, false, true,
	    M(SCCRQ) | M(SCCRP), vendor_name),
	ROW(AVP_ASSIGNED_TUNNEL, "Assigned Tunnel ID", KIND_U16, 2, 2, true, true,
	    M(SCCRQ) | M(SCCRP) | M(STOPCCN), assigned_tunnel),
	ROW(AVP_RECEIVE_WINDOW, "Receive Window Size", KIND_U16, 2, 2, true, false,
	    M(SCCRQ) | M(SCCRP), window),
	ROW(AVP_CHALLENGE, "Challenge", KIND_BYTES, 1, AVP_VALUE_MAX, true, true,
	    M(SCCRQ) | M(SCCRP), challenge),
	ROW(AVP_Q931_CAUSE, "Q.931 Cause Code", KIND_Q931, 3, AVP_VALUE_MAX, true, false, M(CDN),
	    q931),
	ROW(AVP_RESPONSE, "Challenge Response", KIND_BYTES, 16, 16, true, true, M(SCCRP) | M(SCCCN),
	    response),
	ROW(AVP_ASSIGNED_SESSION, "Assigned Session ID", KIND_U16, 2, 2, true, true,
	    M(CDN) | M(ICRP) | M(ICRQ) | M(OCRP) | M(OCRQ), assigned_session),
	ROW(AVP_CALL_SERIAL, "Call Serial Number", KIND_U32, 4, 4, true, true, M(ICRQ) | M(OCRQ),
	    call_serial),
	ROW(AVP_MINIMUM_BPS, "Minimum BPS", KIND_U32, 4, 4, true, true, M(OCRQ), minimum_bps),
	ROW(AVP_MAXIMUM_BPS, "Maximum BPS", KIND_U32, 4, 4, true, true, M(OCRQ), maximum_bps),
	ROW(AVP_BEARER_TYPE, "Bearer Type", KIND_U32, 4, 4, true, true, M(ICRQ) | M(OCRQ),
	    bearer_type),
	ROW(AVP_FRAMING_TYPE, "Framing Type", KIND_U32, 4, 4, true, true,
	    M(ICCN) | M(OCCN) | M(OCRQ), framing_type),
	ROW(AVP_CALLED_NUMBER, "Called Number", KIND_BYTES, 0, AVP_VALUE_MAX, true, true,
	    M(ICRQ) | M(OCRQ), called),
	ROW(AVP_CALLING_NUMBER, "Calling Number", KIND_BYTES, 0, AVP_VALUE_MAX, true, true, M(ICRQ),
	    calling),
	ROW(AVP_SUB_ADDRESS, "Sub-Address", KIND_BYTES, 0, AVP_VALUE_MAX, true, true,
	    M(ICRQ) | M(OCRQ), sub_address),
	ROW(AVP_TX_SPEED, "(Tx) Connect Speed", KIND_U32, 4, 4, true, true, M(ICCN) | M(OCCN),
	    tx_speed),
	ROW(AVP_PHYSICAL_CHANNEL, "Physical Channel ID", KIND_U32, 4, 4, false, true,
	    M(ICRQ) | M(OCRP), physical_channel),
	ROW(AVP_INITIAL_LCP, "Initial Received LCP CONFREQ", KIND_BYTES, 0, AVP_VALUE_MAX, false,
	    true, M(ICCN), initial_lcp),
	ROW(AVP_LAST_SENT_LCP, "Last Sent LCP CONFREQ", KIND_BYTES, 0, AVP_VALUE_MAX, false, true,
	    M(ICCN), last_sent_lcp),
	ROW(AVP_LAST_RECEIVED_LCP, "Last Received LCP CONFREQ", KIND_BYTES, 0, AVP_VALUE_MAX, false,
	    true, M(ICCN), last_received_lcp),
	ROW(AVP_PROXY_AUTH_TYPE, "Proxy Authen Type", KIND_U16, 2, 2, false, true, M(ICCN),
	    proxy_auth_type),
	ROW(AVP_PROXY_AUTH_NAME, "Proxy Authen Name", KIND_BYTES, 0, AVP_VALUE_MAX, false, true,
	    M(ICCN), proxy_auth_name),
	ROW(AVP_PROXY_AUTH_CHALLENGE, "Proxy Authen Challenge", KIND_BYTES, 1, AVP_VALUE_MAX, false,
	    true, M(ICCN), proxy_auth_challenge),
	ROW(AVP_PROXY_AUTH_ID, "Proxy Authen ID", KIND_U16, 2, 2, false, true, M(ICCN),
	    proxy_auth_id),
	ROW(AVP_PROXY_AUTH_RESPONSE, "Proxy Authen Response", KIND_BYTES, 0, AVP_VALUE_MAX, false,
	    true, M(ICCN), proxy_auth_response),
	ROW(AVP_CALL_ERRORS, "Call Errors", KIND_CALL_ERRORS, 26, 26, true, true, M(WEN),
	    call_errors),
	ROW(AVP_ACCM, "ACCM", KIND_ACCM, 10, 10, true, true, M(SLI), accm),
	ROW(AVP_RANDOM_VECTOR, "Random Vector", KIND_BYTES, 0, AVP_VALUE_MAX, true, false, ANY,
	    random_vector),
	ROW(AVP_PRIVATE_GROUP, "Private Group ID", KIND_BYTES, 0, AVP_VALUE_MAX, false, true,
	    M(ICCN), private_group),
	ROW(AVP_RX_SPEED, "Rx Connect Speed", KIND_U32, 4, 4, false, true, M(ICCN) | M(OCCN),
	    rx_speed),
	ROW(AVP_SEQUENCING_REQUIRED, "Sequencing Required", KIND_FLAG, 0, 0, true, false,
	    M(ICCN) | M(OCCN), has),
};

const struct avp_rule *
avp_rule(uint16_t attr)
{
	return attr < AVP_ATTR_END && rules[attr].name ? &rules[attr] : NULL;
}

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
	/* Sequencing Required has no value: its bit in `has` is all there is */
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

static const struct {
	void (*get)(struct rd *, void *);
	void (*put)(struct wr *, const void *);
} codecs[KIND_COUNT] = {
	[KIND_U16] = {get_u16, put_u16},    [KIND_U32] = {get_u32, put_u32},
	[KIND_U64] = {get_u64, put_u64},    [KIND_BYTES] = {get_bytes, put_bytes},
	[KIND_FLAG] = {get_flag, put_flag}, [KIND_RESULT] = {get_result, put_result},
	[KIND_Q931] = {get_q931, put_q931}, [KIND_CALL_ERRORS] = {get_call_errors, put_call_errors},
	[KIND_ACCM] = {get_accm, put_accm},
};

struct avp_head {
	bool mandatory, recognised;
	uint16_t attr;
	struct rd value;
};

static bool
fault_set(struct l2tp_fault *fault, uint16_t error, uint16_t attr, const char *why)
{
	*fault = (struct l2tp_fault){
		.result = STOPCCN_GENERAL, .error = error, .attr = attr, .why = why};
	return false;
}

static void
pass_over(struct l2tp_msg *msg, uint16_t attr)
{
	if (!msg->ignored++)
		msg->ignored_attr = attr;
}

/*
 * One AVP's frame. The same clients that swap the Result Code count its header twice, so that it
 * reaches past the end of the message, where it stands last: it is cut there. No other attribute
 * may.
 */
static bool
read_head(struct rd *r, struct avp_head *head, struct l2tp_fault *fault)
{
	uint16_t bits = rd_u16(r), vendor = rd_u16(r);
	size_t len = bits & AVP_LENGTH, left;

	head->attr = rd_u16(r);
	if (r->bad || len < AVP_HEADER)
		return fault_set(fault, ERROR_LENGTH, head->attr, "AVP shorter than its header");
	len -= AVP_HEADER;
	left = rd_left(r);
	if (len > left && vendor == 0 && head->attr == AVP_RESULT_CODE)
		len = left;
	if (len > left)
		return fault_set(fault, ERROR_LENGTH, head->attr,
				 "AVP reaches past the end of the message");
	head->value = rd_sub(r, len);
	head->mandatory = bits & AVP_MANDATORY;
	/* §4.1: a reserved bit makes it unrecognised; a hidden value cannot be read without a
	 * secret (§4.3) */
	head->recognised =
		!(bits & (AVP_RESERVED | AVP_HIDDEN)) && vendor == 0 && avp_rule(head->attr);
	return true;
}

static bool
store(struct avp_head *head, struct l2tp_msg *msg, struct l2tp_fault *fault)
{
	const struct avp_rule *rule = avp_rule(head->attr);
	size_t len = rd_left(&head->value);

	if (!(rule->messages >> (msg->type & 31) & 1) || MSG_HAS(msg, head->attr)) {
		pass_over(msg, head->attr);
		return true;
	}
	if (len < rule->min || len > rule->max) {
		/* §7.1: malformed but not mandatory is recoverable */
		if (head->mandatory)
			return fault_set(fault, ERROR_LENGTH, head->attr,
					 "AVP has the wrong length");
		pass_over(msg, head->attr);
		return true;
	}
	codecs[rule->kind].get(&head->value, (uint8_t *)msg + rule->offset);
	msg->has |= UINT64_C(1) << head->attr;
	return true;
}

bool
avp_decode_all(struct rd *r, struct l2tp_msg *msg, bool strict, struct l2tp_fault *fault)
{
	struct avp_head head = {0};

	for (unsigned count = 1; rd_left(r); count++) {
		if (count >= AVP_PER_MESSAGE_MAX)
			return fault_set(fault, ERROR_LENGTH, 0, "too many AVPs in one message");
		if (!read_head(r, &head, fault))
			return false;
		if (head.recognised) {
			if (!store(&head, msg, fault))
				return false;
			continue;
		}
		if (head.mandatory && strict)
			return fault_set(fault, ERROR_UNKNOWN_AVP, head.attr,
					 "unknown AVP with the M bit set");
		pass_over(msg, head.attr);
	}
	return true;
}

uint8_t *
avp_put(struct wr *w, uint16_t attr, bool mandatory, size_t len)
{
	uint8_t *start = w->p;

	if (len > AVP_VALUE_MAX) {
		w->bad = true;
		return NULL;
	}
	wr_u16(w, (uint16_t)((mandatory ? AVP_MANDATORY : 0) | (uint16_t)(len + AVP_HEADER)));
	wr_u16(w, 0);
	wr_u16(w, attr);
	return w->bad ? NULL : start;
}

void
avp_encode_all(struct wr *w, const struct l2tp_msg *msg)
{
	for (unsigned i = 1; i < AVP_ATTR_END; i++) {
		const uint16_t attr = (uint16_t)i;
		const struct avp_rule *rule = avp_rule(attr);
		uint8_t *start;
		size_t len;

		if (!rule || !MSG_HAS(msg, attr) || !(rule->messages >> (msg->type & 31) & 1))
			continue;
		start = avp_put(w, attr, rule->mandatory, 0);
		codecs[rule->kind].put(w, (const uint8_t *)msg + rule->offset);
		if (w->bad || !start)
			return;
		len = (size_t)(w->p - start);
		if (len > AVP_LENGTH) {
			w->bad = true;
			return;
		}
		wr_patch_u16(w, start, (uint16_t)((rule->mandatory ? AVP_MANDATORY : 0) | len));
	}
}
