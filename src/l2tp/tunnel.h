/* A tunnel: one control connection (RFC 2661 §5, §7.2). The machine is a table; see tunnel.c. */
#ifndef L2TP_TUNNEL_H
#define L2TP_TUNNEL_H

#include "l2tp/auth.h"
#include "l2tp/chan.h"
#include "l2tp/endpoint.h"
#include "l2tp/msg.h"

struct l2tp_header;

/*
 * §7.2's names, and two for the time after (§5.7): closing, our StopCCN is not acknowledged yet;
 * linger, all is said, and what the peer repeats is still acknowledged for one cycle of
 * retransmissions.
 */
enum tunnel_state {
	T_IDLE,
	T_WAIT_CTL_REPLY,
	T_WAIT_CTL_CONN,
	T_ESTABLISHED,
	T_CLOSING,
	T_LINGER,
	T_DEAD,
	T_STATES
};

enum tunnel_event {
	TE_OPEN,      /* local open request: by us, or by a call of ours that needs the tunnel */
	TE_SCCRQ,     /* acceptable */
	TE_SCCRQ_BAD, /* not acceptable; t->end says why, as for the next two */
	TE_SCCRP,
	TE_SCCRP_BAD,
	TE_SCCCN,
	TE_SCCCN_BAD,
	TE_TIE_LOST,  /* the peer has asked as well, and goes before us (§4.4.3 Tie Breaker) */
	TE_TIE_EQUAL, /* neither goes first */
	TE_STOPCCN,
	TE_CLOSE,    /* from our side; t->end says why */
	TE_FAULT,    /* a message that could not be accepted; t->end says why */
	TE_ACKED,    /* all that we sent is acknowledged */
	TE_GONE,     /* no answer to the last retransmission, or set-up took too long */
	TE_REPLACED, /* the client came back with a new tunnel */
	TE_EXPIRED,  /* the time to linger is over */
	T_EVENTS
};

enum tunnel_action {
	TA_NONE,
	TA_SCCRQ,   /* send SCCRQ */
	TA_SCCRP,   /* send SCCRP */
	TA_SCCCN,   /* send SCCCN: established */
	TA_UP,	    /* established */
	TA_WAKE,    /* calls that wait for the tunnel go on */
	TA_STOPCCN, /* end the sessions, send StopCCN */
	TA_STOPPED, /* end the sessions; the peer said so */
	TA_DROP,    /* end the sessions, nothing is sent */
	TA_BURY	    /* take it out of the tables */
};

struct tunnel_cell {
	enum tunnel_action action;
	enum tunnel_state next;
};

/* The whole table, for the test that reads it against the RFC's. */
const struct tunnel_cell *tunnel_cell(enum tunnel_state state, enum tunnel_event event);
const char *tunnel_state_name(enum tunnel_state state);

/* Why it ends, and what the StopCCN or CDN says. */
struct l2tp_end {
	enum cause cause;
	enum closed_by by;
	uint16_t result, error;
	char text[96]; /* escaped; goes into the Error Message and the log */
};

struct tunnel {
	/* What every message of the peer's needs stands together: of tens of thousands of tunnels
	 * most are in no cache, and each line of one is waited for. */
	struct table_item by_tid;
	struct peer *peer;   /* whose rules hold, for its whole life */
	struct trail *trail; /* trail.h; NULL until the first message */
	enum tunnel_state state;
	uint16_t tid, peer_tid;
	mstime_t since, last_rx; /* SCCRQ; last packet of the peer, data too */
	mstime_t probe_until;	 /* 0, or when silence shows that the client is a new one */
	bool unheard;		 /* nothing of the peer's has come since its SA was renewed */
	bool half_open;		 /* never was established: counts against max-half-open */
	bool was_up;		 /* the other one, for good */
	bool dscp_agreed;      /* the peer has asked for a code point, and we said yes (RFC 3308) */
	uint8_t dscp;	       /* as in the IP header */
	uint16_t control_dscp; /* and its PHB code, as in the AVP */
	struct lns_path path;
	struct chan chan;
	struct timer timer;
	struct todo todo, todo_end; /* TUNNEL_DOWN apart: after its sessions' ends */

	struct tunnel *next, *prev; /* lns->tunnels; next also lns->dead_tunnels */
	struct table_item by_path, by_mark;
	struct tunnel *next_outgoing;
	struct tunnel *next_half_open, *prev_half_open;
	bool is_outgoing;
	bool opened; /* by us: `by_host` is in lns->by_host, and tie_breaker went out */
	struct table_item by_host;
	uint64_t tie_breaker;
	struct auth auth;
	struct session *sessions;	      /* live ones */
	uint32_t session_count, session_refs; /* live; live and dead that point here */
	uint32_t serial;
	mstime_t until; /* end of set-up or of lingering */
	struct l2tp_end end;
	char host_name[64], vendor[64]; /* escaped */
	uint16_t firmware;
	uint32_t framing_caps, bearer_caps;
	const struct l2tp_client *client;
};

