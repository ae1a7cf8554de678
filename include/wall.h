/*
 * The wall between keeper (root) and worker (unprivileged): one SOCK_SEQPACKET pair, fixed
 * messages, descriptors by SCM_RIGHTS. A message is exactly as long as its kind says, or the
 * connection is closed. Both are the same binary, so structs cross as they are; they are zeroed
 * before they are filled, strings end with NUL, and the receiver checks both (wall_valid).
 */
#ifndef WALL_H
#define WALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bans.h"
#include "caller.h"
#include "cause.h"
#include "channel.h"
#include "conf.h"
#include "grant.h"
#include "inside.h"
#include "lane.h"
#include "lns.h"
#include "radius.h"

enum wall_kind {
	/* worker → keeper */
	WALL_READY = 1, /* sandbox closed, loop running: wall_plain */
	WALL_SPAWN,	/* start pppd for a session: wall_spawn; answered by WALL_SPAWNED when its
			   turn has come, or by WALL_PPP_DOWN when it ends before */
	WALL_CALL,	/* the call is connected: wall_call */
	WALL_STOP,	/* end a session's pppd: wall_stop */
	WALL_RELOAD,	/* lnsctl reload: wall_reload; answered by WALL_CHANGE …, WALL_RELOADED */
	WALL_RELOAD_USERS, /* lnsctl user: the users' file alone; the same */
	WALL_COUNT_SA,	   /* what passed through the SAs of one client: wall_count; answered by
			      WALL_SA_COUNT …, WALL_SA_END */
	WALL_DROP_SA,	   /* no tunnel needs the SAs under this mark any more: wall_drop_sa */
	WALL_HISTORY,	   /* a session is over, or was refused: wall_history */
	WALL_OFFENCE,	   /* a client sent broken L2TP through its SA: wall_offence */
	WALL_BAN_ASK,	   /* lnsctl bans add, del: wall_ban_ask; answered by WALL_BAN_DONE */
	WALL_ALIVE,	   /* answers WALL_PULSE, with its number: wall_ask */
	WALL_USED, /* what has passed through a session: wall_used; answers WALL_USE, and comes
		      unasked when a session that was up ends */
	/* keeper → worker */
	WALL_CONF, /* + descriptor: sealed memfd with the configuration (os/bundle.h): wall_plain */
	WALL_SPAWNED,  /* + descriptor: pty master, or the session's PPPoL2TP socket, by the lane:
			  wall_spawned. Without descriptor: it failed, see cause */
	WALL_PPP_LCP,  /* LCP is open, and its ACCMs are not what they were: wall_lcp */
	WALL_PPP_AUTH, /* the client proved, or failed to prove, who it is: wall_ppp */
	WALL_PPP_UP,   /* wall_ppp */
	WALL_INSIDE, /* what the session has, to be told inside of it: wall_inside; again on change
		      */
	WALL_PPP_DOWN, /* pppd has ended: wall_ppp; nothing more comes for this session */
	WALL_CHANGE,   /* what a reload changes: wall_change */
	WALL_RELOADED, /* wall_text */
	WALL_SA,       /* a client's protection, new or changed: wall_sa */
	WALL_SA_GONE, /* all SAs of this client are gone, and no new ones came in time: wall_mark */
	WALL_SA_COUNT, /* wall_sa_count */
	WALL_SA_END,   /* wall_ask */
	WALL_FACTS,    /* what `status` shows of the keeper's side: wall_facts; at the start and on
			  change */
	WALL_PROBLEM,  /* wall_problem */
	WALL_BAN,      /* a source is shut out, or let in again: wall_ban */
	WALL_BAN_DONE, /* wall_text */
	WALL_USE, /* what has passed through this session: wall_use; no answer when it has gone */
	WALL_RADIUS, /* wall_radius; when something has changed */
	WALL_GRANT,  /* what a session may do, for `lnsctl`: wall_grant; again on change */
	WALL_TUNNEL, /* + descriptor: the socket of a tunnel in the kernel, out of which comes all
			that is not data of its sessions: wall_tunnel */
	WALL_TUNNEL_GONE, /* close it: wall_ask, with its number */
	WALL_LANE,	  /* what new sessions get, for `status`: wall_lane; on change */
	WALL_PULSE,	  /* is the worker's loop running? wall_ask */
	WALL_TALLY,	  /* what the keeper counts, for the metrics: wall_tally; on change */
	WALL_SHUTDOWN,	  /* say good-bye and end: wall_plain */
	WALL_KIND_END
};

