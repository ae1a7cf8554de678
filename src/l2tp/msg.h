/*
 * Control messages as typed structs (RFC 2661 §3.2, §4). msg_decode() takes a whole message apart
 * before anything acts on it; a fault is a value to answer with, not an exit.
 */
#ifndef L2TP_MSG_H
#define L2TP_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "l2tp/names.h"
#include "wire.h"

#define L2TP_CONTROL_HEADER 12
/* T, L and S set, version 2 (§3.1) */
#define L2TP_CONTROL_FLAGS 0xc802
/* Version 1 revision 0 (§4.4.3) */
#define L2TP_PROTOCOL_VERSION 0x0100

/* Result and error codes that we send (§4.4.2) */
enum l2tp_result {
	STOPCCN_CLEAR = 1,
	STOPCCN_GENERAL = 2,
	STOPCCN_NOT_AUTHORIZED = 4,
	STOPCCN_VERSION = 5,
	STOPCCN_SHUTDOWN = 6,
	STOPCCN_FSM = 7,
	CDN_CARRIER = 1,
	CDN_GENERAL = 2,
	CDN_ADMIN = 3,
	CDN_TEMPORARY = 4,
	CDN_PERMANENT = 5,
	CDN_LATE = 10
};

enum l2tp_error {
	ERROR_NONE = 0,
	ERROR_NO_CONTROL = 1,
	ERROR_LENGTH = 2,
	ERROR_VALUE = 3,
	ERROR_RESOURCES = 4,
	ERROR_SESSION_ID = 5,
	ERROR_VENDOR = 6,
	ERROR_TRY_ANOTHER = 7,
	ERROR_UNKNOWN_AVP = 8
};

struct l2tp_bytes {
	const uint8_t *p;
	size_t len;
};

struct l2tp_result_code {
	uint16_t result, error;
	struct l2tp_bytes text;
};

struct l2tp_q931 {
	uint16_t cause;
	uint8_t message;
	struct l2tp_bytes text;
};

struct l2tp_call_errors {
	uint32_t crc, framing, hardware, buffer, timeout, alignment;
};

struct l2tp_accm {
	uint32_t send, receive;
};

/* RFC 3145: why PPP ended, as one end saw it. */
struct l2tp_disconnect {
	uint16_t code, protocol;
	uint8_t direction;
	struct l2tp_bytes text;
};

/* RFC 5515 §7: what is known of the caller's line. Rates in bit/s, delays in ms. */
struct l2tp_line {
	struct l2tp_bytes circuit_id, remote_id;
	uint64_t actual_up, actual_down, minimum_up, minimum_down;
	uint64_t attainable_up, attainable_down, maximum_up, maximum_down;
	uint64_t low_power_up, low_power_down;
	uint32_t maximum_delay_up, delay_up, maximum_delay_down, delay_down;
	struct l2tp_bytes encapsulation;
	uint32_t type;
};

/* RFC 5515 §5.1: a session, by the receiver's id, and its speeds in bit/s. A message has one for
 * each session that it is about; a datagram of 1500 bytes has room for 80. */
#define L2TP_SPEEDS_MAX 96

struct l2tp_speed {
	uint16_t sid;
	uint32_t tx, rx;
};

struct l2tp_speeds {
	size_t count;
	struct l2tp_speed list[L2TP_SPEEDS_MAX];
};

struct l2tp_msg {
	uint16_t type;	   /* enum l2tp_type, or a number that is not in it */
	bool mandatory;	   /* M bit of the Message Type AVP */
	uint64_t has;	   /* bit (1 << attribute) for each member below that was present */
	uint32_t has_line; /* bit (1 << enum l2tp_line_attr) for those of RFC 5515 */

