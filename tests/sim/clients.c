/* What was collected about clients from their sources, from traces and from the field: shapes and
 * times, not names of programs' versions. Mandatory AVPs as RFC 2661 §6 asks where no more is
 * known. */
#include "client.h"
#include "l2tp/msg.h"

#define SECOND 1000
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

#define M 0x8000
#define AVP(flags, attr, text)                                                                     \
	{                                                                                          \
		flags, 0, attr, VALUE_BYTES, text, sizeof(text) - 1, 0                             \
	}
#define VENDOR(vendor, attr, text)                                                                 \
	{                                                                                          \
		0, vendor, attr, VALUE_BYTES, text, sizeof(text) - 1, 0                            \
	}
#define OWN_TID                                                                                    \
	{                                                                                          \
		M, 0, AVP_ASSIGNED_TUNNEL, VALUE_TID, "", 0, 0                                     \
	}
#define OWN_SID                                                                                    \
	{                                                                                          \
		M, 0, AVP_ASSIGNED_SESSION, VALUE_SID, "", 0, 0                                    \
	}

#define VERSION_1 AVP(M, AVP_PROTOCOL_VERSION, "\x01\x00")
#define FRAMING(bits) AVP(M, AVP_FRAMING_CAPS, "\x00\x00\x00" bits)
#define BEARER(bits) AVP(M, AVP_BEARER_CAPS, "\x00\x00\x00" bits)
#define WINDOW(n) AVP(M, AVP_RECEIVE_WINDOW, "\x00" n)
#define SERIAL AVP(M, AVP_CALL_SERIAL, "\x00\x00\x00\x01")
#define FRAMED AVP(M, AVP_FRAMING_TYPE, "\x00\x00\x00\x01")
#define SPEED(bytes) AVP(M, AVP_TX_SPEED, bytes)

/* Result Code: with and without an Error Code */
#define RESULT(bytes) AVP(M, AVP_RESULT_CODE, bytes)
/* swapped, and the header counted twice: the value's two bytes are followed by nothing */
#define SWAPPED_RESULT(bytes)                                                                      \
	{                                                                                          \
		M, 0, AVP_RESULT_CODE, VALUE_BYTES, bytes, sizeof(bytes) - 1, 14                   \
	}

#define SCCCN                                                                                      \
	{                                                                                          \
		MSG_SCCCN,                                                                         \
		{                                                                                  \
			{                                                                          \
				0                                                                  \
			}                                                                          \
		}                                                                                  \
	}
#define CDN(result)                                                                                \
	{                                                                                          \
		MSG_CDN,                                                                           \
		{                                                                                  \
			result, OWN_SID                                                            \
		}                                                                                  \
	}
#define STOPCCN(result)                                                                            \
	{                                                                                          \
		MSG_STOPCCN,                                                                       \
		{                                                                                  \
			OWN_TID, result                                                            \
		}                                                                                  \
	}

#define XL2TPD_SCCRQ                                                                               \
	{                                                                                          \
		MSG_SCCRQ,                                                                         \
		{                                                                                  \
			VERSION_1, FRAMING("\x03"), BEARER("\x00"),                                \
				AVP(0, AVP_FIRMWARE, "\x06\x90"), AVP(M, AVP_HOST_NAME, "laptop"), \
				AVP(0, AVP_VENDOR_NAME, "xelerance.com"), OWN_TID, WINDOW("\x08")  \
		}                                                                                  \
	}

