/* A session: one call within a tunnel (RFC 2661 §5.2, §7.4.2, §7.5.2). The machine is a table; see
 * session.c. */
#ifndef L2TP_SESSION_H
#define L2TP_SESSION_H

#include "l2tp/reorder.h"
#include "l2tp/tunnel.h"

struct call;
struct detail;
struct proxy;

/*
 * §7.4.2's names for calls that come in, §7.5.2's for those that we place, whose wait-connect is
 * S_WAIT_ANSWER here; and dead: told and freed at the next entry. A CDN is the tunnel's business
 * once it is queued.
 */
enum session_state {
	S_IDLE,
	S_WAIT_TUNNEL,
	S_WAIT_REPLY,
	S_WAIT_ANSWER,
	S_WAIT_CONNECT,
	S_ESTABLISHED,
	S_DEAD,
	S_STATES
};

enum session_event {
	SE_ICRQ, /* each as it should be */
	SE_ICRP,
	SE_ICCN,
	SE_OCRQ,
	SE_OCRP,
	SE_OCCN,
	SE_BAD, /* one of them that is not acceptable; the end says why */
	SE_CDN,
	SE_OPEN, /* a call of ours */
	SE_TUNNEL_UP,
	SE_CLOSE,	/* from our side; s->end says why */
	SE_TUNNEL_DOWN, /* the tunnel ends, and its sessions without a CDN (§5.7) */
	S_EVENTS
};

enum session_action {
	SA_NONE,
	SA_ICRP,  /* send ICRP, have pppd started */
	SA_OCRQ,  /* send OCRQ */
	SA_START, /* have pppd started */
	SA_GO,	  /* data may flow */
	SA_CDN,	  /* send CDN, have pppd stopped */
	SA_END	  /* have pppd stopped */
};

struct session_cell {
	enum session_action action;
	enum session_state next;
};

/* The whole table, for the test that reads it against the RFC's. */
const struct session_cell *session_cell(enum session_state state, enum session_event event);
const char *session_state_name(enum session_state state);

struct session {
	struct session *next, *prev; /* tunnel->sessions; next also lns->dead_sessions */
	struct table_item by_sid, by_peer_sid;
	struct tunnel *tunnel;
	uint16_t sid, peer_sid;
	uint32_t serial;
	enum session_state state;
	bool outgoing;	 /* a call of ours */
	bool started;	 /* PPP_STOP has to follow: pppd was wanted, or a call of ours fails */
	bool sequencing; /* the peer requires it (§4.4.4 Sequencing Required): S bit in all we send
			  */
	bool dscp_agreed; /* the peer has asked for it, and hears so (RFC 3308) */
	uint16_t phb;	  /* as in its AVP */
	uint8_t dscp;	  /* and as in the IP header of its data */
	uint16_t ns;	  /* of the next data message that has a number */
	struct reorder reorder;
	uint64_t late, early; /* data messages */
	struct timer timer;
	struct todo todo;
	struct l2tp_end end;
	mstime_t since, established_at;
	uint32_t call_serial, tx_speed, rx_speed, framing_type;
	char calling[128], called[128]; /* escaped */
	bool has_errors;
	struct lns_call_errors errors;
	struct l2tp_accm accm; /* what the LAC knows of PPP's */
	struct call *call;     /* what OCRQ is to ask for, until it is sent */
	struct proxy *proxy;   /* what the LAC has negotiated and heard, or NULL */
	struct detail *detail; /* what else it has said */
};

/* One in S_IDLE; the caller feeds it its first event before the entry ends. NULL when ids or memory
 * are short. */
struct session *session_new(struct lns *lns, struct tunnel *t);
void session_free(struct session *s);

/* The live session that a handle names, or NULL. */
struct session *session_by_ref(const struct lns *lns, struct lns_ref ref);
struct lns_ref session_ref(const struct session *s);
/* What the configuration says about its peer. */
const struct lns_peer *session_peer(const struct session *s);

/* A message of a session: decoded, in order, on an established tunnel. sid is the header's. */
void session_message(struct lns *lns, struct tunnel *t, uint16_t sid, const struct l2tp_msg *msg);
/* A message of a session that could not be accepted. */
void session_fault(struct lns *lns, struct tunnel *t, uint16_t sid, const struct l2tp_msg *msg,
		   const struct l2tp_fault *fault);

/* The tunnel is established: the calls of ours that waited for it go on, or end when its LAC cannot
 * dial. */
void session_tunnel_up(struct lns *lns, struct tunnel *t);

void session_event(struct lns *lns, struct session *s, enum session_event event);
void session_close(struct lns *lns, struct session *s, enum cause cause, enum closed_by by,
		   const char *text);
/* Its timer: the time to be established is over, or a frame has waited long enough. */
void session_tick(struct lns *lns, struct session *s);

/* NULL when one more session is allowed in this tunnel, else which limit forbids it. */
const char *session_limit(const struct lns *lns, const struct tunnel *t);
/* The CDN to a request that makes no session; end says why. */
void session_refuse(struct lns *lns, struct tunnel *t, uint16_t peer_sid,
		    const struct l2tp_end *end);

#endif