	struct l2tp_result_code result;
	uint16_t protocol_version;
	uint32_t framing_caps, bearer_caps;
	uint64_t tie_breaker;
	uint16_t firmware;
	struct l2tp_bytes host_name, vendor_name;
	uint16_t assigned_tunnel, window;
	struct l2tp_bytes challenge, response;
	struct l2tp_q931 q931;
	uint16_t assigned_session;
	uint32_t call_serial, minimum_bps, maximum_bps, bearer_type, framing_type;
	struct l2tp_bytes called, calling, sub_address;
	uint32_t tx_speed, rx_speed, physical_channel;
	struct l2tp_bytes initial_lcp, last_sent_lcp, last_received_lcp;
	uint16_t proxy_auth_type, proxy_auth_id;
	struct l2tp_bytes proxy_auth_name, proxy_auth_challenge, proxy_auth_response;
	struct l2tp_call_errors call_errors;
	struct l2tp_accm accm;
	struct l2tp_bytes random_vector; /* the last; not encoded, see struct msg_hiding */
	struct l2tp_bytes private_group;
	uint32_t rx_minimum_bps, rx_maximum_bps;
	uint16_t service_category;
	struct l2tp_bytes service_name, calling_sub_address;
	uint32_t vpi_vci;
	struct l2tp_disconnect disconnect;
	uint16_t control_dscp, session_dscp; /* PHB codes, see l2tp_phb_dscp() */
	struct l2tp_bytes lcp_want, lcp_allow, lns_last_sent_lcp, lns_last_received_lcp;
	uint16_t moh_status;
	struct l2tp_line line;
	struct l2tp_speeds speeds; /* LINE_SPEED_UPDATE */

	uint16_t
		ignored; /* AVPs passed over: unknown, misplaced, repeated, or malformed with M=0 */
	uint16_t ignored_attr; /* the first of them */
};

#define MSG_HAS(msg, attr) (((msg)->has >> (attr)) & 1)
#define MSG_HAS_LINE(msg, attr) (((msg)->has_line >> (attr)) & 1)

/* What was wrong with a message, ready to be answered with. */
struct l2tp_fault {
	uint16_t result,
		error; /* a general error: 2, and the Error Code; StopCCN and CDN share these */
	uint16_t vendor, attr; /* the attribute at fault */
	const char *why;       /* a constant */
};

/* The fault in words, with the name and number of its attribute, as the peer is to hear it (§4.4.2:
 * error 8 names the attribute). 95 bytes at most; cut to what fits in cap. */
void msg_fault_text(const struct l2tp_fault *fault, char *out, size_t cap);

/*
 * How a message is read. `strict`: an unknown AVP with M=1 is a fault (§4.1), else passed over. The
 * secret is the tunnel's (§4.3), secret_len 0 when it has none. Hidden values are unhidden into
 * `room`, which must be as long as the message and live as long as msg; without secret or room no
 * hidden AVP can be read.
 */
struct msg_reading {
	bool strict;
	const uint8_t *secret;
	size_t secret_len;
	uint8_t *room;
	size_t room_len;
};

/* How values are hidden (§4.3). Vector and padding are random, fresh for each message; padding_len
 * bytes of it stand behind each value. */
struct msg_hiding {
	const uint8_t *secret;
	size_t secret_len;
	uint8_t vector[16];
	uint8_t padding[16];
	size_t padding_len;
};

/*
 * Decodes the AVPs of one control message (what follows the header). No bytes: MSG_ZLB. False:
 * *fault is filled, and msg holds what had been read up to there, its type if that much was clear.
 * Values of variable length are views into `bytes` or how->room.
 */
bool msg_decode(struct l2tp_msg *msg, const uint8_t *bytes, size_t len,
		const struct msg_reading *how, struct l2tp_fault *fault);

/*
 * Writes the message with its header (Ns and Nr zero, see chan.h) into out: Message Type first,
 * then the attributes in `has` in the order of the rule table, each with the M bit of its
 * definition. `hide`: those that may be hidden are, after a Random Vector; NULL: none is. Returns
 * its length, 0 when it does not fit, or a value cannot be hidden.
 */
size_t msg_encode(const struct l2tp_msg *msg, uint16_t tid, uint16_t sid,
		  const struct msg_hiding *hide, uint8_t *out, size_t cap);

/* One attribute of a message: its name in the RFC, and its value as a text, escaped. Both are valid
 * during the call. */
typedef void msg_describe_fn(void *ctx, const char *name, const char *value);

/* Calls fn for each attribute that the message has and that nothing but a person has use for: at
 * most 64, whose values have at most 255 bytes. */
void msg_describe(const struct l2tp_msg *msg, msg_describe_fn *fn, void *ctx);

#endif
