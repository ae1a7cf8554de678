/*
 * The door of the protocol core (src/l2tp): bytes and time go in, actions come out. No I/O, no
 * clock, no threads.
 *
 * Every entry may queue actions; take them with lns_next_act() until it returns NULL, after each
 * entry or batch of entries. Nothing is freed while the caller still holds a view: a session or
 * tunnel that dies is reaped at the next entry. Between rooms a session is a `struct lns_ref`,
 * never an address; a stale ref is recognised and does nothing.
 */
#ifndef LNS_H
#define LNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cause.h"
#include "mstime.h"

struct trail;

struct lns;

/* One end of a path. Port in host order; `ip` holds 4 or 16 bytes by `family` (4 or 6), the rest is
 * zero. */
struct lns_addr {
	uint8_t ip[16];
	uint32_t scope; /* IPv6 scope id (interface) of a link-local address, else 0 */
	uint16_t port;
	uint16_t family;
};

/*
 * Where a datagram came from and went to, and the mark of the SA that protected it (0: none): two
 * clients behind one NAT can differ in nothing else. All members count when paths are compared, but
 * the peer sees no difference in `local` alone.
 */
struct lns_path {
	struct lns_addr local, peer;
	uint32_t mark;
};

/* A handle: sid 0 names the tunnel itself. `serial` tells apart two owners of the same ids. */
struct lns_ref {
	uint16_t tid, sid;
	uint32_t serial;
};

/* Bytes before a frame that lns_encap() may write to. */
#define LNS_HEADROOM 16

/* A prefix; bits counts in the family's own length. */
struct lns_prefix {
	uint8_t ip[16];
	uint16_t family; /* 4 or 6 */
	uint16_t bits;
};

/* Sequence numbers in data messages (RFC 2661 §5.4). */
enum lns_sequencing {
	LNS_SEQ_OFF,	/* only where the peer requires them */
	LNS_SEQ_ON,	/* in all that we send */
	LNS_SEQ_REORDER /* that too, and what comes too early waits a moment for what is missing */
};

#define LNS_PEER_PREFIXES 16
#define LNS_SECRET_MAX 128

/* What holds for the LACs that a section names; the first that matches address and name is taken,
 * else lns_conf.others. */
struct lns_peer {
	char name[64];				     /* of its section, "" for the others */
	struct lns_prefix prefix[LNS_PEER_PREFIXES]; /* no prefix: any address */
	uint32_t prefixes;
	char host_name[256]; /* a glob with * and ?, letter case ignored; "": any */
	uint8_t secret[LNS_SECRET_MAX];
	uint32_t secret_len; /* 0: no tunnel authentication, nothing hidden */
	bool secret_missing; /* its file cannot be read: its tunnels are refused */
	bool hide;	     /* AVPs that may be hidden are (§4.3) */
	bool proxy_accept;   /* what the LAC negotiated and proved goes for us (§4.4.5) */
	bool dscp;	     /* code points that it asks for are put on what we send (RFC 3308) */
	enum lns_sequencing sequencing;
	uint32_t max_sessions; /* in all its tunnels together; 0: no limit of its own */
};

struct lns_conf {
	char host_name[256];	/* Host Name AVP, at least one byte */
	char vendor[64];	/* Vendor Name AVP */
	uint16_t firmware;	/* Firmware Revision AVP */
	mstime_t hello;		/* silence before a HELLO */
	mstime_t half_open;	/* life of a tunnel that does not reach established */
	mstime_t session_setup; /* life of a session that does not reach established */
	uint32_t max_tunnels;	/* all of them, half-open and lingering ones too */
	uint32_t max_sessions;
	uint32_t max_half_open;
	uint16_t window; /* Receive Window Size that we announce */
	bool avp_strict; /* an unknown AVP with M=1 ends its tunnel or session (RFC 2661 §4.1), else
			    it is logged */
	unsigned tries;	 /* retransmissions of a control message (§5.8); 0: five */
	struct lns_peer others;	      /* who is in no section */
	const struct lns_peer *peers; /* peer_count of them, in the order of the file */
	size_t peer_count;
};

