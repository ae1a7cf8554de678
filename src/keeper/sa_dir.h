/*
 * The SA directory: which client owns which SAs. A client is a host (behind its NAT) with one
 * selector, and has a mark: it is put on the client's inbound SAs, so that every datagram which
 * they decrypt carries it, and two policies of the client's own send what carries it through the
 * SA that the client is known to use. So neither equal addresses nor equal ports nor equal
 * identities mix two clients.
 *
 * Pure: what is to be done in the kernel is asked of struct sa_kernel, time comes in, what the
 * worker must hear is taken out with sa_dir_next().
 */
#ifndef KEEPER_SA_DIR_H
#define KEEPER_SA_DIR_H

#include <sys/queue.h>

#include "heap.h"
#include "keeper/sa_msg.h"
#include "mstime.h"
#include "wall.h"

/* A new outbound SA is used when the client proves that it has it, at the latest after this. */
#define SA_SWITCH_MS 2000
#define SA_LOOK_MS 50
/* A client without an outbound SA is forgotten after this. */
#define SA_GRACE_MS 10000
/* A kernel that does not keep a mark is asked so often. */
#define SA_SETS_MAX 3
/* More than a full server has, so that a mad dump ends. */
#define SA_MAX 262144
/* Marks are base + 1 to base + SA_MARKS; base is a multiple of SA_MARKS + 1. */
#define SA_MARKS 0xffff

struct sa_client;

struct sa {
	LIST_ENTRY(sa) in_bucket;
	TAILQ_ENTRY(sa) of_client;
	struct sa_client *client;
	bool in;
	unsigned round; /* of the last dump that had it */
	unsigned sets;	/* tries to set its mark since it was last seen with it */
	struct sa_facts facts;
};

struct sa_client {
	struct heap_item item; /* first: the heap knows only this */
	LIST_ENTRY(sa_client) by_peer, by_mark;
	TAILQ_ENTRY(sa_client) untold;
	uint32_t mark; /* 0: none yet, or none was free */
	uint16_t family;
	uint8_t local[16], peer[16];
	uint32_t nat_port; /* 0: no NAT; SA_NAT_LOST */
	uint32_t reqid;
	struct xfrm_selector sel; /* from us to the client */
	TAILQ_HEAD(, sa) sas;	  /* the oldest first */
	struct sa *in, *out;	  /* in use; out NULL: what would leave is blocked */
	struct sa *next_in, *next_out;
	mstime_t force_at; /* next_out is taken */
	uint32_t rekeys, renewed;
	uint32_t twin; /* to be told */
	bool served;   /* had an outbound SA */
	bool is_untold, gone;
};

/* Another client was seen at its port: where it is now, its next packet will tell. */
#define SA_NAT_LOST 0x10000u

struct sa_kernel {
	/* Sets mark (on an outbound SA: 0, which clears it) and NAT port of the kernel's SA. `msg`
	 * is the kernel's message about it, or NULL. */
	void (*set)(void *ctx, const struct sa *sa, uint32_t mark, uint16_t nat_port,
		    const struct nlmsghdr *msg);
	/* Makes or changes the client's two policies, by its out, reqid, sel and mark. */
	void (*point)(void *ctx, const struct sa_client *client);
	void (*unpoint)(void *ctx, const struct sa_client *client);
	/* A packet has come by this SA. */
	bool (*used)(void *ctx, const struct sa *sa);
	/* One of this host's own addresses. */
	bool (*local)(void *ctx, uint16_t family, const uint8_t address[16]);
	void *ctx;
};

/* fewer where a directory is made thousands of times a second */
#ifndef SA_BUCKETS
#define SA_BUCKETS 4096
#endif

struct sa_dir {
	struct sa_kernel kernel;
	uint16_t port; /* L2TP's */
	bool own;      /* the marks are ours, else the IKE daemon's */
	uint32_t base, marks;
	uint32_t last_mark; /* given out: the next one is another, for as long as there are some */
	unsigned round;
	bool dumping;
	size_t count, clients; /* SAs; clients */
	bool short_of_marks;
	LIST_HEAD(, sa) sas[SA_BUCKETS];
	LIST_HEAD(, sa_client) by_peer[SA_BUCKETS], by_mark[SA_BUCKETS];
	TAILQ_HEAD(, sa_client) untold;
	struct heap due;
};

/* `marks`: how many there are, at most SA_MARKS; with own = false base and marks are not used. */
void sa_dir_init(struct sa_dir *dir, const struct sa_kernel *kernel, uint16_t port, bool own,
		 uint32_t base, uint32_t marks);
void sa_dir_fini(struct sa_dir *dir);

/* What the kernel says of its SAs. `hdr` is the message that was read. */
void sa_dir_take(struct sa_dir *dir, mstime_t now, const struct sa_msg *msg,
		 const struct nlmsghdr *hdr);

/* Around a dump: what was not in it is gone. */
void sa_dir_dump_begin(struct sa_dir *dir);
void sa_dir_dump_end(struct sa_dir *dir, mstime_t now);

/* What is due at now: rekeys, grace. MSTIME_NEVER when nothing will be. */
mstime_t sa_dir_deadline(struct sa_dir *dir);
void sa_dir_tick(struct sa_dir *dir, mstime_t now);

/* True for a mark of our range. */
bool sa_dir_ours(const struct sa_dir *dir, uint32_t mark);
/* NULL when nobody has it. */
struct sa_client *sa_dir_find(const struct sa_dir *dir, uint32_t mark);

/* Calls fn for every client; fn may not change the directory. */
typedef void sa_client_fn(void *ctx, const struct sa_client *client);
void sa_dir_walk(const struct sa_dir *dir, sa_client_fn *fn, void *ctx);

/* The next thing that the worker has not heard (WALL_SA, WALL_SA_GONE); false when it knows all. */
bool sa_dir_next(struct sa_dir *dir, union wall_msg *msg);

#endif
