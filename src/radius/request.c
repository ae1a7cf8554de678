#include "radius/request.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "radius/attribute.h"

enum { SERVICE_FRAMED = 2, PROTOCOL_PPP = 1, PORT_VIRTUAL = 5 };
enum { TUNNEL_L2TP = 3, MEDIUM_IPV4 = 1, MEDIUM_IPV6 = 2 };
enum { AUTHENTIC_RADIUS = 1, AUTHENTIC_LOCAL = 2 };

/* RFC 2866 §5.10 */
enum terminate_cause {
	TERM_USER_REQUEST = 1,
	TERM_LOST_CARRIER,
	TERM_LOST_SERVICE,
	TERM_IDLE_TIMEOUT,
	TERM_SESSION_TIMEOUT,
	TERM_ADMIN_RESET,
	TERM_ADMIN_REBOOT,
	TERM_PORT_ERROR,
	TERM_NAS_ERROR,
	TERM_NAS_REQUEST,
	TERM_NAS_REBOOT,
	TERM_PORT_UNNEEDED,
	TERM_PORT_PREEMPTED,
	TERM_PORT_SUSPENDED,
	TERM_SERVICE_UNAVAILABLE,
	TERM_CALLBACK,
	TERM_USER_ERROR,
	TERM_HOST_REQUEST
};

static const uint8_t terminate_causes[CAUSE_COUNT] = {
	[CAUSE_NONE] = TERM_NAS_ERROR,
	[CAUSE_USER_REQUEST] = TERM_USER_REQUEST,
	[CAUSE_LOST_CARRIER] = TERM_LOST_CARRIER,
	[CAUSE_IDLE_TIMEOUT] = TERM_IDLE_TIMEOUT,
	[CAUSE_SESSION_TIMEOUT] = TERM_SESSION_TIMEOUT,
	[CAUSE_ADMIN] = TERM_ADMIN_RESET,
	[CAUSE_SHUTDOWN] = TERM_ADMIN_REBOOT,
	[CAUSE_UNKNOWN_USER] = TERM_USER_ERROR,
	[CAUSE_WRONG_PASSWORD] = TERM_USER_ERROR,
	[CAUSE_METHOD] = TERM_USER_ERROR,
	[CAUSE_DISABLED] = TERM_ADMIN_RESET,
	[CAUSE_EXPIRED] = TERM_SESSION_TIMEOUT,
	[CAUSE_LIMIT] = TERM_SERVICE_UNAVAILABLE,
	[CAUSE_NO_ADDRESS] = TERM_SERVICE_UNAVAILABLE,
	[CAUSE_NEGOTIATION] = TERM_USER_ERROR,
	[CAUSE_PPPD_DIED] = TERM_NAS_ERROR,
	[CAUSE_PPPD_START] = TERM_NAS_ERROR,
	[CAUSE_PROTOCOL_ERROR] = TERM_PORT_ERROR,
	[CAUSE_REPLACED] = TERM_PORT_PREEMPTED,
	[CAUSE_NO_RESOURCES] = TERM_NAS_ERROR,
	[CAUSE_IPSEC_GONE] = TERM_LOST_CARRIER,
	[CAUSE_LCP_SILENT] = TERM_USER_ERROR,
	[CAUSE_LCP] = TERM_USER_ERROR,
	[CAUSE_LOOPBACK] = TERM_PORT_ERROR,
	[CAUSE_CALLBACK] = TERM_CALLBACK,
	[CAUSE_AUTH_TIMEOUT] = TERM_USER_ERROR,
	[CAUSE_NCP] = TERM_USER_ERROR,
	[CAUSE_NO_BEARER] = TERM_SERVICE_UNAVAILABLE,
	[CAUSE_USER_REMOVED] = TERM_ADMIN_RESET,
	[CAUSE_WRONG_CODE] = TERM_USER_ERROR,
	[CAUSE_BANNED] = TERM_ADMIN_RESET,
	[CAUSE_RADIUS_DOWN] = TERM_SERVICE_UNAVAILABLE,
	[CAUSE_RADIUS_REJECT] = TERM_USER_ERROR,
	[CAUSE_DISCONNECT] = TERM_ADMIN_RESET,
};

