#include "radius/accept.h"

#include <stdio.h>
#include <string.h>

#include "log.h"
#include "radius/attribute.h"

/* What grows while attributes are read. */
struct giving {
	struct radius_grant *out;
	struct grant grant;
	char why[GRANT_WHY_MAX];
};

/* False: `why` says what is wrong. */
typedef bool take_fn(struct giving *giving, const struct attr *attr);

static uint32_t
u32_of(const struct attr *attr)
{
	struct rd r = rd_init(attr->value, attr->len);

	return rd_u32(&r);
}

static bool
refuse(struct giving *giving, const char *why)
{
	snprintf(giving->why, sizeof(giving->why), "%s", why);
	return false;
}

/* RFC 2865 §5.8: two values mean that we choose, and the user may not */
static bool
take_address(struct giving *giving, const struct attr *attr)
{
	uint32_t address = u32_of(attr);

	if (address >= 0xfffffffe)
		return true;
	if (address >> 24 == 0 || address >> 24 == 127 || address >> 28 >= 14)
		return refuse(giving, "is no address of a host");
	giving->grant.address = address;
	giving->out->given |= GIFT_ADDRESS;
	return true;
}

/* Cuts the next word off *text, "" when there is none. */
static char *
next_word(char **text)
{
	char *word = *text + strspn(*text, " ");
	size_t len = strcspn(word, " ");

	*text = word + len + (word[len] != '\0');
	word[len] = '\0';
	return word;
}

/* RFC 2865 §5.22: "192.168.1.0/24 192.168.1.1 1", prefix, gateway and metric; a gateway of zeroes
 * is the client, and nobody else can be one behind it. */
static bool
take_route(struct giving *giving, const struct attr *attr)
{
	char text[ATTR_VALUE_MAX + 1] = "", *rest = text;
	const char *prefix, *gateway;

	memcpy(text, attr->value, attr->len);
	prefix = next_word(&rest);
	gateway = next_word(&rest);
	if (gateway[0] && strcmp(gateway, "0.0.0.0") != 0 && strcmp(gateway, "::") != 0)
		return refuse(giving, "has a gateway: only 0.0.0.0, the client itself, can be one");
	giving->out->given |= GIFT_ROUTES;
	return grant_read_routes(&giving->grant, prefix, giving->why);
}

/* RFC 3162 §2.3: Reserved, Prefix-Length, and as much of the prefix as matters */
static bool
take_prefix6(struct giving *giving, const struct attr *attr)
{
	struct lns_prefix *prefix = &giving->grant.prefix6;

	if (attr->len < 2 || attr->len > 18 || attr->value[1] > 128 ||
	    attr->len - 2 < (attr->value[1] + 7u) / 8)
		return refuse(giving, "is no prefix");
	*prefix = (struct lns_prefix){.family = 6, .bits = attr->value[1]};
	memcpy(prefix->ip, attr->value + 2, attr->len - 2);
	giving->out->given |= GIFT_PREFIX6;
	return true;
}

static bool
take_session_timeout(struct giving *giving, const struct attr *attr)
{
	giving->grant.session_timeout_s = u32_of(attr);
	giving->out->given |= GIFT_SESSION_TIMEOUT;
	return true;
}

static bool
take_idle_timeout(struct giving *giving, const struct attr *attr)
{
	giving->grant.idle_timeout_s = u32_of(attr);
	giving->out->given |= GIFT_IDLE_TIMEOUT;
	return true;
}

/* The name of a filter is the filter: an `allow` list as in the users file. */
static bool
take_filter(struct giving *giving, const struct attr *attr)
{
	char text[ATTR_VALUE_MAX + 1] = "";

	if (memchr(attr->value, '\0', attr->len))
		return refuse(giving, "has a NUL byte");
	memcpy(text, attr->value, attr->len);
	giving->out->given |= GIFT_ALLOW;
	return grant_read_allow(&giving->grant, text, giving->why);
}

static bool
take_interim(struct giving *giving, const struct attr *attr)
{
	enum { LEAST_S = 60 }; /* RFC 2869 §5.16 */

	giving->out->interim_s = u32_of(attr) < LEAST_S ? LEAST_S : u32_of(attr);
	giving->out->given |= GIFT_INTERIM;
	return true;
}

/* Primary and secondary, in the order in which they come */
static bool
take_dns(struct giving *giving, const struct attr *attr)
{
	if (giving->grant.dns_count == 2)
		return refuse(giving, "is the third name server");
	giving->grant.dns[giving->grant.dns_count++] = u32_of(attr);
	giving->out->given |= GIFT_DNS;
	return true;
}