struct wall_plain {
	uint32_t kind;
};

struct wall_ask {
	uint32_t kind;
	uint32_t ask; /* the asker's number, comes back in the answer */
};

/* What is asked of a reload. */
enum reload_act {
	RELOAD_APPLY,	  /* for good, or on trial for so many seconds */
	RELOAD_LOOK,	  /* only tell what it would change */
	RELOAD_CONFIRMED, /* the one on trial is for good now */
	RELOAD_UNDO,	  /* the one on trial goes back now */
	RELOAD_ACTS
};
#define RELOAD_TRIAL_MAX 86400

struct wall_reload {
	uint32_t kind;
	uint32_t ask;
	uint32_t act;	/* enum reload_act */
	uint32_t trial; /* of RELOAD_APPLY: seconds, RELOAD_TRIAL_MAX at most; 0: for good */
};

/* A key of the configuration that a reload changes; a value that is longer is cut. */
struct wall_change {
	uint32_t kind;
	uint32_t ask;
	uint32_t live; /* enum conf_live */
	char section[80], key[32];
	char from[512], to[512];
};

/*
 * What the LAC heard from the client goes with it (`proxied`, RFC 2661 §4.4.5: PAP or CHAP; method
 * 0 when there is none). The keeper believes none of it: a proof that holds lets the client in, and
 * with any other pppd asks the client itself.
 */
struct wall_spawn {
	uint32_t kind;
	struct lns_ref ref;
	struct lns_path path; /* for the log and for options such as ipparam */
	uint16_t peer_tid, peer_sid;
	uint32_t wants; /* enum wall_wants, ored */
	struct proof proxied;
};

/* What the peer's data messages are like. */
enum wall_wants {
	WALL_WANTS_SEQUENCING = 1, /* by our own choice */
	WALL_WANTS_DSCP = 2,
	WALL_WANTS_PROXY = 4, /* the LAC has negotiated LCP */
	WALL_WANTS_ALL = 7
};

/* Part of it comes with ICCN only, when pppd has been started already. */
struct wall_call {
	uint32_t kind;
	struct lns_ref ref;
	uint32_t numbered; /* 1: what we send has sequence numbers, as is known only now */
	struct call call;
};

struct wall_stop {
	uint32_t kind;
	struct lns_ref ref;
	uint32_t cause; /* enum cause, so that the keeper's line says the same */
};

struct wall_spawned {
	uint32_t kind;
	struct lns_ref ref;
	int32_t pid;
	uint32_t cause;	       /* when there is no descriptor */
	uint32_t lane, reason; /* enum lane, enum lane_reason */
	int32_t error;	       /* errno of LANE_ERROR */
};

/* ACCMs as an LNS tells them to a LAC (RFC 2661 §4.4.6): of what goes to the client, and of what
 * comes from it. All ones at the start of a session. */
struct wall_lcp {
	uint32_t kind;
	struct lns_ref ref;
	uint32_t send_accm, receive_accm;
};

struct wall_ppp {
	uint32_t kind;
	struct lns_ref ref;
	uint32_t ok;		   /* WALL_PPP_AUTH: 1 let in, 0 refused */
	uint32_t cause;		   /* enum cause */
	uint32_t by;		   /* enum closed_by */
	uint32_t address, gateway; /* IPv4, host order */
	char user[128];
	char ifname[16];
	char text[96];
};

