/*
 * The rule table and the loop over it. A value is cut into a cursor of its own, so none runs into
 * the next; nothing is stored before it is checked.
 */
#include "l2tp/avp.h"

#include "l2tp/hide.h"

#define M(type) (1u << MSG_##type)
#define ANY 0xffffffffu
#define AVP_VALUE_MAX 1017
#define AVP_HEADER 6
#define AVP_MANDATORY 0x8000
#define AVP_HIDDEN 0x4000
#define AVP_RESERVED 0x3c00
#define AVP_LENGTH 0x03ff
/* The DSL Forum: RFC 5515 §3 */
#define VENDOR_LINE 3561

/* attribute, name, kind, min, max, M, may be hidden, messages, member: §4.4 in the order of the
 * text's types */
#define ROW(a, name, kind, min, max, m, h, messages, member)                                       \
	[a] = {0,                                                                                  \
	       a,                                                                                  \
	       name,                                                                               \
	       kind,                                                                               \
	       min,                                                                                \
	       max,                                                                                \
	       m,                                                                                  \
	       h,                                                                                  \
	       (a) == AVP_RANDOM_VECTOR,                                                           \
	       false,                                                                              \
	       a,                                                                                  \
	       messages,                                                                           \
	       offsetof(struct l2tp_msg, member)}

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
	/* none of what came later is mandatory when we send it (§4.2) */
	ROW(AVP_RX_MINIMUM_BPS, "Rx Minimum BPS", KIND_U32, 4, 4, false, true, M(OCRQ),
	    rx_minimum_bps),
	ROW(AVP_RX_MAXIMUM_BPS, "Rx Maximum BPS", KIND_U32, 4, 4, false, true, M(OCRQ),
	    rx_maximum_bps),
	ROW(AVP_SERVICE_CATEGORY, "Service Category", KIND_U16, 2, 2, false, true,
	    M(ICRQ) | M(OCRQ), service_category),
	ROW(AVP_SERVICE_NAME, "Service Name", KIND_BYTES, 0, AVP_VALUE_MAX, false, true,
	    M(ICRQ) | M(OCRQ), service_name),
	ROW(AVP_CALLING_SUB_ADDRESS, "Calling Sub-Address", KIND_BYTES, 0, AVP_VALUE_MAX, false,
	    true, M(ICRQ), calling_sub_address),
	ROW(AVP_VPI_VCI, "VPI/VCI Identifier", KIND_U32, 4, 4, false, true, M(ICRQ) | M(OCRP),
	    vpi_vci),
	ROW(AVP_PPP_DISCONNECT, "PPP Disconnect Cause Code", KIND_DISCONNECT, 5, AVP_VALUE_MAX,
	    false, true, M(CDN), disconnect),
	ROW(AVP_CONTROL_DSCP, "Control Connection DS", KIND_U16, 2, 2, false, true,
	    M(SCCRQ) | M(SCCRP), control_dscp),
	ROW(AVP_SESSION_DSCP, "Session DS", KIND_U16, 2, 2, false, true,
	    M(ICRQ) | M(ICRP) | M(OCRQ) | M(OCRP), session_dscp),
	ROW(AVP_LCP_WANT, "LCP Want Options", KIND_BYTES, 0, AVP_VALUE_MAX, false, true,
	    M(ICRP) | M(OCRQ), lcp_want),
	ROW(AVP_LCP_ALLOW, "LCP Allow Options", KIND_BYTES, 0, AVP_VALUE_MAX, false, true,
	    M(ICRP) | M(OCRQ), lcp_allow),
	ROW(AVP_LNS_LAST_SENT_LCP, "LNS Last Sent LCP CONFREQ", KIND_BYTES, 0, AVP_VALUE_MAX, false,
	    true, M(SLI), lns_last_sent_lcp),
	ROW(AVP_LNS_LAST_RECEIVED_LCP, "LNS Last Received LCP CONFREQ", KIND_BYTES, 0,
	    AVP_VALUE_MAX, false, true, M(SLI), lns_last_received_lcp),
	ROW(AVP_MOH_CAPABLE, "Modem On-Hold Capable", KIND_FLAG, 0, AVP_VALUE_MAX, false, true,
	    M(SCCRQ) | M(SCCRP) | M(ICRQ) | M(ICRP) | M(OCRQ) | M(OCRP), has),
	ROW(AVP_MOH_STATUS, "Modem On-Hold Status", KIND_U16, 2, 2, false, true, M(MDMST),
	    moh_status),
};