const struct client_facts client_facts[] = {
	{
		.name = "Windows",
		.guess = "windows",
		.port = 1701,
		.window = 8,
		.sessions = 1,
		.again = SECOND,
		.cap = 8 * SECOND,
		.tries = 5,
		.hello = MINUTE,
		.renews = HOUR, /* or 250 MB */
		.leaving = LEAVE_CDN_STOPCCN,
		.sccrq = {MSG_SCCRQ,
			  {VERSION_1, FRAMING("\x01"), BEARER("\x00"),
			   AVP(0, AVP_FIRMWARE, "\x0a\x00"), AVP(M, AVP_HOST_NAME, "DESKTOP-1"),
			   AVP(0, AVP_VENDOR_NAME, "Microsoft"), OWN_TID, WINDOW("\x08")}},
		.scccn = SCCCN,
		/* an identifier of the call, 16 bytes; M and H are 0 */
		.icrq = {MSG_ICRQ,
			 {OWN_SID, SERIAL, AVP(M, AVP_BEARER_TYPE, "\x00\x00\x00\x02"),
			  VENDOR(311, 1, "0123456789abcdef")}},
		.iccn = {MSG_ICCN,
			 {SPEED("\x05\xf5\xe1\x00"), FRAMED,
			  AVP(0, AVP_PROXY_AUTH_TYPE, "\x00\x04")}},
		.cdn = CDN(RESULT("\x00\x03\x00\x00")),
		.stopccn = STOPCCN(RESULT("\x00\x06\x00\x00")),
	},
	{
		.name = "macOS and iOS",
		.guess = "apple",
		.port = 56322,
		.window = 4,
		.sessions = 1,
		.again = SECOND,
		.cap = 4 * SECOND,
		.tries = 9,
		.renews = HOUR,
		.leaving = LEAVE_CDN_STOPCCN,
		/* the NUL at the end of the host name is sent */
		.sccrq = {MSG_SCCRQ,
			  {VERSION_1, FRAMING("\x03"), AVP(M, AVP_HOST_NAME, "phone\0"), OWN_TID,
			   WINDOW("\x04")}},
		.scccn = SCCCN,
		.icrq = {MSG_ICRQ, {OWN_SID, SERIAL}},
		.iccn = {MSG_ICCN, {SPEED("\x00\x0f\x42\x40"), FRAMED}},
		.cdn = {MSG_CDN, {OWN_SID, SWAPPED_RESULT("\x03\x00")}},
		.stopccn = {MSG_STOPCCN, {OWN_TID, SWAPPED_RESULT("\x06\x00")}},
	},
	{
		.name = "Android 9 to 11",
		.guess = "android",
		.port = 41234,
		.window = 1,
		.sessions = 1,
		.again = 2 * SECOND,
		.cap = 2 * SECOND,
		.tries = 30,
		.deaf_to_hello = true,
		.waits = true,
		.strict = true,
		.renews = 8 * HOUR,
		.leaving = LEAVE_STOPCCN,
		.sccrq = {MSG_SCCRQ,
			  {VERSION_1, AVP(M, AVP_HOST_NAME, "anonymous"), FRAMING("\x03"), OWN_TID,
			   WINDOW("\x01")}},
		.scccn = SCCCN,
		.icrq = {MSG_ICRQ, {OWN_SID, SERIAL}},
		.iccn = {MSG_ICCN, {SPEED("\x05\xf5\xe1\x00"), FRAMED}},
		.cdn = CDN(RESULT("\x00\x03")),
		.stopccn = STOPCCN(RESULT("\x00\x06")),
	},
	{
		.name = "ChromeOS",
		.guess = "xl2tpd",
		.port = 1701,
		.window = 4,
		.sessions = 1,
		.again = SECOND,
		.cap = 8 * SECOND,
		.tries = 5,
		.hello = MINUTE,
		.renews = HOUR,
		.leaving = LEAVE_VANISH,
		.sccrq = XL2TPD_SCCRQ,
		.scccn = SCCCN,
		.icrq = {MSG_ICRQ, {OWN_SID, SERIAL, AVP(M, AVP_BEARER_TYPE, "\x00\x00\x00\x00")}},
		.iccn = {MSG_ICCN,
			 {SPEED("\x00\x0f\x42\x40"), FRAMED,
			  AVP(0, AVP_RX_SPEED, "\x00\x0f\x42\x40")}},
		.cdn = CDN(RESULT("\x00\x01\x00\x00")),
		.stopccn = STOPCCN(RESULT("\x00\x01\x00\x00")),
	},
	{
		.name = "NetworkManager, xl2tpd",
		.guess = "xl2tpd",
		.port = 1701,
		.window = 8,
		.sessions = 1,
		.again = SECOND,
		.cap = 8 * SECOND,
		.tries = 5,
		.hello = MINUTE,
		.renews = HOUR,
		.leaving = LEAVE_CDN_STOPCCN,
		.sccrq = XL2TPD_SCCRQ,
		.scccn = SCCCN,
		.icrq = {MSG_ICRQ, {OWN_SID, SERIAL, AVP(M, AVP_BEARER_TYPE, "\x00\x00\x00\x00")}},
		.iccn = {MSG_ICCN,
			 {SPEED("\x05\xf5\xe1\x00"), FRAMED,
			  AVP(0, AVP_RX_SPEED, "\x05\xf5\xe1\x00")}},
		.cdn = CDN(RESULT("\x00\x01\x00\x00")),
		.stopccn = STOPCCN(RESULT("\x00\x01\x00\x00Server closing")),
	},
	{
		.name = "NetworkManager, kl2tpd",
		.guess = "kl2tpd",
		.port = 1701,
		.window = 4,
		.sessions = 1,
		.again = SECOND,
		.cap = 8 * SECOND,
		.tries = 5,
		.renews = HOUR,
		.leaving = LEAVE_STOPCCN,
		.sccrq = {MSG_SCCRQ,
			  {VERSION_1, AVP(M, AVP_HOST_NAME, "laptop"), FRAMING("\x03"), OWN_TID,
			   AVP(0, AVP_VENDOR_NAME, "prol2tp")}},
		.scccn = SCCCN,
		.icrq = {MSG_ICRQ, {OWN_SID, SERIAL}},
		.iccn = {MSG_ICCN, {SPEED("\x00\x00\x00\x00"), FRAMED}},
		.cdn = CDN(RESULT("\x00\x03\x00\x00")),
		.stopccn = STOPCCN(RESULT("\x00\x01\x00\x00")),
	},
	{
		.name = "MikroTik",
		.guess = "mikrotik",
		.port = 1701,
		.window = 4,
		.sessions = 1,
		.again = SECOND,
		.cap = 8 * SECOND,
		.tries = 5,
		.hello = 30 * SECOND,
		.renews = 30 * MINUTE,
		.leaving = LEAVE_CDN_STOPCCN,
		.sccrq = {MSG_SCCRQ,
			  {VERSION_1, FRAMING("\x01"), BEARER("\x00"),
			   AVP(0, AVP_FIRMWARE, "\x00\x01"), AVP(M, AVP_HOST_NAME, "router"),
			   AVP(0, AVP_VENDOR_NAME, "MikroTik"), OWN_TID, WINDOW("\x04")}},
		.scccn = SCCCN,
		.icrq = {MSG_ICRQ, {OWN_SID, SERIAL, AVP(M, AVP_BEARER_TYPE, "\x00\x00\x00\x02")}},
		.iccn = {MSG_ICCN, {SPEED("\x00\x01\x86\xa0"), FRAMED}},
		/* no Error Code */
		.cdn = CDN(RESULT("\x00\x03")),
		.stopccn = STOPCCN(RESULT("\x00\x06")),
	},
	{
		.name = "Cisco LAC",
		.guess = "cisco",
		.port = 1701,
		.window = 3,
		.sessions = 3,
		.again = SECOND,
		.cap = 8 * SECOND,
		.tries = 10,
		.hello = MINUTE,
		.renews = HOUR,
		.secret = "between us",
		.leaving = LEAVE_CDN_STOPCCN,
		.sccrq = {MSG_SCCRQ,
			  {VERSION_1, FRAMING("\x00"), BEARER("\x00"),
			   AVP(M, AVP_TIE_BREAKER, "\x01\x02\x03\x04\x05\x06\x07\x08"),
			   AVP(0, AVP_FIRMWARE, "\x11\x30"), AVP(M, AVP_HOST_NAME, "lac1"),
			   AVP(0, AVP_VENDOR_NAME, "Cisco Systems, Inc."), OWN_TID, WINDOW("\x03"),
			   AVP(M, AVP_CHALLENGE, "fedcba9876543210"), VENDOR(9, 4, "other")}},
		.scccn = {MSG_SCCCN, {{M, 0, AVP_RESPONSE, VALUE_RESPONSE, "", 0, 0}}},
		.icrq = {MSG_ICRQ,
			 {OWN_SID, SERIAL, AVP(M, AVP_BEARER_TYPE, "\x00\x00\x00\x02"),
			  AVP(M, AVP_CALLED_NUMBER, "5551234"), VENDOR(9, 2, "port")}},
		.iccn = {MSG_ICCN,
			 {SPEED("\x05\xf5\xe1\x00"), FRAMED,
			  AVP(0, AVP_INITIAL_LCP, "\x05\x06\x01\x02\x03\x04"),
			  AVP(0, AVP_LAST_SENT_LCP, "\x03\x05\xc2\x23\x05"),
			  AVP(0, AVP_LAST_RECEIVED_LCP, "\x05\x06\x01\x02\x03\x04"),
			  AVP(0, AVP_PROXY_AUTH_TYPE, "\x00\x02"),
			  AVP(0, AVP_PROXY_AUTH_NAME, "alice"),
			  AVP(0, AVP_PROXY_AUTH_CHALLENGE, "0123456789abcdef"),
			  AVP(0, AVP_PROXY_AUTH_ID, "\x00\x01"),
			  AVP(0, AVP_PROXY_AUTH_RESPONSE, "0123456789abcdef")}},
		.cdn = CDN(RESULT("\x00\x01\x00\x00")),
		.stopccn = STOPCCN(RESULT("\x00\x01\x00\x00")),
	},
};

const size_t client_count = sizeof(client_facts) / sizeof(client_facts[0]);