static bool
take_rate_up(struct giving *giving, const struct attr *attr)
{
	giving->grant.rate_up = u32_of(attr);
	giving->out->given |= GIFT_RATE;
	return true;
}

static bool
take_rate_down(struct giving *giving, const struct attr *attr)
{
	giving->grant.rate_down = u32_of(attr);
	giving->out->given |= GIFT_RATE;
	return true;
}

/* One row an attribute that gives something; len 0: any. What stands in no row is ignored: also
 * Framed-IP-Netmask, which means nothing on a line with one host at its end. */
static const struct row {
	uint32_t vendor;
	uint8_t type;
	uint8_t len;
	take_fn *take;
} rows[] = {
	{0, ATTR_FRAMED_IP_ADDRESS, 4, take_address},
	{0, ATTR_FILTER_ID, 0, take_filter},
	{0, ATTR_FRAMED_ROUTE, 0, take_route},
	{0, ATTR_SESSION_TIMEOUT, 4, take_session_timeout},
	{0, ATTR_IDLE_TIMEOUT, 4, take_idle_timeout},
	{0, ATTR_ACCT_INTERIM_INTERVAL, 4, take_interim},
	{0, ATTR_FRAMED_IPV6_PREFIX, 0, take_prefix6},
	{0, ATTR_FRAMED_IPV6_ROUTE, 0, take_route},
	{VENDOR_MICROSOFT, MS_PRIMARY_DNS_SERVER, 4, take_dns},
	{VENDOR_MICROSOFT, MS_SECONDARY_DNS_SERVER, 4, take_dns},
	{VENDOR_WISPR, WISPR_BANDWIDTH_MAX_UP, 4, take_rate_up},
	{VENDOR_WISPR, WISPR_BANDWIDTH_MAX_DOWN, 4, take_rate_down},
};

static const struct row *
row_of(const struct attr *attr)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].vendor == attr->vendor && rows[i].type == attr->type)
			return &rows[i];
	}
	return NULL;
}

bool
accept_knows(const struct attr *attr)
{
	return row_of(attr) != NULL;
}

static bool
take(struct giving *giving, const struct attr *attr)
{
	const struct row *row = row_of(attr);

	if (!row)
		return true;
	if (row->len && attr->len != row->len)
		return refuse(giving, "has a wrong length");
	return row->take(giving, attr);
}

bool
accept_grant(struct radius_grant *grant, const uint8_t *bytes, size_t len,
	     struct accept_fault *fault)
{
	struct giving giving = {.out = grant};
	struct attrs attrs = attrs_of(bytes, len);
	struct attr attr = {.type = 0};
	bool ok = true;

	memset(grant, 0, sizeof(*grant));
	while (ok && attrs_next(&attrs, &attr))
		ok = take(&giving, &attr);
	if (ok && !radius_pack(grant, &giving.grant))
		ok = refuse(&giving, "makes the list too long");
	*fault = (struct accept_fault){.type = attr.type};
	snprintf(fault->why, sizeof(fault->why), "%.95s", giving.why);
	grant_fini(&giving.grant);
	return ok;
}

/* ── answers ────────────────────────────────────────────────────────────────────────────── */

static const char *
name_of(uint32_t type)
{
	static const struct {
		uint32_t type;
		const char *name;
	} names[] = {
		{ATTR_FRAMED_IP_ADDRESS, "Framed-IP-Address"},
		{ATTR_FILTER_ID, "Filter-Id"},
		{ATTR_FRAMED_ROUTE, "Framed-Route"},
		{ATTR_FRAMED_IPV6_PREFIX, "Framed-IPv6-Prefix"},
		{ATTR_FRAMED_IPV6_ROUTE, "Framed-IPv6-Route"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].type == type)
			return names[i].name;
	}
	return "an attribute";
}

static void
set_text(struct radius_verdict *verdict, enum cause cause, const char *text)
{
	verdict->cause = cause;
	snprintf(verdict->text, sizeof(verdict->text), "%.95s", text);
}

/* What a client is told must be one line of text. */
static bool
printable(const uint8_t *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] < ' ' || text[i] == 0x7f)
			return false;
	}
	return true;
}

/* Behind an identifier, "S=…" or "E=…" (RFC 2548 §2.1.5, 2.3.3): goes to the client as it is. */
static void
take_mschap_text(struct radius_verdict *verdict, const struct attr *attr)
{
	if (attr->len < 3 || attr->len - 1 >= sizeof(verdict->told) ||
	    !printable(attr->value + 1, attr->len - 1))
		return;
	memcpy(verdict->told, attr->value + 1, attr->len - 1);
	verdict->told[attr->len - 1] = '\0';
}