uint32_t
request_terminate_cause(uint32_t cause)
{
	uint8_t term = cause < CAUSE_COUNT ? terminate_causes[cause] : 0;

	return term ? term : TERM_NAS_ERROR;
}

void
radius_station(char out[RADIUS_TEXT_MAX], const struct lns_addr *addr)
{
	if (!inet_ntop(addr->family == 6 ? AF_INET6 : AF_INET, addr->ip, out, RADIUS_TEXT_MAX))
		out[0] = '\0';
}

/* Who asks, and for which line: in every packet. */
static void
put_nas(struct wr *w, const struct nas *nas)
{
	attr_put_text(w, ATTR_NAS_IDENTIFIER, nas->id);
	if (nas->addr.family == 4)
		attr_put(w, ATTR_NAS_IP_ADDRESS, nas->addr.ip, 4);
	else if (nas->addr.family == 6)
		attr_put(w, ATTR_NAS_IPV6_ADDRESS, nas->addr.ip, 16);
}

/* RFC 2868 §3.3: a text with the tag 0 before it, which is not sent unless the text could be
 * taken for one */
static void
put_endpoint(struct wr *w, uint8_t type, const struct lns_addr *addr)
{
	char text[RADIUS_TEXT_MAX];

	radius_station(text, addr);
	attr_put_text(w, type, text);
}

static void
put_line(struct wr *w, const struct radius_line *line)
{
	attr_put_text(w, ATTR_ACCT_SESSION_ID, line->id);
	attr_put_u32(w, ATTR_NAS_PORT, radius_port(line->ref));
	attr_put_u32(w, ATTR_NAS_PORT_TYPE, PORT_VIRTUAL);
	attr_put_u32(w, ATTR_SERVICE_TYPE, SERVICE_FRAMED);
	attr_put_u32(w, ATTR_FRAMED_PROTOCOL, PROTOCOL_PPP);
	put_endpoint(w, ATTR_CALLING_STATION_ID, &line->peer);
	put_endpoint(w, ATTR_CALLED_STATION_ID, &line->local);
	attr_put_u32(w, ATTR_TUNNEL_TYPE, TUNNEL_L2TP);
	attr_put_u32(w, ATTR_TUNNEL_MEDIUM_TYPE,
		     line->peer.family == 6 ? MEDIUM_IPV6 : MEDIUM_IPV4);
	put_endpoint(w, ATTR_TUNNEL_CLIENT_ENDPOINT, &line->peer);
	put_endpoint(w, ATTR_TUNNEL_SERVER_ENDPOINT, &line->local);
}

/* RFC 2865 §5.3: the identifier before the response, the challenge beside it */
static void
put_chap(struct wr *w, const struct proof *proof)
{
	uint8_t value[17];

	value[0] = (uint8_t)proof->id;
	memcpy(value + 1, proof->response, 16);
	attr_put(w, ATTR_CHAP_PASSWORD, value, sizeof(value));
	attr_put(w, ATTR_CHAP_CHALLENGE, proof->challenge, proof->challenge_len);
}

/* RFC 2548 §2.3.2: Ident, Flags, Peer-Challenge, Reserved, Response, out of what RFC 2759 §4 has:
 * Peer-Challenge, Reserved, Response, Flags */
static void
put_mschapv2(struct wr *w, const struct proof *proof)
{
	uint8_t value[50] = {0};

	value[0] = (uint8_t)proof->id;
	memcpy(value + 2, proof->response, 48);
	attr_put_vendor(w, VENDOR_MICROSOFT, MS_CHAP_CHALLENGE, proof->challenge, 16);
	attr_put_vendor(w, VENDOR_MICROSOFT, MS_CHAP2_RESPONSE, value, sizeof(value));
}