/* What a LAC says of the line that a call comes from (RFC 5515 §5, §7). */
#define LINE_MESSAGES (M(ICRQ) | M(ICCN) | M(OCRP) | M(OCCN))
#define LINE_ROW(b, a, name, kind, min, max, member)                                               \
	[LINE_##b] = {VENDOR_LINE,                                                                 \
		      a,                                                                           \
		      name,                                                                        \
		      kind,                                                                        \
		      min,                                                                         \
		      max,                                                                         \
		      false,                                                                       \
		      true,                                                                        \
		      false,                                                                       \
		      true,                                                                        \
		      LINE_##b,                                                                    \
		      LINE_MESSAGES,                                                               \
		      offsetof(struct l2tp_msg, member)}
#define LINE_RATE(b, a, name, member) LINE_ROW(b, a, name, KIND_U64, 8, 8, line.member)
#define LINE_DELAY(b, a, name, member) LINE_ROW(b, a, name, KIND_U32, 4, 4, line.member)

static const struct avp_rule line_rules[LINE_ATTR_END] = {
	LINE_ROW(CIRCUIT_ID, 1, "Agent-Circuit-Id", KIND_BYTES, 0, AVP_VALUE_MAX, line.circuit_id),
	LINE_ROW(REMOTE_ID, 2, "Agent-Remote-Id", KIND_BYTES, 0, AVP_VALUE_MAX, line.remote_id),
	LINE_RATE(ACTUAL_UP, 129, "Actual-Data-Rate-Upstream", actual_up),
	LINE_RATE(ACTUAL_DOWN, 130, "Actual-Data-Rate-Downstream", actual_down),
	LINE_RATE(MINIMUM_UP, 131, "Minimum-Data-Rate-Upstream", minimum_up),
	LINE_RATE(MINIMUM_DOWN, 132, "Minimum-Data-Rate-Downstream", minimum_down),
	LINE_RATE(ATTAINABLE_UP, 133, "Attainable-Data-Rate-Upstream", attainable_up),
	LINE_RATE(ATTAINABLE_DOWN, 134, "Attainable-Data-Rate-Downstream", attainable_down),
	LINE_RATE(MAXIMUM_UP, 135, "Maximum-Data-Rate-Upstream", maximum_up),
	LINE_RATE(MAXIMUM_DOWN, 136, "Maximum-Data-Rate-Downstream", maximum_down),
	LINE_RATE(LOW_POWER_UP, 137, "Minimum-Data-Rate-Upstream-Low-Power", low_power_up),
	LINE_RATE(LOW_POWER_DOWN, 138, "Minimum-Data-Rate-Downstream-Low-Power", low_power_down),
	LINE_DELAY(MAXIMUM_DELAY_UP, 139, "Maximum-Interleaving-Delay-Upstream", maximum_delay_up),
	LINE_DELAY(DELAY_UP, 140, "Actual-Interleaving-Delay-Upstream", delay_up),
	LINE_DELAY(MAXIMUM_DELAY_DOWN, 141, "Maximum-Interleaving-Delay-Downstream",
		   maximum_delay_down),
	LINE_DELAY(DELAY_DOWN, 142, "Actual-Interleaving-Delay-Downstream", delay_down),
	LINE_ROW(ENCAPSULATION, 144, "Access-Loop-Encapsulation", KIND_BYTES, 3, 3,
		 line.encapsulation),
	LINE_ROW(TYPE, 145, "ANCP Access Line Type", KIND_U32, 4, 4, line.type),
	LINE_ROW(IWF, 254, "IWF-Session", KIND_FLAG, 0, AVP_VALUE_MAX, has_line),
	[LINE_SPEED_UPDATE] = {.attr = 97,
			       .name = "Connect Speed Update",
			       .kind = KIND_SPEED,
			       .min = 12,
			       .max = 12,
			       .may_hide = true,
			       .many = true,
			       .line = true,
			       .bit = LINE_SPEED_UPDATE,
			       .messages = M(CSUN) | M(CSURQ)},
	[LINE_SPEED_UPDATE_ENABLE] = {.attr = 98,
				      .name = "Connect Speed Update Enable",
				      .kind = KIND_FLAG,
				      .max = AVP_VALUE_MAX,
				      .may_hide = true,
				      .line = true,
				      .bit = LINE_SPEED_UPDATE_ENABLE,
				      .messages = M(ICRQ)},
};

