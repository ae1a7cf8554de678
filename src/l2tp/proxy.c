/* See proxy.h. */
#include "l2tp/proxy.h"

#include <stdlib.h>
#include <string.h>

#include "l2tp/session.h"
#include "md5.h"

#define HAS(attr) (UINT64_C(1) << AVP_##attr)

struct proxy {
	struct lns_proxy facts; /* views into bytes */
	size_t len;
	uint8_t bytes[];
};

/* §4.4.5: what each type of authentication cannot be without */
static const uint64_t needed[] = {
	[LNS_PROXY_TEXT] = HAS(PROXY_AUTH_NAME) | HAS(PROXY_AUTH_RESPONSE),
	[LNS_PROXY_CHAP] = HAS(PROXY_AUTH_NAME) | HAS(PROXY_AUTH_RESPONSE) | HAS(PROXY_AUTH_ID) |
			   HAS(PROXY_AUTH_CHALLENGE),
	[LNS_PROXY_PAP] = HAS(PROXY_AUTH_NAME) | HAS(PROXY_AUTH_RESPONSE) | HAS(PROXY_AUTH_ID),
	[LNS_PROXY_NONE] = 0,
	[LNS_PROXY_MSCHAP1] = HAS(PROXY_AUTH_NAME) | HAS(PROXY_AUTH_RESPONSE) | HAS(PROXY_AUTH_ID) |
			      HAS(PROXY_AUTH_CHALLENGE),
};

/* The body of a Configure-Request: options one after the other, each two bytes or more. */
static bool
are_options(const struct l2tp_bytes *body)
{
	struct rd r = rd_init(body->p, body->len);

	while (rd_left(&r)) {
		rd_u8(&r);
		uint8_t len = rd_u8(&r);

		if (len < 2)
			return false;
		rd_bytes(&r, len - 2u);
	}
	return !r.bad;
}

static bool
is_consistent(const struct l2tp_msg *msg)
{
	uint16_t type = msg->proxy_auth_type;

	if (!MSG_HAS(msg, AVP_PROXY_AUTH_TYPE) || type < LNS_PROXY_TEXT || type > LNS_PROXY_MSCHAP1)
		return false;
	if (needed[type] & ~msg->has)
		return false;
	/* the high byte is reserved */
	if (needed[type] & HAS(PROXY_AUTH_ID) && msg->proxy_auth_id > UINT8_MAX)
		return false;
	if (needed[type] & HAS(PROXY_AUTH_CHALLENGE) && !msg->proxy_auth_challenge.len)
		return false;
	return are_options(&msg->initial_lcp) && are_options(&msg->last_sent_lcp) &&
	       are_options(&msg->last_received_lcp);
}

static void
copy(struct proxy *proxy, struct lns_bytes *to, const struct l2tp_bytes *from)
{
	uint8_t *p = proxy->bytes + proxy->len;

	if (from->len)
		memcpy(p, from->p, from->len);
	*to = (struct lns_bytes){.p = p, .len = from->len};
	proxy->len += from->len;
}

struct proxy *
proxy_new(const struct l2tp_msg *iccn)
{
	struct proxy *proxy;

	if (!is_consistent(iccn))
		return NULL;
	/* an AVP carries 1017 bytes at most (§4.1) */
	proxy = calloc(1, sizeof(*proxy) + iccn->proxy_auth_name.len +
				  iccn->proxy_auth_challenge.len + iccn->proxy_auth_response.len +
				  iccn->initial_lcp.len + iccn->last_sent_lcp.len +
				  iccn->last_received_lcp.len);
	if (!proxy)
		return NULL;
	proxy->facts.type = (enum lns_proxy_type)iccn->proxy_auth_type;
	proxy->facts.id = (uint8_t)iccn->proxy_auth_id;
	copy(proxy, &proxy->facts.name, &iccn->proxy_auth_name);
	copy(proxy, &proxy->facts.challenge, &iccn->proxy_auth_challenge);
	copy(proxy, &proxy->facts.response, &iccn->proxy_auth_response);
	copy(proxy, &proxy->facts.initial_lcp, &iccn->initial_lcp);
	copy(proxy, &proxy->facts.last_sent_lcp, &iccn->last_sent_lcp);
	copy(proxy, &proxy->facts.last_received_lcp, &iccn->last_received_lcp);
	return proxy;
}

void
proxy_free(struct proxy *proxy)
{
	if (proxy)
		secret_wipe(proxy->bytes, proxy->len);
	free(proxy);
}

bool
lns_proxy(const struct lns *lns, struct lns_ref ref, struct lns_proxy *proxy)
{
	const struct session *s = session_by_ref(lns, ref);

	if (!s || !s->proxy)
		return false;
	*proxy = s->proxy->facts;
	return true;
}