size_t
request_login(uint8_t *bytes, const struct radius_login *login, const struct nas *nas,
	      const uint8_t random[AUTHENTICATOR_SIZE])
{
	const struct proof *proof = &login->proof;
	struct wr w = packet_begin(bytes, CODE_ACCESS_REQUEST);
	bool ok = true;

	memcpy(bytes + 4, random, AUTHENTICATOR_SIZE);
	attr_put_authenticator(&w);
	attr_put_text(&w, ATTR_USER_NAME, proof->user);
	if (proof->method == METHOD_PAP)
		ok = attr_put_password(&w, &nas->secret, random, proof->response,
				       proof->response_len);
	else if (proof->method == METHOD_CHAP)
		put_chap(&w, proof);
	else
		put_mschapv2(&w, proof);
	put_nas(&w, nas);
	put_line(&w, &login->line);
	return ok ? packet_end(&w) : 0;
}

/* RFC 2869 §5.1: what does not fit into 32 bits goes beside them */
static void
put_octets(struct wr *w, uint8_t low, uint8_t high, uint64_t octets)
{
	attr_put_u32(w, low, (uint32_t)octets);
	attr_put_u32(w, high, (uint32_t)(octets >> 32));
}

/* "Input" is what came from the client. */
static void
put_use(struct wr *w, const struct radius_record *record)
{
	attr_put_u32(w, ATTR_ACCT_SESSION_TIME, record->duration_s);
	put_octets(w, ATTR_ACCT_INPUT_OCTETS, ATTR_ACCT_INPUT_GIGAWORDS, record->rx_bytes);
	put_octets(w, ATTR_ACCT_OUTPUT_OCTETS, ATTR_ACCT_OUTPUT_GIGAWORDS, record->tx_bytes);
	attr_put_u32(w, ATTR_ACCT_INPUT_PACKETS, (uint32_t)record->rx_packets);
	attr_put_u32(w, ATTR_ACCT_OUTPUT_PACKETS, (uint32_t)record->tx_packets);
	if (record->status == STATUS_STOP)
		attr_put_u32(w, ATTR_ACCT_TERMINATE_CAUSE, request_terminate_cause(record->cause));
}

/* RFC 3162 §2.3 */
static void
put_prefix6(struct wr *w, const struct lns_prefix *prefix)
{
	uint8_t value[18] = {0, (uint8_t)prefix->bits};

	if (prefix->family != 6)
		return;
	memcpy(value + 2, prefix->ip, 16);
	attr_put(w, ATTR_FRAMED_IPV6_PREFIX, value, sizeof(value));
}

static void
put_session(struct wr *w, const struct radius_record *record)
{
	attr_put_text(w, ATTR_USER_NAME, record->user);
	put_line(w, &record->line);
	if (record->address)
		attr_put_u32(w, ATTR_FRAMED_IP_ADDRESS, record->address);
	put_prefix6(w, &record->prefix6);
	attr_put_u32(w, ATTR_ACCT_AUTHENTIC, record->remote ? AUTHENTIC_RADIUS : AUTHENTIC_LOCAL);
	wr_bytes(w, record->class, record->class_len);
	if (record->status != STATUS_START)
		put_use(w, record);
}

size_t
request_record(uint8_t *bytes, const struct radius_record *record, const struct nas *nas)
{
	struct wr w = packet_begin(bytes, CODE_ACCOUNTING_REQUEST);

	attr_put_u32(&w, ATTR_ACCT_STATUS_TYPE, record->status);
	attr_put_u32(&w, ATTR_EVENT_TIMESTAMP, (uint32_t)record->when);
	put_nas(&w, nas);
	if (record->status == STATUS_ON || record->status == STATUS_OFF)
		attr_put_text(&w, ATTR_ACCT_SESSION_ID,
			      "0-0"); /* RFC 2866 §5.13: there must be one */
	else
		put_session(&w, record);
	return packet_end(&w);
}

size_t
request_delay(uint8_t *bytes, size_t len, uint32_t delay_s)
{
	struct wr w = wr_init(bytes, PACKET_MAX);

	wr_room(&w, len);
	attr_put_u32(&w, ATTR_ACCT_DELAY_TIME, delay_s);
	return packet_end(&w);
}