const struct avp_rule *
avp_rule(uint16_t attr)
{
	return attr < AVP_ATTR_END && rules[attr].name ? &rules[attr] : NULL;
}

const struct avp_rule *
avp_line_rule(enum l2tp_line_attr attr)
{
	return &line_rules[attr];
}

const struct avp_rule *
avp_find(uint16_t vendor, uint16_t attr)
{
	if (vendor == 0 && attr < AVP_ATTR_END)
		return avp_rule(attr);
	for (size_t i = 0; i < LINE_ATTR_END; i++)
		if (line_rules[i].vendor == vendor && line_rules[i].attr == attr)
			return &line_rules[i];
	return NULL;
}

bool
avp_present(const struct l2tp_msg *msg, const struct avp_rule *rule)
{
	return rule->line ? MSG_HAS_LINE(msg, rule->bit) : MSG_HAS(msg, rule->bit);
}

static void
set_present(struct l2tp_msg *msg, const struct avp_rule *rule)
{
	if (rule->line)
		msg->has_line |= UINT32_C(1) << rule->bit;
	else
		msg->has |= UINT64_C(1) << rule->bit;
}

static bool
may_stand(const struct l2tp_msg *msg, const struct avp_rule *rule)
{
	return rule->messages >> (msg->type & 31) & 1;
}

bool
avp_fault(struct l2tp_fault *fault, uint16_t error, uint16_t attr, const char *why)
{
	*fault = (struct l2tp_fault){
		.result = STOPCCN_GENERAL, .error = error, .attr = attr, .why = why};
	return false;
}

struct avp_head {
	bool mandatory, hidden;
	uint16_t vendor, attr;
	const struct avp_rule *rule; /* NULL: not recognised */
	struct rd value;
};

/* One message on its way in. */
struct reading {
	const struct msg_reading *how;
	struct l2tp_msg *msg;
	struct l2tp_fault *fault;
	struct wr room; /* what is left of how->room */
};

enum outcome { STORED, PASSED_OVER, FAULTY };

static enum outcome
faulty(struct reading *in, const struct avp_head *head, uint16_t error, const char *why)
{
	avp_fault(in->fault, error, head->attr, why);
	in->fault->vendor = head->vendor;
	return FAULTY;
}

static enum outcome
pass_over(struct reading *in, const struct avp_head *head)
{
	if (!in->msg->ignored++)
		in->msg->ignored_attr = head->attr;
	return PASSED_OVER;
}

/* §7.1: malformed but not mandatory is recoverable */
static enum outcome
malformed(struct reading *in, const struct avp_head *head, uint16_t error, const char *why)
{
	return head->mandatory ? faulty(in, head, error, why) : pass_over(in, head);
}

