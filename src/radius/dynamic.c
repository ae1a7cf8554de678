#include "radius/dynamic.h"

#include <stdlib.h>
#include <string.h>

#include "radius/accept.h"
#include "radius/attribute.h"

/* ── who asks ───────────────────────────────────────────────────────────────────────────── */

static bool
is_server(const struct dynamic *dynamic, const struct lns_addr *from)
{
	for (size_t i = 0; i < dynamic->server_count; i++) {
		const struct lns_addr *server = &dynamic->servers[i];

		if (server->family == from->family && memcmp(server->ip, from->ip, 16) == 0)
			return true;
	}
	return false;
}

/* §3.3: where there is none, it is not looked at */
static bool
is_fresh(const uint8_t *bytes, size_t len, int64_t now)
{
	struct attrs attrs = attrs_of(bytes, len);
	struct attr attr;

	while (attrs_next(&attrs, &attr)) {
		struct rd r = rd_init(attr.value, attr.len);
		int64_t when = rd_u32(&r);

		if (!attr.vendor && attr.type == ATTR_EVENT_TIMESTAMP)
			return attr.len == 4 && llabs(now - when) <= DYNAMIC_WINDOW_S;
	}
	return true;
}

/* ── what it says ───────────────────────────────────────────────────────────────────────── */

/* False: not a text that fits. */
static bool
take_text(char *out, size_t cap, const struct attr *attr)
{
	if (attr->len == 0 || attr->len >= cap || memchr(attr->value, '\0', attr->len))
		return false;
	memset(out, 0, cap);
	memcpy(out, attr->value, attr->len);
	return true;
}

static bool
take_u32(uint32_t *out, const struct attr *attr)
{
	struct rd r = rd_init(attr->value, attr->len);

	*out = rd_u32(&r);
	return attr->len == 4;
}

/* §3: which NAS is meant; false: another one */
static bool
is_us(const struct dynamic *dynamic, const struct attr *attr)
{
	const struct nas *nas = &dynamic->nas;

	switch (attr->type) {
	case ATTR_NAS_IDENTIFIER:
		return attr->len == strlen(nas->id) && memcmp(attr->value, nas->id, attr->len) == 0;
	case ATTR_NAS_IP_ADDRESS:
		return nas->addr.family != 4 ||
		       (attr->len == 4 && memcmp(attr->value, nas->addr.ip, 4) == 0);
	case ATTR_NAS_IPV6_ADDRESS:
		return nas->addr.family != 6 ||
		       (attr->len == 16 && memcmp(attr->value, nas->addr.ip, 16) == 0);
	default:
		return true;
	}
}

static enum radius_error
invalid_unless(bool good)
{
	return good ? ERROR_CAUSE_NONE : ERROR_CAUSE_INVALID_VALUE;
}

/* §3.1: what names the session, what names us, what goes along, and nothing else */
static enum radius_error
take(const struct dynamic *dynamic, struct radius_order *order, const struct attr *attr)
{
	struct radius_match *match = &order->match;

	if (attr->vendor)
		return order->change && accept_knows(attr) ? ERROR_CAUSE_NONE
							   : ERROR_CAUSE_UNSUPPORTED_ATTRIBUTE;
	switch (attr->type) {
	case ATTR_ACCT_SESSION_ID:
		return invalid_unless(take_text(match->id, sizeof(match->id), attr));
	case ATTR_USER_NAME:
		return invalid_unless(take_text(match->user, sizeof(match->user), attr));
	case ATTR_CALLING_STATION_ID:
		return invalid_unless(take_text(match->calling, sizeof(match->calling), attr));
	case ATTR_FRAMED_IP_ADDRESS:
		return invalid_unless(take_u32(&match->address, attr) && match->address);
	case ATTR_NAS_PORT:
		return invalid_unless(take_u32(&match->port, attr) && match->port);
	case ATTR_NAS_IDENTIFIER:
	case ATTR_NAS_IP_ADDRESS:
	case ATTR_NAS_IPV6_ADDRESS:
		return is_us(dynamic, attr) ? ERROR_CAUSE_NONE : ERROR_CAUSE_NAS_MISMATCH;
	case ATTR_ACCT_TERMINATE_CAUSE:
	case ATTR_CLASS:
	case ATTR_EVENT_TIMESTAMP:
	case ATTR_MESSAGE_AUTHENTICATOR:
	case ATTR_PROXY_STATE:
	case ATTR_REPLY_MESSAGE:
		return ERROR_CAUSE_NONE;
	default:
		return order->change && accept_knows(attr) ? ERROR_CAUSE_NONE
							   : ERROR_CAUSE_UNSUPPORTED_ATTRIBUTE;
	}
}

static bool
names_a_session(const struct radius_match *match)
{
	return match->id[0] || match->user[0] || match->calling[0] || match->address || match->port;
}

