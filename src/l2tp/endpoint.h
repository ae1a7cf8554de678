/*
 * The inside of struct lns: id tables, the list of what waits to be told to the shell, the dead.
 * Owner: lns.c. A tunnel or session that dies is taken out of the tables at once, told, and freed
 * at the next entry.
 */
#ifndef L2TP_ENDPOINT_H
#define L2TP_ENDPOINT_H

#include "heap.h"
#include "l2tp/ids.h"
#include "l2tp/peer.h"
#include "l2tp/refuse.h"
#include "l2tp/reorder.h"
#include "l2tp/sieve.h"
#include "l2tp/table.h"
#include "lns.h"
#include "log.h"

struct tunnel;
struct session;

/* What waits to be told; embedded in its owner, so that telling cannot fail for want of memory. */
struct todo {
	struct todo *next;
	struct tunnel *tunnel;	 /* always */
	struct session *session; /* NULL: the tunnel's own */
	unsigned bits;		 /* 1 << enum lns_act_kind */
	bool queued;
};

/* One deadline of a tunnel (session NULL) or session. */
struct timer {
	struct heap_item item; /* first: the heap knows only this */
	struct tunnel *tunnel;
	struct session *session;
};

/* As long as the longest message */
#define LNS_ROOM 65536

struct lns {
	struct lns_conf conf; /* without its peers */
	struct peer_list peers;
	lns_random_fn *random;
	void *random_ctx;
	mstime_t now; /* of the entry that runs */
	bool shutting_down;
	char drain[64]; /* where who asks for a tunnel is sent to; "": nowhere */
	uint32_t serial;
	uint64_t hash_key;
	struct ids tids, sids;

	struct table by_tid, by_path, by_mark; /* tunnels; by_mark: those that an SA protects */
	struct table by_sid;		       /* session ids are unique in the whole endpoint */
	struct table by_peer_sid;	       /* sessions by their tunnel and the peer's id */
	struct table by_host;	   /* tunnels that we opened, by the host that was asked */
	struct table by_challenge; /* struct auth of tunnels whose peer has to prove himself */
	struct tunnel *tunnels;	   /* all that are in by_tid */
	struct tunnel *half_open, *half_open_last; /* never established, the oldest first */
	struct sieve sieve;			   /* who asked while there was no room */
	struct tunnel *dead_tunnels;
	struct session *dead_sessions;
	uint32_t closing; /* tunnels whose StopCCN is not acknowledged */

	struct heap timers;
	struct todo *todo, *todo_last;
	struct tunnel *outgoing, *outgoing_last; /* tunnels that may have something to send */
	struct lns_act act;			 /* the one handed out */
	uint8_t ack[12];			 /* a ZLB handed out */
	struct frames frames;			 /* for lns_next_data() */
	struct lns_counters count;
	struct log_limit drop_limit;
	struct refusals refusals;
	uint8_t *room; /* LNS_ROOM bytes for the hidden values of the message that is being read */
};

/* The beginning of each entry: sets the clock, and frees what has died and has been told. */
void endpoint_enter(struct lns *lns, mstime_t now);
/* Frees the dead that have been told. */
void endpoint_reap(struct lns *lns);

/* Adds a thing to tell about a tunnel or session, in the order of the calls. */
void endpoint_tell(struct lns *lns, struct todo *todo, enum lns_act_kind what);
/* The tunnel may have a message or an acknowledgement to send. */
void endpoint_outgoing(struct lns *lns, struct tunnel *t);

/* An id that is not in use, and has not been for long; 0 when all are. */
uint16_t endpoint_free_tid(struct lns *lns);
uint16_t endpoint_free_sid(struct lns *lns);

void endpoint_set_timer(struct lns *lns, struct timer *timer, mstime_t when);

/* How messages of this peer are read; hidden values live until the next message is. */
struct msg_reading endpoint_reading(const struct lns *lns, const struct lns_peer *peer);

/* Puts a new tunnel into the tables, and takes a dead one out (it is freed later). */
void endpoint_add_tunnel(struct lns *lns, struct tunnel *t);
void endpoint_bury_tunnel(struct lns *lns, struct tunnel *t);
/* The tunnel is established: it does not count as half-open any more. */
void endpoint_not_half_open(struct lns *lns, struct tunnel *t);
/* The tunnel's peer is at this path from now on. */
void endpoint_move_tunnel(struct lns *lns, struct tunnel *t, const struct lns_path *path);
void endpoint_add_session(struct lns *lns, struct session *s);
void endpoint_bury_session(struct lns *lns, struct session *s);

/* The live tunnel or session of an id of ours, or NULL. */
struct tunnel *endpoint_tunnel(const struct lns *lns, uint16_t tid);
struct session *endpoint_session(const struct lns *lns, uint16_t sid);

/* The session of the tunnel that the peer calls so, or NULL; none is called 0. */
struct session *endpoint_session_of_peer(const struct lns *lns, const struct tunnel *t,
					 uint16_t peer_sid);
/* The peer has given its id; once, to a session that has none. */
void endpoint_set_peer_sid(struct lns *lns, struct session *s, uint16_t peer_sid);

/* Keyed, of the peer's address, port and mark. */
uint64_t endpoint_path_hash(const struct lns *lns, const struct lns_path *path);
/* The tunnels with this peer address, port and mark, and a few others: compare. */
struct tunnel *endpoint_on_path(const struct lns *lns, const struct lns_path *path);
struct tunnel *endpoint_next_on_path(const struct tunnel *t);

/* The chains by mark (mark.c), for endpoint_add_tunnel() and endpoint_bury_tunnel(). */
void mark_add(struct lns *lns, struct tunnel *t);
void mark_remove(struct lns *lns, struct tunnel *t);
/* Those of them that are or were up. */
unsigned mark_count(const struct lns *lns, uint32_t mark);
/* A new tunnel of a client is up: its others that were silent since their SA was renewed go. */
void mark_replace_unheard(struct lns *lns, const struct tunnel *t);

#endif
