/* See dissect.h. */
#include "dissect.h"

#include "l2tp/avp.h"
#include "l2tp/header.h"

#define VALUE_MAX 256
#define AVP_HEADER 6
#define AVP_MANDATORY 0x8000
#define AVP_HIDDEN 0x4000
#define AVP_LENGTH 0x03ff

/* An AVP as it stands on the wire. */
struct raw_avp {
	uint16_t vendor, attr;
	bool mandatory, hidden;
	const uint8_t *value;
	size_t len;
};

/* The next one; false when what is left is none. */
static bool
next_avp(struct rd *r, struct raw_avp *avp)
{
	uint16_t bits = rd_u16(r);
	size_t len = bits & AVP_LENGTH;

	*avp = (struct raw_avp){.mandatory = bits & AVP_MANDATORY, .hidden = bits & AVP_HIDDEN};
	avp->vendor = rd_u16(r);
	avp->attr = rd_u16(r);
	if (r->bad || len < AVP_HEADER)
		return false;
	avp->len = len - AVP_HEADER;
	/* a Result Code of some clients counts its header twice */
	if (avp->len > rd_left(r) && avp->vendor == 0 && avp->attr == AVP_RESULT_CODE)
		avp->len = rd_left(r);
	avp->value = rd_bytes(r, avp->len);
	return avp->value != NULL;
}

/* ── secrets ────────────────────────────────────────────────────────────────────────────── */

static bool
is_secret(const struct raw_avp *avp)
{
	if (avp->hidden)
		return true;
	if (avp->vendor != 0)
		return false;
	return avp->attr == AVP_CHALLENGE || avp->attr == AVP_RESPONSE ||
	       avp->attr == AVP_PROXY_AUTH_CHALLENGE || avp->attr == AVP_PROXY_AUTH_RESPONSE;
}

/* A cursor reads what may be written here. */
static void
strike(uint8_t *bytes, const uint8_t *from, size_t len)
{
	memset(bytes + (from - bytes), 0, len);
}

void
dissect_mask(uint8_t *bytes, size_t len)
{
	struct l2tp_header h;
	struct raw_avp avp;
	struct rd r;

	if (!header_read(&h, bytes, len) || !h.control) {
		memset(bytes, 0, len);
		return;
	}
	for (r = rd_init(h.body, h.len); rd_left(&r);) {
		const uint8_t *start = r.p;

		if (!next_avp(&r, &avp))
			strike(bytes, start, (size_t)(bytes + len - start));
		else if (is_secret(&avp))
			strike(bytes, avp.value, avp.len);
	}
	strike(bytes, h.body + h.len, (size_t)(bytes + len - (h.body + h.len)));
}

/* ── what it says ───────────────────────────────────────────────────────────────────────── */

static void
write_value(const struct raw_avp *raw, const struct avp_rule *rule, char out[VALUE_MAX])
{
	struct l2tp_msg msg;
	struct l2tp_speed speed;
	struct rd r = rd_init(raw->value, raw->len);
	void *member = rule->kind == KIND_SPEED ? (void *)&speed : (uint8_t *)&msg + rule->offset;

	memset(&msg, 0, sizeof(msg));
	if (raw->len < rule->min || raw->len > rule->max) {
		memcpy(out, "of the wrong length", sizeof("of the wrong length"));
		return;
	}
	codec_get(rule->kind, &r, member);
	avp_write(rule, member, out, VALUE_MAX);
}

static void
show(const struct raw_avp *raw, dissect_fn *fn, void *ctx)
{
	const struct avp_rule *rule = avp_find(raw->vendor, raw->attr);
	const struct l2tp_bytes bytes = {raw->value, raw->len};
	char value[VALUE_MAX] = "";

	if (raw->hidden)
		memcpy(value, "hidden", sizeof("hidden"));
	else if (is_secret(raw))
		memcpy(value, "masked", sizeof("masked"));
	else if (rule)
		write_value(raw, rule, value);
	else
		avp_write_bytes(&bytes, value, sizeof(value));
	fn(ctx, &(struct dissected_avp){.vendor = raw->vendor,
					.attr = raw->attr,
					.name = rule ? rule->name : "",
					.mandatory = raw->mandatory,
					.hidden = raw->hidden,
					.value = value});
}

/* §4.4.1: the Message Type stands first, and is never hidden. */
static const char *
take_type(struct rd *r)
{
	struct raw_avp avp;
	struct rd value;

	if (!rd_left(r))
		return "ZLB";
	if (!next_avp(r, &avp) || avp.hidden || avp.vendor || avp.attr != AVP_MESSAGE_TYPE ||
	    avp.len != 2)
		return NULL;
	value = rd_init(avp.value, avp.len);
	return l2tp_type_name(rd_u16(&value));
}

bool
dissect(struct dissected *head, const uint8_t *bytes, size_t len, dissect_fn *fn, void *ctx)
{
	struct l2tp_header h;
	struct raw_avp avp;
	struct rd r;

	*head = (struct dissected){.type = ""};
	if (!header_read(&h, bytes, len)) {
		head->fault = "no L2TPv2 message, or cut off";
		return false;
	}
	head->control = h.control;
	head->tid = h.tid;
	head->sid = h.sid;
	head->ns = h.ns;
	head->nr = h.nr;
	if (!h.control)
		return true;
	r = rd_init(h.body, h.len);
	head->type = take_type(&r);
	if (!head->type) {
		head->type = "?";
		head->fault = "does not begin with a Message Type";
		return true;
	}
	while (rd_left(&r)) {
		if (next_avp(&r, &avp))
			show(&avp, fn, ctx);
		else
			head->fault = "an AVP is cut off";
	}
	return true;
}