static void
take_reply_message(struct radius_verdict *verdict, const struct attr *attr)
{
	size_t room = sizeof(verdict->told) - 1, len = attr->len < room ? attr->len : room;

	/* the first one; what MS-CHAP itself says goes before */
	if (verdict->told[0] || !printable(attr->value, len))
		return;
	memcpy(verdict->told, attr->value, len);
	verdict->told[len] = '\0';
}

static void
take_user_name(struct radius_verdict *verdict, const struct attr *attr)
{
	if (attr->len >= sizeof(verdict->user) || memchr(attr->value, '\0', attr->len))
		return;
	memset(verdict->user, 0, sizeof(verdict->user));
	memcpy(verdict->user, attr->value, attr->len);
}

/* Comes back in accounting, byte by byte (RFC 2865 §5.25). */
static void
take_class(struct radius_verdict *verdict, const struct attr *attr)
{
	struct wr w = wr_init(verdict->class + verdict->class_len,
			      sizeof(verdict->class) - verdict->class_len);

	attr_put(&w, ATTR_CLASS, attr->value, attr->len);
	verdict->class_len += (uint32_t)wr_len(&w);
}

static void
take_words(struct radius_verdict *verdict, const uint8_t *bytes, size_t len, bool mschap)
{
	const uint8_t wanted = bytes[0] == CODE_ACCESS_ACCEPT ? MS_CHAP2_SUCCESS : MS_CHAP_ERROR;
	struct attrs attrs = attrs_of(bytes, len);
	struct attr attr;

	while (attrs_next(&attrs, &attr)) {
		if (mschap && attr.vendor == VENDOR_MICROSOFT && attr.type == wanted)
			take_mschap_text(verdict, &attr);
		else if (!attr.vendor && attr.type == ATTR_USER_NAME)
			take_user_name(verdict, &attr);
		else if (!attr.vendor && attr.type == ATTR_CLASS)
			take_class(verdict, &attr);
		else if (!attr.vendor && attr.type == ATTR_REPLY_MESSAGE && !mschap)
			take_reply_message(verdict, &attr);
	}
}

/* The 40 digits with which the server shows the client that it knows the password too */
static bool
has_success(const char *told)
{
	return strncmp(told, "S=", 2) == 0 && strspn(told + 2, "0123456789ABCDEFabcdef") >= 40;
}

/* pppd asks no second time on one line, so a client must not be promised that (RFC 2759 §6). */
static void
forbid_retry(char *told)
{
	char *retry = strstr(told, " R=1");

	if (retry)
		retry[3] = '0';
}

static void
read_reject(struct radius_verdict *verdict, bool mschap)
{
	char said[64];

	if (mschap && strncmp(verdict->told, "E=", 2) != 0)
		verdict->told[0] = '\0';
	forbid_retry(verdict->told);
	log_escape(said, sizeof(said), verdict->told, strlen(verdict->told));
	verdict->cause = CAUSE_RADIUS_REJECT;
	snprintf(verdict->text, sizeof(verdict->text), "%s%s%s", cause_text(CAUSE_RADIUS_REJECT),
		 said[0] ? ": " : "", said);
}

static void
read_accept(struct radius_verdict *verdict, const uint8_t *bytes, size_t len, bool mschap)
{
	struct accept_fault fault;
	char text[160];

	if (!accept_grant(&verdict->grant, bytes, len, &fault)) {
		snprintf(text, sizeof(text), "the RADIUS server's %s %s", name_of(fault.type),
			 fault.why);
		set_text(verdict, CAUSE_RADIUS_REJECT, text);
		verdict->told[0] = '\0';
	} else if (mschap && !has_success(verdict->told)) {
		set_text(verdict, CAUSE_RADIUS_REJECT,
			 "the RADIUS server accepts without MS-CHAP2-Success");
		verdict->told[0] = '\0';
	}
}

void
accept_read(struct radius_verdict *verdict, const struct radius_login *login, const uint8_t *bytes,
	    size_t len)
{
	bool mschap = login->proof.method == METHOD_MSCHAPV2;

	memset(verdict, 0, sizeof(*verdict));
	verdict->kind = RADIUS_VERDICT;
	verdict->ref = login->line.ref;
	take_words(verdict, bytes, len, mschap);
	if (bytes[0] == CODE_ACCESS_ACCEPT) {
		read_accept(verdict, bytes, len, mschap);
	} else if (bytes[0] == CODE_ACCESS_REJECT) {
		read_reject(verdict, mschap);
	} else {
		verdict->told[0] = '\0';
		set_text(verdict, CAUSE_RADIUS_REJECT,
			 "the RADIUS server asks a question that PPP cannot put");
	}
	if (verdict->cause != CAUSE_NONE)
		memset(&verdict->grant, 0, sizeof(verdict->grant));
}