/*
 * One AVP's frame. The same clients that swap the Result Code count its header twice, so that it
 * reaches past the end of the message, where it stands last: it is cut there. No other attribute
 * may.
 */
static bool
read_head(struct reading *in, struct rd *r, struct avp_head *head)
{
	uint16_t bits = rd_u16(r);
	size_t len = bits & AVP_LENGTH, left;

	head->vendor = rd_u16(r);
	head->attr = rd_u16(r);
	if (r->bad || len < AVP_HEADER) {
		faulty(in, head, ERROR_LENGTH, "AVP shorter than its header");
		return false;
	}
	len -= AVP_HEADER;
	left = rd_left(r);
	if (len > left && head->vendor == 0 && head->attr == AVP_RESULT_CODE)
		len = left;
	if (len > left) {
		faulty(in, head, ERROR_LENGTH, "AVP reaches past the end of the message");
		return false;
	}
	head->value = rd_sub(r, len);
	head->mandatory = bits & AVP_MANDATORY;
	head->hidden = bits & AVP_HIDDEN;
	/* §4.1: a reserved bit makes it unrecognised */
	head->rule = bits & AVP_RESERVED ? NULL : avp_find(head->vendor, head->attr);
	return true;
}

/* §4.3: puts what was hidden in the place of the value. The length inside is what a cipher gave: it
 * is held against the room that there was before anything is read by it. */
static enum outcome
unhide(struct reading *in, struct avp_head *head)
{
	const struct l2tp_bytes *vector = &in->msg->random_vector;
	struct hide_key key = {in->how->secret, in->how->secret_len, vector->p, vector->len};
	size_t len = rd_left(&head->value);
	uint8_t *plain = wr_room(&in->room, len);
	struct rd r = rd_init(plain, plain ? len : 0);

	if (!head->rule->may_hide)
		return malformed(in, head, ERROR_VALUE, "AVP that must not be hidden is hidden");
	if (!plain || !key.secret_len || !MSG_HAS(in->msg, AVP_RANDOM_VECTOR) ||
	    !unhide_value(&key, head->attr, head->value.p, len, plain))
		return malformed(in, head, ERROR_UNKNOWN_AVP, "hidden AVP cannot be read");
	len = rd_u16(&r);
	head->value = rd_sub(&r, len);
	if (head->value.bad)
		return malformed(in, head, ERROR_LENGTH, "hidden AVP longer than its frame");
	return STORED;
}

static enum outcome
store(struct reading *in, struct avp_head *head)
{
	const struct avp_rule *rule = head->rule;
	struct l2tp_msg *msg = in->msg;
	void *member = (uint8_t *)msg + rule->offset;
	size_t len;

	if (head->hidden) {
		enum outcome outcome = unhide(in, head);

		if (outcome != STORED)
			return outcome;
	}
	if (!may_stand(msg, rule) || (!rule->many && avp_present(msg, rule)))
		return pass_over(in, head);
	len = rd_left(&head->value);
	if (len < rule->min || len > rule->max)
		return malformed(in, head, ERROR_LENGTH, "AVP has the wrong length");
	if (rule->kind == KIND_SPEED) {
		if (msg->speeds.count == L2TP_SPEEDS_MAX)
			return pass_over(in, head);
		member = &msg->speeds.list[msg->speeds.count++];
	}
	codec_get(rule->kind, &head->value, member);
	set_present(msg, rule);
	return STORED;
}

bool
avp_decode_all(struct rd *r, struct l2tp_msg *msg, const struct msg_reading *how,
	       struct l2tp_fault *fault)
{
	struct reading in = {.how = how,
			     .msg = msg,
			     .fault = fault,
			     .room = wr_init(how->room, how->room ? how->room_len : 0)};
	enum outcome outcome = STORED;