struct wall_inside {
	uint32_t kind;
	struct lns_ref ref;
	struct inside_link link;
};

/* Lists as grant_routes_text() and grant_allows_text() give them. */
struct wall_grant {
	uint32_t kind;
	struct lns_ref ref;
	char rate[GRANT_TEXT_MAX];
	char routes[1024];
	char allow[2048];
};

struct wall_text {
	uint32_t kind;
	uint32_t ask;
	uint32_t ok;
	uint32_t more; /* 1: another wall_text with the same ask follows */
	char text[1024];
};

/*
 * A client as IPsec knows it: one host (behind its NAT) with one selector, whatever SAs it goes
 * through. Its mark is on every datagram that came by one of its SAs, and a datagram with the mark
 * leaves by the newest SA that the client is known to use.
 */
struct wall_sa {
	uint32_t kind;
	uint32_t mark;		     /* never 0 */
	uint32_t renewed;	     /* counts up when datagrams leave by another SA than before */
	struct lns_addr local, peer; /* peer.port: the selector's UDP port, 0 for any */
	uint32_t spi_in, spi_out, reqid;
	uint32_t rekeys;
	/* the mark of another client of the same host and identity, told once: it may be this one
	 * before its NAT gave it another port, or a second one behind the same NAT; 0: none */
	uint32_t twin;
	uint16_t nat_port; /* outer source port of UDP encapsulation; 0: no NAT */
	char cipher[48];
};

struct wall_mark {
	uint32_t kind;
	uint32_t mark;
};

/* spi_in: the newest that the worker knows. The client may have a newer one by now, and need it. */
struct wall_drop_sa {
	uint32_t kind;
	uint32_t mark;
	uint32_t spi_in;
};

/* What is left of a session. rx: from the client. `client` and `text` are escaped (log_escape). */
struct wall_history {
	uint32_t kind;
	struct lns_ref ref;
	struct lns_addr peer;
	uint32_t up;		 /* 1: it was logged in, 0: refused */
	uint32_t address;	 /* IPv4, host order; 0: it had none */
	struct lns_prefix link6; /* family 0: it had none */
	uint32_t cause;		 /* enum cause */
	uint32_t by;		 /* enum closed_by */
	uint64_t duration_s, rx_bytes, tx_bytes;
	char user[128];
	char client[32];
	char text[200];
};

struct wall_count {
	uint32_t kind;
	uint32_t ask; /* the asker's number, comes back in the answer */
	uint32_t mark;
};

/* One SA of a client. */
struct wall_sa_count {
	uint32_t kind;
	uint32_t ask;
	uint32_t in; /* 1: from the client */
	uint32_t spi;
	uint32_t current; /* 1: what leaves, or came last, goes by this one */
	uint32_t age_s;
	uint64_t bytes, packets;
};

struct wall_facts {
	uint32_t kind;
	uint32_t loaded;  /* our conn is in the IKE daemon */
	uint32_t tries;	  /* to write and to load it, since the start */
	char manager[32]; /* "libreswan", "none" */
	char version[32];
	char profile[16];
	char error[160], fix[160]; /* what the last of the tries met, or empty */
};

/* A standing problem for `status`; the keeper owns the ids. text empty: it has gone. */
#define WALL_PROBLEMS 32
struct wall_problem {
	uint32_t kind;
	uint32_t id;	   /* < WALL_PROBLEMS */
	char severity[12]; /* "error", "warning" */
	char text[160], fix[160];
};

struct wall_offence {
	uint32_t kind;
	struct lns_path path;
};

struct wall_ban {
	uint32_t kind;
	uint32_t holds; /* 0: no more */
	struct ban ban;
};

struct wall_ban_ask {
	uint32_t kind;
	uint32_t ask;	  /* the asker's number, comes back in the answer */
	uint32_t holds;	  /* 1: shut out, 0: let in again */
	uint32_t all;	  /* let everybody in again; addr has no meaning then */
	uint32_t seconds; /* 0: as auth.ban-time */
	struct lns_addr addr;
};

