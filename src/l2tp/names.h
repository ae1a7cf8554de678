/* The words and numbers of RFC 2661 and those after it: message types (§3.2), attributes (§4.4),
 * and who a peer probably is. Pure tables. */
#ifndef L2TP_NAMES_H
#define L2TP_NAMES_H

#include <stdbool.h>
#include <stdint.h>

enum l2tp_type {
	MSG_ZLB = 0, /* no AVP at all: an acknowledgement alone */
	MSG_SCCRQ = 1,
	MSG_SCCRP = 2,
	MSG_SCCCN = 3,
	MSG_STOPCCN = 4,
	MSG_HELLO = 6,
	MSG_OCRQ = 7,
	MSG_OCRP = 8,
	MSG_OCCN = 9,
	MSG_ICRQ = 10,
	MSG_ICRP = 11,
	MSG_ICCN = 12,
	MSG_CDN = 14,
	MSG_WEN = 15,
	MSG_SLI = 16,
	MSG_MDMST = 17, /* RFC 3573 */
	MSG_CSUN = 28,	/* RFC 5515 */
	MSG_CSURQ = 29,
	MSG_TYPE_END
};

enum l2tp_attr {
	AVP_MESSAGE_TYPE = 0,
	AVP_RESULT_CODE = 1,
	AVP_PROTOCOL_VERSION = 2,
	AVP_FRAMING_CAPS = 3,
	AVP_BEARER_CAPS = 4,
	AVP_TIE_BREAKER = 5,
	AVP_FIRMWARE = 6,
	AVP_HOST_NAME = 7,
	AVP_VENDOR_NAME = 8,
	AVP_ASSIGNED_TUNNEL = 9,
	AVP_RECEIVE_WINDOW = 10,
	AVP_CHALLENGE = 11,
	AVP_Q931_CAUSE = 12,
	AVP_RESPONSE = 13,
	AVP_ASSIGNED_SESSION = 14,
	AVP_CALL_SERIAL = 15,
	AVP_MINIMUM_BPS = 16,
	AVP_MAXIMUM_BPS = 17,
	AVP_BEARER_TYPE = 18,
	AVP_FRAMING_TYPE = 19,
	AVP_CALLED_NUMBER = 21,
	AVP_CALLING_NUMBER = 22,
	AVP_SUB_ADDRESS = 23,
	AVP_TX_SPEED = 24,
	AVP_PHYSICAL_CHANNEL = 25,
	AVP_INITIAL_LCP = 26,
	AVP_LAST_SENT_LCP = 27,
	AVP_LAST_RECEIVED_LCP = 28,
	AVP_PROXY_AUTH_TYPE = 29,
	AVP_PROXY_AUTH_NAME = 30,
	AVP_PROXY_AUTH_CHALLENGE = 31,
	AVP_PROXY_AUTH_ID = 32,
	AVP_PROXY_AUTH_RESPONSE = 33,
	AVP_CALL_ERRORS = 34,
	AVP_ACCM = 35,
	AVP_RANDOM_VECTOR = 36,
	AVP_PRIVATE_GROUP = 37,
	AVP_RX_SPEED = 38,
	AVP_SEQUENCING_REQUIRED = 39,
	AVP_RX_MINIMUM_BPS = 40, /* to 45: RFC 3301 */
	AVP_RX_MAXIMUM_BPS = 41,
	AVP_SERVICE_CATEGORY = 42,
	AVP_SERVICE_NAME = 43,
	AVP_CALLING_SUB_ADDRESS = 44,
	AVP_VPI_VCI = 45,
	AVP_PPP_DISCONNECT = 46, /* RFC 3145 */
	AVP_CONTROL_DSCP = 47,	 /* RFC 3308 */
	AVP_SESSION_DSCP = 48,
	AVP_LCP_WANT = 49, /* to 52: RFC 3437 */
	AVP_LCP_ALLOW = 50,
	AVP_LNS_LAST_SENT_LCP = 51,
	AVP_LNS_LAST_RECEIVED_LCP = 52,
	AVP_MOH_CAPABLE = 53, /* RFC 3573 */
	AVP_MOH_STATUS = 54,
	AVP_ATTR_END
};

/* RFC 5515's attributes, most of them of vendor 3561: a set of their own, numbered in the order of
 * its text. */
enum l2tp_line_attr {
	LINE_CIRCUIT_ID,
	LINE_REMOTE_ID,
	LINE_ACTUAL_UP,
	LINE_ACTUAL_DOWN,
	LINE_MINIMUM_UP,
	LINE_MINIMUM_DOWN,
	LINE_ATTAINABLE_UP,
	LINE_ATTAINABLE_DOWN,
	LINE_MAXIMUM_UP,
	LINE_MAXIMUM_DOWN,
	LINE_LOW_POWER_UP,
	LINE_LOW_POWER_DOWN,
	LINE_MAXIMUM_DELAY_UP,
	LINE_DELAY_UP,
	LINE_MAXIMUM_DELAY_DOWN,
	LINE_DELAY_DOWN,
	LINE_ENCAPSULATION,
	LINE_TYPE,
	LINE_IWF,
	LINE_SPEED_UPDATE,
	LINE_SPEED_UPDATE_ENABLE,
	LINE_ATTR_END
};

/* "SCCRQ" …; "?" for what is not in enum l2tp_type. */
const char *l2tp_type_name(unsigned type);
/* True for the types of enum l2tp_type. */
bool l2tp_type_known(unsigned type);
/* True for the types that belong to one session rather than to the tunnel. */
bool l2tp_type_of_session(unsigned type);
/* The meaning of a result code (§4.4.2) in a StopCCN or a CDN; "" when undefined. */
const char *l2tp_result_text(unsigned type, unsigned result);

/* The meaning of a general error code (§4.4.2); "" when undefined. */
const char *l2tp_error_text(unsigned error);
/* The meaning of a code of RFC 3145 §2; "" when undefined. */
const char *l2tp_disconnect_text(unsigned code);

/* RFC 3308: a code point (0 to 63) as the Per Hop Behaviour code (RFC 3140 §2) of its AVPs. */
uint16_t l2tp_dscp_phb(unsigned dscp);
/* The code point that such a code, or the first of a set of them, stands for. False: it stands for
 * none. */
bool l2tp_phb_dscp(uint16_t phb, uint8_t *dscp);

/* What kind of client a SCCRQ comes from. `single`: it never has two tunnels, so a new one replaces
 * the old. */
struct l2tp_client {
	const char *name; /* "windows", "apple" …, "" when it cannot be told */
	bool single;
};

/* From the escaped Vendor and Host Name, the announced window and whether a firmware revision came
 * along. */
const struct l2tp_client *l2tp_client_guess(const char *vendor, const char *host_name,
					    bool host_name_nul, uint16_t window, bool firmware);

#endif
