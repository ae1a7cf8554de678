/*
 * Reliable delivery of control messages (RFC 2661 §5.8, Appendix A): Ns and Nr, the peer's window,
 * slow start, retransmission, reordering. It moves bytes between two queues and a caller; it sends
 * nothing itself and knows no AVP.
 */
#ifndef L2TP_CHAN_H
#define L2TP_CHAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mstime.h"

/* §5.8: the first retransmission after 1 s, doubled up to 8 s, five of them: 1+2+4+8+8+8 = 31 s to
 * give up */
#define CHAN_RTO_FIRST 1000
#define CHAN_RTO_CAP 8000
#define CHAN_TRIES 5
#define CHAN_CYCLE 31000
/* More are of no use: the last one would come after ten minutes */
#define CHAN_TRIES_MAX 75
/* Messages that may wait to be sent: some for each session of a large tunnel */
#define CHAN_QUEUE_MAX 4096
/* §4.4.3: what a peer accepts that announces no Receive Window Size */
#define CHAN_WINDOW_DEFAULT 4

struct chan_msg;

struct chan {
	uint16_t ns;	 /* of the next message to be queued */
	uint16_t nr;	 /* the next that we expect from the peer */
	uint16_t acked;	 /* Ns of the oldest message that the peer has not acknowledged */
	uint16_t sent;	 /* Ns after the highest ever transmitted */
	uint16_t resend; /* Ns of the next to transmit: falls back to `acked` at a timeout */
	uint16_t window; /* ours: how far ahead of nr we keep messages */
	uint16_t peer_window;
	uint16_t cwnd, ssthresh, cwnd_part;
	bool ack_due; /* a message of the peer waits for its acknowledgement */
	unsigned tries,
		tries_max; /* retransmissions of the oldest message; how many there may be */
	uint32_t queued, retransmits;
	mstime_t rto,
		timeout; /* interval, and when it ends; MSTIME_NEVER when nothing is on the way */
	struct chan_msg *head, *tail; /* from `acked` to ns - 1 */
	struct chan_msg *early;	      /* the peer's, after a gap, by Ns */
};

/* tries 0: CHAN_TRIES; never more than CHAN_TRIES_MAX. */
void chan_init(struct chan *ch, uint16_t window, unsigned tries);
void chan_fini(struct chan *ch);

/* Negative, 0, positive as a is before, at, after b in sequence space: the 32,768 values before b
 * are before it. */
static inline int
seq_cmp(uint16_t a, uint16_t b)
{
	return (int16_t)(uint16_t)(a - b);
}

/* The peer's Receive Window Size; 0 is invalid (§5.8) and taken as 1, which can stall nothing. */
void chan_set_peer_window(struct chan *ch, uint16_t window);

/* Queues a copy of an encoded message (header included). False when the queue is full or memory is
 * short. */
bool chan_send(struct chan *ch, const uint8_t *bytes, size_t len);

/*
 * The next message that the window lets out, with Ns and the current Nr written into it, or NULL.
 * It counts as sent at `now`; the bytes stay the channel's and hold until the next call.
 */
const uint8_t *chan_next(struct chan *ch, mstime_t now, size_t *len);

enum chan_verdict {
	CHAN_DELIVER,	/* the next in order: act on it, then ask chan_early() for more */
	CHAN_ACK_ONLY,	/* a ZLB */
	CHAN_DUPLICATE, /* seen before; will be acknowledged again */
	CHAN_EARLY,	/* kept until the gap before it closes */
	CHAN_BAD	/* acknowledges what was never sent, or beyond the window: not taken */
};

/* Takes the header's Ns and Nr of a message whose `body` follows the header; an empty body is a
 * ZLB. */
enum chan_verdict chan_input(struct chan *ch, mstime_t now, uint16_t ns, uint16_t nr, uint16_t sid,
			     const uint8_t *body, size_t len);

/* The next kept message that is now in order, or NULL. The caller frees it with chan_msg_free(). */
struct chan_msg *chan_early(struct chan *ch);
const uint8_t *chan_msg_body(const struct chan_msg *msg, size_t *len, uint16_t *sid);
void chan_msg_free(struct chan_msg *msg);

/* Notes a timeout that has come. False when the tries are used up: the peer is gone. */
bool chan_tick(struct chan *ch, mstime_t now);
/* Starts the tries of the oldest message again: there is other proof that the peer lives. */
void chan_revive(struct chan *ch);
/* Lets out what is on the way once more, with all tries still to come: the way that it went may be
 * no more. */
void chan_repeat(struct chan *ch);

/* A full cycle of retransmissions (§5.7, §5.8): how long a message goes unanswered until its peer
 * is gone. */
mstime_t chan_cycle(const struct chan *ch);

/* The oldest message that is not acknowledged, header included, or NULL. */
const uint8_t *chan_oldest(const struct chan *ch, size_t *len);

/* Forgets what was queued: the peer wants no more. Acknowledging goes on. */
void chan_forget(struct chan *ch);

/* True when all that was queued has been acknowledged. */
bool chan_idle(const struct chan *ch);

#endif