struct wall_use {
	uint32_t kind;
	struct lns_ref ref;
};

/* PPP frames; rx: from the client. */
struct wall_used {
	uint32_t kind;
	struct lns_ref ref;
	uint32_t last; /* 1: the session is over */
	uint64_t rx_bytes, tx_bytes, rx_packets, tx_packets;
};

/* The RADIUS servers, as the process that speaks with them sees them. count 0: there are none. */
struct wall_radius {
	uint32_t kind;
	uint32_t count;
	struct conf_radius servers[CONF_RADIUS_MAX];
	struct radius_state state;
};

/* A tunnel in the kernel. number: never 0, and no other tunnel's ever. */
struct wall_tunnel {
	uint32_t kind;
	uint32_t number;
	struct lns_path path;
};

struct wall_lane {
	uint32_t kind;
	uint32_t lane, reason; /* enum lane, enum lane_reason */
};

/* What is there now. */
struct wall_tally {
	uint32_t kind;
	uint32_t pppds, stopping;      /* all; those that were asked to end */
	uint32_t waiting;	       /* sessions whose pppd is still to be started */
	uint32_t sas;		       /* of clients, in the kernel */
	uint32_t pool_size, pool_used; /* addresses */
};

union wall_msg {
	uint32_t kind;
	struct wall_plain plain;
	struct wall_ask ask;
	struct wall_reload reload;
	struct wall_change change;
	struct wall_spawn spawn;
	struct wall_call call;
	struct wall_stop stop;
	struct wall_spawned spawned;
	struct wall_lcp lcp;
	struct wall_ppp ppp;
	struct wall_inside inside;
	struct wall_grant grant;
	struct wall_text text;
	struct wall_sa sa;
	struct wall_mark mark;
	struct wall_drop_sa drop_sa;
	struct wall_history history;
	struct wall_count count;
	struct wall_sa_count sa_count;
	struct wall_facts facts;
	struct wall_problem problem;
	struct wall_offence offence;
	struct wall_ban ban;
	struct wall_ban_ask ban_ask;
	struct wall_use use;
	struct wall_used used;
	struct wall_radius radius;
	struct wall_tally tally;
	struct wall_tunnel tunnel;
	struct wall_lane lane;
};

enum wall_side { WALL_FROM_WORKER, WALL_FROM_KEEPER };

/* Length of a kind's message; 0 for a kind that this side never sends. */
size_t wall_size(uint32_t kind, enum wall_side from);
/* Length, kind and strings are right. Pure. */
bool wall_valid(const union wall_msg *msg, size_t len, enum wall_side from);

/*
 * One end, a channel.h. Messages that the socket does not take wait in a bounded queue
 * (WALL_QUEUE_MAX); call wall_flush() when it is writable again.
 */
#define WALL_QUEUE_MAX CHANNEL_QUEUE_MAX
struct wall;
/* Takes fd. `self` is the side that sends here. NULL when memory is short. */
struct wall *wall_new(int fd, enum wall_side self);
void wall_free(struct wall *wall);
int wall_fd(const struct wall *wall);
bool wall_wants_write(const struct wall *wall);
/* How many messages wait. */
size_t wall_queued(const struct wall *wall);
/* 0, or -errno: -ENOBUFS when the queue is full (the other side hangs), -EPIPE. A descriptor to
 * pass is closed here in any case; -1: none. */
int wall_send(struct wall *wall, const union wall_msg *msg, int pass_fd);
int wall_flush(struct wall *wall);
/* 1: *msg and *fd (-1: none; the caller owns it) are filled; 0: nothing there; -errno: closed
 * (-EPIPE) or broken (-EPROTO). */
int wall_recv(struct wall *wall, union wall_msg *msg, int *fd);

#endif
