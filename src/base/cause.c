/* One row a cause: the word for machines, the sentence for people. */
#include "cause.h"

struct words {
	const char *name, *text;
};

static const struct words causes[CAUSE_COUNT] = {
	[CAUSE_NONE] = {"none", "no reason given"},
	[CAUSE_USER_REQUEST] = {"user-request", "the client hung up"},
	[CAUSE_LOST_CARRIER] = {"lost-carrier", "the client does not answer any more"},
	[CAUSE_IDLE_TIMEOUT] = {"idle-timeout", "no traffic for too long"},
	[CAUSE_SESSION_TIMEOUT] = {"session-timeout", "the time allowed for a session is over"},
	[CAUSE_ADMIN] = {"admin", "disconnected by the administrator"},
	[CAUSE_SHUTDOWN] = {"shutdown", "the server is shutting down"},
	[CAUSE_UNKNOWN_USER] = {"unknown-user", "no such user"},
	[CAUSE_WRONG_PASSWORD] = {"wrong-password", "wrong password"},
	[CAUSE_METHOD] = {"method", "no authentication method that both sides can use"},
	[CAUSE_DISABLED] = {"disabled", "the user is disabled"},
	[CAUSE_EXPIRED] = {"expired", "the user's account has expired"},
	[CAUSE_LIMIT] = {"limit", "a configured limit is reached"},
	[CAUSE_NO_ADDRESS] = {"no-address", "no address is free"},
	[CAUSE_NEGOTIATION] = {"negotiation", "PPP negotiation did not come to an end"},
	[CAUSE_PPPD_DIED] = {"pppd-died", "pppd ended unexpectedly"},
	[CAUSE_PPPD_START] = {"pppd-start", "pppd could not be started"},
	[CAUSE_PROTOCOL_ERROR] = {"protocol-error", "the peer broke the rules of L2TP"},
	[CAUSE_REPLACED] = {"replaced", "the same client connected again"},
	[CAUSE_NO_RESOURCES] = {"no-resources",
				"the server is out of memory, descriptors, terminals or processes"},
	[CAUSE_IPSEC_GONE] = {"ipsec-gone", "the client's IPsec connection is gone"},
	[CAUSE_LCP_SILENT] = {"lcp-silent", "the client did not begin with PPP"},
	[CAUSE_LCP] = {"lcp", "PPP's link negotiation (LCP) did not come to an end"},
	[CAUSE_LOOPBACK] = {"loopback", "the line is looped back"},
	[CAUSE_CALLBACK] = {"callback", "the client asked to be called back"},
	[CAUSE_AUTH_TIMEOUT] = {"auth-timeout", "the client did not answer when asked who it is"},
	[CAUSE_NCP] = {"ncp", "PPP's address negotiation (IPCP) did not come to an end"},
	[CAUSE_NO_BEARER] = {"no-bearer", "the LAC cannot place calls"},
	[CAUSE_USER_REMOVED] = {"user-removed", "the user has been removed"},
	[CAUSE_WRONG_CODE] = {"wrong-code", "the one-time code is wrong or was used before"},
	[CAUSE_BANNED] = {"banned", "too many failures from this address"},
	[CAUSE_RADIUS_DOWN] = {"radius-down", "no RADIUS server answers"},
	[CAUSE_RADIUS_REJECT] = {"radius-reject", "refused by the RADIUS server"},
	[CAUSE_DISCONNECT] = {"disconnect", "disconnected by the RADIUS server"},
};

static const char *const closers[BY_COUNT] = {
	[BY_NOBODY] = "",
	[BY_CLIENT] = "client",
	[BY_SERVER] = "server",
	[BY_ADMIN] = "admin",
};

const char *
cause_name(unsigned cause)
{
	return cause < CAUSE_COUNT ? causes[cause].name : "unknown";
}

const char *
cause_text(unsigned cause)
{
	return cause < CAUSE_COUNT ? causes[cause].text : "unknown reason";
}

const char *
closed_by_name(unsigned by)
{
	return by < BY_COUNT ? closers[by] : "";
}
