/*
 * Answers without a tunnel: one StopCCN to who asked for one and may not have it. Nothing is
 * remembered of him; bounded in number and rate, for whoever asks may have forged his address.
 */
#ifndef L2TP_REFUSE_H
#define L2TP_REFUSE_H

#include "l2tp/msg.h"
#include "lns.h"

struct l2tp_end;

/* As many may wait to be sent; the longest has a Result Code with a text of 95 bytes. */
#define REFUSE_WAITING 32
#define REFUSE_BYTES 160
/* One in so many milliseconds, and one second's worth at once */
#define REFUSE_EACH 10
#define REFUSE_SAVED 1000

struct refusal {
	struct lns_path path;
	size_t len;
	uint8_t bytes[REFUSE_BYTES];
};

struct refusals {
	struct refusal ring[REFUSE_WAITING];
	unsigned first, count;
	mstime_t free_at; /* when the last of those that were sent has been paid for */
};

/*
 * Sends a StopCCN with what `end` says, to the peer's own id or to 0 when that is not known, with
 * an Assigned Tunnel ID that is nobody's. Nothing at all when there have been too many.
 */
void refusal_send(struct lns *lns, const struct lns_path *path, uint16_t peer_tid,
		  const struct l2tp_end *end);

/* The next one to send, or NULL; valid until the next call of refusal_send(). */
const struct refusal *refusal_next(struct refusals *refusals);

/* One line about what a peer did, at a bounded rate: "WHAT peer=ADDRESS:PORT host="NAME" text="WHY"
 * more=HELD". host_name and text are escaped already. */
void refusal_note(struct lns *lns, const struct lns_path *path, const char *what,
		  const char *host_name, const char *text);

#endif