static enum radius_error
read_order(const struct dynamic *dynamic, struct radius_order *order, const uint8_t *bytes,
	   size_t len)
{
	struct attrs attrs = attrs_of(bytes, len);
	enum radius_error error = ERROR_CAUSE_NONE;
	struct accept_fault fault;
	struct attr attr;

	while (!error && attrs_next(&attrs, &attr))
		error = take(dynamic, order, &attr);
	if (error)
		return error;
	if (!names_a_session(&order->match))
		return ERROR_CAUSE_MISSING_ATTRIBUTE;
	if (!order->change)
		return ERROR_CAUSE_NONE;
	if (!accept_grant(&order->grant, bytes, len, &fault))
		return ERROR_CAUSE_INVALID_VALUE;
	order->grant.given &= ~(uint32_t)GIFT_ADDRESS; /* it named the session */
	order->grant.base.address = 0;
	if (order->grant.given & ~(uint32_t)GIFTS_LIVE)
		return ERROR_CAUSE_UNSUPPORTED_ATTRIBUTE;
	return order->grant.given ? ERROR_CAUSE_NONE : ERROR_CAUSE_MISSING_ATTRIBUTE;
}

/* ── answers ────────────────────────────────────────────────────────────────────────────── */

static struct dynamic_entry *
find_same(struct dynamic *dynamic, int64_t now, const struct lns_addr *from, const uint8_t *bytes,
	  size_t len)
{
	for (size_t i = 0; i < DYNAMIC_KEPT; i++) {
		struct dynamic_entry *entry = &dynamic->entries[i];

		if (entry->when && now - entry->when <= DYNAMIC_WINDOW_S &&
		    entry->request_len == len && memcmp(entry->request, bytes, len) == 0 &&
		    memcmp(&entry->from, from, sizeof(*from)) == 0)
			return entry;
	}
	return NULL;
}

/* The oldest goes. */
static struct dynamic_entry *
new_entry(struct dynamic *dynamic, int64_t now, const struct lns_addr *from, const uint8_t *bytes,
	  size_t len)
{
	struct dynamic_entry *entry = &dynamic->entries[0];

	for (size_t i = 1; i < DYNAMIC_KEPT; i++) {
		if (dynamic->entries[i].when < entry->when)
			entry = &dynamic->entries[i];
	}
	entry->when = now;
	entry->ask = ++dynamic->asks;
	entry->from = *from;
	entry->request_len = len;
	entry->answer_len = 0;
	memcpy(entry->request, bytes, len);
	return entry;
}

/* §3.4: the Proxy-States come back as they are, in their order */
static void
answer(struct dynamic *dynamic, struct dynamic_entry *entry, uint32_t error)
{
	bool change = entry->request[0] == CODE_COA_REQUEST;
	struct wr w =
		packet_begin(entry->answer, error    ? (change ? CODE_COA_NAK : CODE_DISCONNECT_NAK)
					    : change ? CODE_COA_ACK
						     : CODE_DISCONNECT_ACK);
	struct attrs attrs = attrs_of(entry->request, entry->request_len);
	struct attr attr;

	attr_put_authenticator(&w);
	if (error)
		attr_put_u32(&w, ATTR_ERROR_CAUSE, error);
	while (attrs_next(&attrs, &attr)) {
		if (!attr.vendor && attr.type == ATTR_PROXY_STATE)
			attr_put(&w, ATTR_PROXY_STATE, attr.value, attr.len);
	}
	entry->answer_len = packet_end(&w);
	if (entry->answer_len && !packet_sign_answer(entry->answer, entry->answer_len,
						     entry->request, &dynamic->nas.secret))
		entry->answer_len = 0;
}

enum dynamic_verdict
dynamic_input(struct dynamic *dynamic, int64_t now, const struct lns_addr *from,
	      const uint8_t *bytes, size_t len, struct radius_order *order,
	      const struct dynamic_entry **entry, const char **why)
{
	size_t own = packet_length(bytes, len);
	struct dynamic_entry *same, *fresh;
	enum radius_error error;

	*why = !is_server(dynamic, from) ? "not from a server of auth.radius"
	       : !own			 ? "malformed"
	       : bytes[0] != CODE_DISCONNECT_REQUEST && bytes[0] != CODE_COA_REQUEST
		       ? "no request of RFC 5176"
	       : !packet_is_signed(bytes, own, &dynamic->nas.secret)
		       ? "not signed with the secret of auth.radius-secret-file"
	       : !is_fresh(bytes, own, now) ? "stale: see the clocks"
					    : NULL;
	if (*why)
		return DYNAMIC_DROP;
	same = find_same(dynamic, now, from, bytes, own);
	*entry = same;
	if (same)
		return same->answer_len ? DYNAMIC_ANSWER : DYNAMIC_DROP;
	fresh = new_entry(dynamic, now, from, bytes, own);
	memset(order, 0, sizeof(*order));
	order->kind = RADIUS_ORDER;
	order->ask = fresh->ask;
	order->change = bytes[0] == CODE_COA_REQUEST;
	error = read_order(dynamic, order, bytes, own);
	if (!error)
		return DYNAMIC_ORDER;
	answer(dynamic, fresh, error);
	*entry = fresh;
	return fresh->answer_len ? DYNAMIC_ANSWER : DYNAMIC_DROP;
}

const struct dynamic_entry *
dynamic_done(struct dynamic *dynamic, uint32_t ask, uint32_t error)
{
	for (size_t i = 0; i < DYNAMIC_KEPT; i++) {
		struct dynamic_entry *entry = &dynamic->entries[i];

		if (!entry->when || entry->ask != ask || entry->answer_len)
			continue;
		answer(dynamic, entry, error);
		return entry->answer_len ? entry : NULL;
	}
	return NULL;
}
