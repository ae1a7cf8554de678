/*
 * What the keeper and the RADIUS process (src/aaa) say to each other, and what both know of RADIUS
 * (src/radius): fixed messages over a SOCK_SEQPACKET pair, zeroed before they are filled, checked
 * whole by who gets them. The keeper sees no byte of a RADIUS packet, and the process holds no
 * user's state but what is on its way to a server.
 */
#ifndef RADIUS_H
#define RADIUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "caller.h"
#include "cause.h"
#include "conf.h"
#include "grant.h"
#include "lns.h"
#include "mstime.h"

#define RADIUS_TEXT_MAX 254 /* an attribute's longest text (RFC 2865 §5), and NUL */
#define RADIUS_ID_MAX 24    /* a session's id as lnsctl shows it */
#define RADIUS_CLASS_MAX 512
/* A login is decided within this, whatever servers there are: pppd's plugin waits for ten seconds.
 */
#define RADIUS_LOGIN_MS 8500

enum radius_kind {
	/* keeper → process */
	RADIUS_SETUP = 1, /* first, and once: radius_setup */
	RADIUS_LOGIN,	  /* may this one come in: radius_login; answered by RADIUS_VERDICT */
	RADIUS_RECORD,	  /* for accounting: radius_record */
	RADIUS_DONE,	  /* what became of an order: radius_done */
	/* process → keeper */
	RADIUS_VERDICT, /* radius_verdict */
	RADIUS_ORDER,	/* a server wants a session ended or changed: radius_order */
	RADIUS_STATE,	/* of the servers: radius_state */
	RADIUS_KIND_END
};

enum radius_side { RADIUS_FROM_KEEPER, RADIUS_FROM_PROCESS };

struct radius_setup {
	uint32_t kind;
	uint32_t uid, gid; /* whom the process becomes */
	uint32_t level;	   /* enum log_level */
	uint32_t server_count;
	struct conf_radius servers[CONF_RADIUS_MAX];
	struct lns_addr listen;	     /* for RFC 5176; family 0: not at all */
	uint64_t timeout, dead_time; /* ms */
	uint32_t secret_len;
	uint8_t secret[LNS_SECRET_MAX];
	char nas[RADIUS_TEXT_MAX]; /* NAS-Identifier */
};

/* The line that a client comes by. */
struct radius_line {
	struct lns_ref ref;
	char id[RADIUS_ID_MAX];
	struct lns_addr local, peer;
};

struct radius_login {
	uint32_t kind;
	struct radius_line line;
	struct proof proof;
};

/* What the attributes say: a grant whose lists lie in the message. */
struct radius_grant {
	uint32_t given; /* bits of enum radius_gift: what there was an attribute for */
	uint32_t interim_s;
	struct grant base; /* its pointers are NULL, its counts are those of the lists below */
	struct lns_prefix routes[GRANT_ROUTES_MAX];
	struct grant_allow allow[GRANT_ALLOW_MAX];
};

enum radius_gift {
	GIFT_ADDRESS = 1,
	GIFT_ROUTES = 2,
	GIFT_PREFIX6 = 4,
	GIFT_SESSION_TIMEOUT = 8,
	GIFT_IDLE_TIMEOUT = 16,
	GIFT_ALLOW = 32,
	GIFT_RATE = 64,
	GIFT_DNS = 128,
	GIFT_INTERIM = 256,
	/* what a live session can be given (RFC 5176 §2.2) */
	GIFTS_LIVE = GIFT_SESSION_TIMEOUT | GIFT_ALLOW | GIFT_RATE | GIFT_INTERIM
};

struct radius_verdict {
	uint32_t kind;
	struct lns_ref ref;
	uint32_t cause; /* enum cause; CAUSE_NONE: let in */
	char text[96];	/* for the log, when refused; escaped */
	char user[128]; /* as the server calls the account; "": by the name that was asked for */
	char told[128]; /* what the client is told word for word, or "" */
	struct radius_grant grant;
	uint32_t class_len;
	uint8_t class[RADIUS_CLASS_MAX]; /* Class attributes, each with type and length */
};