/* A new tunnel, idle and half-open, in the tables. NULL when memory is short. */
struct tunnel *tunnel_new(struct lns *lns, const struct lns_path *path, struct peer *peer);
void tunnel_free(struct tunnel *t);

/* Asks the peer for a tunnel (§5.1). The path's local address may be all zero until the peer has
 * answered. NULL: nothing was begun, and *why, a constant, says why. */
struct tunnel *tunnel_open(struct lns *lns, const struct lns_path *path, struct peer *peer,
			   const char **why);
/* The tunnel that this host has been asked for under the same section and that it has not answered
 * yet, or NULL. */
struct tunnel *tunnel_asking(const struct lns *lns, const struct lns_path *path,
			     const struct peer *peer);
/* The peer's own SCCRQ, from this path, takes the place of ours: the tunnel is idle again, and its
 * next event TE_TIE_LOST. */
void tunnel_yield(struct lns *lns, struct tunnel *t, const struct lns_path *path);
/* What lns->by_host and auth know of a tunnel that goes. */
void tunnel_forget(struct lns *lns, struct tunnel *t);

/* The tunnel's SCCRQ has come. False when it cannot be answered; t->end says why. */
bool tunnel_asked(struct lns *lns, struct tunnel *t, const struct l2tp_header *h,
		  const struct l2tp_msg *sccrq);
/* True for a datagram of the tunnel's peer. The local address of a path that has none yet is any.
 */
bool tunnel_is_from(const struct tunnel *t, const struct lns_path *path);
/* One control datagram for this tunnel from its peer, header already read. */
void tunnel_input(struct lns *lns, struct tunnel *t, const struct lns_path *path,
		  const struct l2tp_header *h);

/* Feeds the machine. */
void tunnel_event(struct lns *lns, struct tunnel *t, enum tunnel_event event);

/* Ends it from our side. */
void tunnel_close(struct lns *lns, struct tunnel *t, enum cause cause, enum closed_by by,
		  const char *text);

/* Queues an encoded message; ends the tunnel when it cannot be queued. */
void tunnel_send(struct lns *lns, struct tunnel *t, const struct l2tp_msg *msg, uint16_t peer_sid);
/* The tunnel's own messages (§6.1 to §6.5); SCCRQ and SCCRP ask for the peer's proof as well. */
void tunnel_send_sccrq(struct lns *lns, struct tunnel *t);
void tunnel_send_sccrp(struct lns *lns, struct tunnel *t);
void tunnel_send_scccn(struct lns *lns, struct tunnel *t);
void tunnel_send_stopccn(struct lns *lns, struct tunnel *t);
void tunnel_send_hello(struct lns *lns, struct tunnel *t);

/* A packet of the peer's, data too: it lives. */
void tunnel_heard(const struct lns *lns, struct tunnel *t);
/* The client came back with a new tunnel; nothing is sent. */
void tunnel_replace(struct lns *lns, struct tunnel *t);

/* Asks an established tunnel for a sign of life; silent, it is replaced. */
void tunnel_probe(struct lns *lns, struct tunnel *t);

/* What is due; sets the timer again. */
void tunnel_tick(struct lns *lns, struct tunnel *t);
/* Sets the timer to what comes next; call after anything that changed the channel. */
void tunnel_arm(struct lns *lns, struct tunnel *t);

/* Fills end for a fault or a cause. `of` is MSG_STOPCCN or MSG_CDN. */
void l2tp_end_fault(struct l2tp_end *end, const struct l2tp_fault *fault);
void l2tp_end_cause(struct l2tp_end *end, unsigned of, enum cause cause, enum closed_by by,
		    const char *text);
/* The peer is sent to another server (error 7), whose address is the text (RFC 3193 §4.3). */
void l2tp_end_elsewhere(struct l2tp_end *end, const char *address);
/* Version 1 of the protocol, whatever its revision (§4.4.3 Protocol Version); and the end of a
 * tunnel whose peer has another. */
bool l2tp_version_fits(const struct l2tp_msg *msg);
void l2tp_end_version(struct l2tp_end *end);
/* Fills end from what the peer's StopCCN or CDN says. */
void l2tp_end_peer(struct l2tp_end *end, const struct l2tp_msg *msg);
/* The Result Code that end stands for, into a message. */
void l2tp_end_encode(const struct l2tp_end *end, struct l2tp_msg *msg);

#endif