	for (unsigned count = 1; outcome != FAULTY && rd_left(r); count++) {
		struct avp_head head = {0};

		if (!read_head(&in, r, &head))
			return false;
		if (count >= AVP_PER_MESSAGE_MAX)
			outcome = faulty(&in, &head, ERROR_LENGTH, "too many AVPs in one message");
		else if (head.rule)
			outcome = store(&in, &head);
		else if (head.mandatory && how->strict)
			outcome = faulty(&in, &head, ERROR_UNKNOWN_AVP,
					 "unknown AVP with the M bit set");
		else
			outcome = pass_over(&in, &head);
	}
	return outcome != FAULTY;
}

/* §4.3: from the value at `subformat` + 2 up to w->p makes the Hidden AVP Subformat, and hides it.
 * The padding gives way when the AVP would get longer than it can say. */
static void
hide_from(struct wr *w, uint8_t *subformat, uint16_t attr, const struct msg_hiding *hide)
{
	const struct hide_key key = {hide->secret, hide->secret_len, hide->vector,
				     sizeof(hide->vector)};
	size_t len, room, padding = hide->padding_len;

	if (w->bad)
		return;
	len = (size_t)(w->p - subformat);
	wr_patch_u16(w, subformat, (uint16_t)(len - 2));
	room = len < AVP_VALUE_MAX ? AVP_VALUE_MAX - len : 0;
	if (padding > sizeof(hide->padding))
		padding = sizeof(hide->padding);
	wr_bytes(w, hide->padding, padding < room ? padding : room);
	if (!w->bad && !hide_value(&key, attr, subformat, (size_t)(w->p - subformat)))
		w->bad = true;
}

static void
put_one(struct wr *w, const struct avp_rule *rule, const void *value, const struct msg_hiding *hide)
{
	uint8_t *start = w->p, *subformat;
	uint16_t bits = rule->mandatory ? AVP_MANDATORY : 0;
	size_t len;

	wr_u16(w, 0);
	wr_u16(w, rule->vendor);
	wr_u16(w, rule->attr);
	subformat = w->p;
	if (hide) {
		bits |= AVP_HIDDEN;
		wr_u16(w, 0);
	}
	codec_put(rule->kind, w, value);
	if (hide)
		hide_from(w, subformat, rule->attr, hide);
	len = (size_t)(w->p - start);
	if (len > AVP_LENGTH)
		w->bad = true;
	wr_patch_u16(w, start, (uint16_t)(bits | len));
}

static void
put_rule(struct wr *w, const struct avp_rule *rule, const struct l2tp_msg *msg,
	 const struct msg_hiding *hide)
{
	if (rule->kind != KIND_SPEED) {
		put_one(w, rule, (const uint8_t *)msg + rule->offset, hide);
		return;
	}
	for (size_t i = 0; i < msg->speeds.count; i++)
		put_one(w, rule, &msg->speeds.list[i], hide);
}

/* The i-th rule of both tables, NULL where there is none. */
static const struct avp_rule *
nth_rule(size_t i)
{
	return i < AVP_ATTR_END ? avp_rule((uint16_t)i) : &line_rules[i - AVP_ATTR_END];
}

void
avp_encode_all(struct wr *w, const struct l2tp_msg *msg, const struct msg_hiding *hide)
{
	bool announced = false;

	/* §4.3: only with a shared secret */
	if (hide && !hide->secret_len)
		hide = NULL;
	for (size_t i = 0; i < AVP_ATTR_END + LINE_ATTR_END; i++) {
		const struct avp_rule *rule = nth_rule(i);
		bool hidden = hide && rule && rule->may_hide;

		if (!rule || i == AVP_RANDOM_VECTOR || !avp_present(msg, rule) ||
		    !may_stand(msg, rule))
			continue;
		if (hidden && !announced) {
			struct l2tp_bytes vector = {hide->vector, sizeof(hide->vector)};

			put_one(w, &rules[AVP_RANDOM_VECTOR], &vector, NULL);
			announced = true;
		}
		put_rule(w, rule, msg, hidden ? hide : NULL);
	}
}