/* Fills out with len random bytes of a cryptographic generator. */
typedef void lns_random_fn(void *ctx, void *out, size_t len);

/* Gives a new endpoint, or NULL when memory is short. conf is copied, its peers too. */
struct lns *lns_new(const struct lns_conf *conf, lns_random_fn *random, void *ctx);
void lns_free(struct lns *lns);
/* A new configuration for what comes from now on: limits and hello hold at once, the rest for new
 * tunnels; a live tunnel keeps the peer that it was made with. When memory is short the peers stay
 * as they were. */
void lns_reconf(struct lns *lns, const struct lns_conf *conf);

enum lns_verdict {
	LNS_DROPPED, /* not for us, malformed, or not allowed; counted, nothing changed */
	LNS_TAKEN,   /* a control message, dealt with; or a frame that waits for its turn */
	LNS_DATA,    /* a PPP frame of an established session; see struct lns_data */
};

struct lns_data {
	struct lns_ref ref;
	const uint8_t *frame; /* inside the datagram given */
	size_t len;
};

/* One datagram. `data` is filled for LNS_DATA only. */
enum lns_verdict lns_input(struct lns *lns, mstime_t now, const struct lns_path *path,
			   const uint8_t *bytes, size_t len, struct lns_data *data);

/*
 * The next of the frames that had waited for one that was missing (LNS_SEQ_REORDER), in order; call
 * until false after lns_input() gave LNS_DATA (its own frame comes first) or LNS_TAKEN, and after
 * lns_tick(): what nobody took is gone at the next entry. The view holds until the next call of
 * this function or the next entry.
 */
bool lns_next_data(struct lns *lns, struct lns_data *data);

/* How a data message leaves. */
struct lns_way {
	const struct lns_path *path; /* valid until the next entry */
	uint8_t dscp;		     /* the code point of the outer header, 0 to 63 */
};

/*
 * Writes the data header into the LNS_HEADROOM bytes before `frame`. Returns its length (the
 * datagram begins at frame - length), or 0 when the session may not send (gone, or not
 * established). *way says where to send it and how.
 */
size_t lns_encap(struct lns *lns, struct lns_ref ref, uint8_t *frame, size_t len,
		 struct lns_way *way);

/* Ends a session (CDN) or, with sid 0, a tunnel (StopCCN). `text` goes into the Result Code AVP,
 * may be NULL. */
void lns_close(struct lns *lns, mstime_t now, struct lns_ref ref, enum cause cause,
	       enum closed_by by, const char *text);

/* A call that we ask a LAC to place (OCRQ, §6.9). Strings are copied. */
struct lns_call {
	const char *peer;	 /* a peer's name; "" when only tid or path say who */
	uint16_t tid;		 /* this tunnel; 0: any established one of the peer */
	const char *number;	 /* Called Number */
	const char *sub_address; /* "" for none */
	uint32_t minimum_bps, maximum_bps;
	const struct lns_path
		*path; /* where a tunnel may be opened when there is none, or NULL. Its
			  local address may be all zero: the peer's answer fills it in */
};

/*
 * Begins the call; *ref names its session, whose acts follow as for one that came in, PPP_START
 * once the LAC has accepted, PPP_GO once it is connected, and PPP_STOP in every case. False:
 * nothing was begun, and *why, a constant, says why (no such tunnel, the LAC cannot dial, a limit,
 * memory).
 */
bool lns_dial(struct lns *lns, mstime_t now, const struct lns_call *call, struct lns_ref *ref,
	      const char **why);

/*
 * From now on whoever asks for a tunnel, or for a call in one that he has, is sent to another
 * server: StopCCN or CDN with result 2, error 7 and `address` (a text, at most 63 bytes) as its
 * Error Message. Calls that are there stay, unless `all` is set: then every tunnel ends so. NULL:
 * no more of that.
 */