/* RFC 2866 §5.1 */
enum radius_status { STATUS_START = 1, STATUS_STOP, STATUS_INTERIM, STATUS_ON = 7, STATUS_OFF };

struct radius_record {
	uint32_t kind;
	uint32_t status; /* enum radius_status */
	struct radius_line line;
	int64_t when;	  /* wall clock, s */
	uint32_t address; /* IPv4, host order; 0: none */
	struct lns_prefix prefix6;
	uint32_t remote; /* 1: a RADIUS server let the client in, 0: the users file */
	uint32_t cause;	 /* enum cause, of a stop */
	uint32_t duration_s;
	uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets; /* rx: from the client */
	char user[RADIUS_TEXT_MAX];
	uint32_t class_len;
	uint8_t class[RADIUS_CLASS_MAX];
};

/* Which sessions an order is for: all that match in everything that is given. */
struct radius_match {
	char id[RADIUS_ID_MAX];	    /* "": not given, and so for the others */
	char user[RADIUS_TEXT_MAX]; /* the account */
	char calling[RADIUS_TEXT_MAX];
	uint32_t address; /* IPv4, host order; 0: not given */
	uint32_t port;	  /* NAS-Port, see radius_port(); 0: not given */
};

struct radius_order {
	uint32_t kind;
	uint32_t ask;	 /* comes back in RADIUS_DONE */
	uint32_t change; /* 0: end them, 1: give them what `grant.given` says */
	struct radius_match match;
	struct radius_grant grant;
};

/* RFC 5176 §3.5 */
enum radius_error {
	ERROR_CAUSE_NONE,
	ERROR_CAUSE_UNSUPPORTED_ATTRIBUTE = 401,
	ERROR_CAUSE_MISSING_ATTRIBUTE = 402,
	ERROR_CAUSE_NAS_MISMATCH = 403,
	ERROR_CAUSE_INVALID_REQUEST = 404,
	ERROR_CAUSE_INVALID_VALUE = 407,
	ERROR_CAUSE_NO_SESSION = 503,
	ERROR_CAUSE_NO_RESOURCES = 506
};

struct radius_done {
	uint32_t kind;
	uint32_t ask;
	uint32_t error; /* enum radius_error */
};

struct radius_server_state {
	uint32_t auth_down, acct_down; /* 1: skipped, until its dead time is over or it answers */
	mstime_t answered;	       /* CLOCK_MONOTONIC; 0: never yet */
	uint64_t requests, timeouts;
};

struct radius_state {
	uint32_t kind;
	uint32_t count;
	uint64_t waiting, lost; /* records for accounting: on disk, and dropped since the start */
	struct radius_server_state servers[CONF_RADIUS_MAX];
};

union radius_msg {
	uint32_t kind;
	struct radius_setup setup;
	struct radius_login login;
	struct radius_record record;
	struct radius_done done;
	struct radius_verdict verdict;
	struct radius_order order;
	struct radius_state state;
};

/* Length of a kind's message; 0 for a kind that this side never sends. */
size_t radius_size(uint32_t kind, enum radius_side from);
/* Length, kind, texts, counts and numbers are right. */
bool radius_valid(const union radius_msg *msg, size_t len, enum radius_side from);

/* A grant into a message; false when its lists are too long. And back, as a view into the message.
 */
bool radius_pack(struct radius_grant *to, const struct grant *from);
struct grant radius_unpack(const struct radius_grant *from);

/* NAS-Port of a session: no two that live have the same. */
uint32_t radius_port(struct lns_ref ref);
/* Calling-Station-Id and Called-Station-Id: an address without its port. */
void radius_station(char out[RADIUS_TEXT_MAX], const struct lns_addr *addr);

#endif