void lns_drain(struct lns *lns, mstime_t now, const char *address, bool all);
/* The address, or NULL. */
const char *lns_draining(const struct lns *lns);

/* Data of this session have come by another way than lns_input(): its peer lives. */
void lns_heard(struct lns *lns, mstime_t now, struct lns_ref ref);

/* The ACCMs that PPP negotiated, for a LAC with asynchronous framing: SLI (§6.14), when they are
 * not the default of all ones. */
void lns_set_accm(struct lns *lns, mstime_t now, struct lns_ref ref, uint32_t send,
		  uint32_t receive);

/* What a LAC negotiated with the caller and heard from it (§4.4.5). Views into the session's copy,
 * which lives as long as it does. */
struct lns_bytes {
	const uint8_t *p;
	size_t len;
};

enum lns_proxy_type {
	LNS_PROXY_TEXT = 1,
	LNS_PROXY_CHAP = 2,
	LNS_PROXY_PAP = 3,
	LNS_PROXY_NONE = 4,
	LNS_PROXY_MSCHAP1 = 5
};

struct lns_proxy {
	enum lns_proxy_type type;
	uint8_t id;
	struct lns_bytes name, challenge, response;
	struct lns_bytes initial_lcp, last_sent_lcp, last_received_lcp; /* len 0: not given */
};

/* True when the session's peer is one whose word goes (proxy_accept) and what it sent is whole and
 * consistent; known from PPP_START on, which such a peer's session gets only when ICCN has come. */
bool lns_proxy(const struct lns *lns, struct lns_ref ref, struct lns_proxy *proxy);

/*
 * What becomes of the SA under a mark (never 0) tells of its client's tunnels.
 * lns_renewed(): datagrams go by another SA from now on. What the peer has not acknowledged is sent
 * again at once, for it may have gone by one that the peer no longer has; and a tunnel that has not
 * been heard of since is replaced at once when the same client sets up a new one.
 * lns_lost(): the SA is gone and no other has come in time. Its tunnels end, and nothing is sent.
 * lns_probe(): somebody who may be this client came through SAs of another mark. Its tunnels are
 * asked whether they still live, and are replaced when they stay silent for three seconds.
 * lns_uses(): true while a tunnel under the mark lives, or waits for the acknowledgement of its
 * StopCCN.
 */
void lns_renewed(struct lns *lns, mstime_t now, uint32_t mark);
void lns_lost(struct lns *lns, mstime_t now, uint32_t mark);
void lns_probe(struct lns *lns, mstime_t now, uint32_t mark);
bool lns_uses(const struct lns *lns, uint32_t mark);

/* Does what is due at `now`: retransmissions, HELLO, time limits. */
void lns_tick(struct lns *lns, mstime_t now);
/* When lns_tick() has something to do next; MSTIME_NEVER when nothing. */
mstime_t lns_deadline(struct lns *lns);

/* StopCCN (result 6) to every peer; no new tunnels from now on. */
void lns_shutdown(struct lns *lns, mstime_t now);
/* True when no tunnel still waits for the acknowledgement of its StopCCN. */
bool lns_quiet(const struct lns *lns);

enum lns_act_kind {
	LNS_ACT_SEND,	   /* send `bytes` along `path` */
	LNS_ACT_TUNNEL_UP, /* established */
	LNS_ACT_TUNNEL_DOWN,
	LNS_ACT_PPP_START, /* ICRQ accepted: start pppd early; of a peer with proxy_accept at ICCN
			    */
	LNS_ACT_PPP_GO,	   /* ICCN or OCCN came: frames may flow */
	LNS_ACT_PPP_STOP,  /* the session is over: end pppd */
};

struct lns_act {
	enum lns_act_kind kind;
	struct lns_ref ref;
	struct lns_path path;
	const uint8_t *bytes; /* LNS_ACT_SEND */
	size_t len;
	bool was_up;	  /* TUNNEL_DOWN: of one that was established */
	uint8_t dscp;	  /* LNS_ACT_SEND: the code point of the outer header */
	enum cause cause; /* *_DOWN and PPP_STOP */
	enum closed_by by;
	char text[96]; /* what the log says beside the cause, e.g. the peer's error text, escaped */
	/* SEND and TUNNEL_DOWN: what the tunnel has heard and said last; NULL: no tunnel, or no
	 * memory */
	const struct trail *trail;
};

/* The next action, or NULL when there is none; valid until the next call of any lns_ function that
 * takes a non-const lns. */
const struct lns_act *lns_next_act(struct lns *lns);

/* What lnsctl shows. Strings are escaped for display. */
struct lns_tunnel_info {
	struct lns_ref ref;
	struct lns_path path;
	uint16_t peer_tid;
	const char *host_name, *vendor, *state;
	const char *client; /* a guess from what it sent: "windows", "apple", "android", "xl2tpd" …,
			       or "" */
	const char *peer;   /* the name of its section, or "" */
	uint16_t firmware;
	uint32_t framing_caps, bearer_caps;
	bool half_open;
	bool opened;	    /* by us */
	bool authenticated; /* with a tunnel secret */
	uint8_t dscp;
	uint32_t sessions, retransmits;
	uint16_t ns, nr, window, cwnd;
	mstime_t since; /* when the SCCRQ came */
	/* what it has heard and said last; NULL: no memory */
	const struct trail *trail;
};

/* Call Errors (WEN, §4.4.6): totals since the call was placed. */
struct lns_call_errors {
	uint32_t crc, framing, hardware, buffer, timeout, alignment;
};

struct lns_session_info {
	struct lns_ref ref;
	uint16_t peer_sid;
	const char *state;
	bool established;
	const char *calling, *called; /* numbers; "" when none */
	bool outgoing;		      /* we asked the LAC to place it */
	bool sequencing, proxied;
	bool ours; /* sequencing is our choice too, not only what the peer requires */
	uint8_t dscp;
	bool has_errors; /* a WEN has come */
	struct lns_call_errors errors;
	uint64_t late, early; /* data messages: dropped because their turn was over; kept for it */
	uint32_t serial_number, tx_speed, rx_speed;
	mstime_t since, established_at; /* ICRQ, ICCN */
	mstime_t tunnel_since;		/* SCCRQ */
};

struct lns_counters {
	uint32_t tunnels, half_open, sessions; /* now; half_open is a part of tunnels */
	uint64_t dropped_malformed, dropped_unknown, dropped_path, dropped_limit;
	uint64_t control_in, control_out, retransmits, data_in, data_out;
};

typedef void lns_tunnel_fn(void *ctx, const struct lns_tunnel_info *info);
typedef void lns_session_fn(void *ctx, const struct lns_tunnel_info *tunnel,
			    const struct lns_session_info *session);

/* One attribute that the peer sent about a tunnel or call and that has no member above: access
 * line, ATM, PPP options wanted, group and so on. Both are texts, escaped. */
typedef void lns_attribute_fn(void *ctx, const char *name, const char *value);
/* Calls fn for each of them, of the session, or with sid 0 of the tunnel. */
void lns_walk_attributes(const struct lns *lns, struct lns_ref ref, lns_attribute_fn *fn,
			 void *ctx);

/* One session or, with sid 0, tunnel: false when the ref is stale. Any pointer may be NULL. */
bool lns_find(const struct lns *lns, struct lns_ref ref, struct lns_tunnel_info *tunnel,
	      struct lns_session_info *session);

/* Calls fn for each tunnel or session; fn must not enter the core. */
void lns_walk_tunnels(const struct lns *lns, lns_tunnel_fn *fn, void *ctx);
void lns_walk_sessions(const struct lns *lns, lns_session_fn *fn, void *ctx);
struct lns_counters lns_counters(const struct lns *lns);

/* True when both name the same peer, local address and SA. */
bool lns_path_eq(const struct lns_path *a, const struct lns_path *b);

#endif
