/*
 * The other end: a LAC with one tunnel and some sessions, which it asks for or is asked for, built
 * on the project's own chan and msg (its machine is its own, small and obvious). It writes down
 * what it was told, so that both ends can be compared.
 */
#ifndef SIM_LAC_H
#define SIM_LAC_H

#include "l2tp/chan.h"
#include "l2tp/msg.h"
#include "net.h"

#define LAC_SESSIONS 6

enum lac_state { LAC_IDLE, LAC_WAIT_REPLY, LAC_WAIT_CONNECTED, LAC_UP, LAC_CLOSING, LAC_GONE };
enum lac_call { CALL_NONE, CALL_ASKED, CALL_UP, CALL_OVER };

struct lac_session {
	enum lac_call state;
	uint16_t sid, peer_sid;
	uint16_t ns;			/* of the next data message, where they are numbered */
	uint32_t sent, received, wrong; /* data frames; wrong: another session's */
	bool closed_by_lns;
};

struct lac {
	unsigned number;
	struct net *net;
	struct lns_path path;
	struct chan chan;
	enum lac_state state;
	uint16_t tid, peer_tid;
	mstime_t up_since; /* 0: never was */
	bool lost;	   /* its own retransmissions were used up */
	bool told_to_stop; /* StopCCN came */
	bool silent;	   /* died without a word */
	bool answers;	   /* waits for an SCCRQ instead of sending one */
	bool numbered;	   /* asks for Ns in data messages, and sends it */
	struct lac_session sessions[LAC_SESSIONS];
	unsigned wanted;    /* sessions to bring up */
	uint32_t bad_order; /* messages that a correct LNS cannot send then */
};

void lac_init(struct lac *lac, unsigned number, struct net *net, uint16_t window, unsigned wanted);
void lac_fini(struct lac *lac);

void lac_start(struct lac *lac, mstime_t now);
void lac_input(struct lac *lac, mstime_t now, const uint8_t *bytes, size_t len);
mstime_t lac_deadline(const struct lac *lac);
void lac_tick(struct lac *lac, mstime_t now);

/* One data frame on each session that is up. */
void lac_talk(struct lac *lac, mstime_t now);
void lac_hang_up(struct lac *lac, mstime_t now, unsigned session);
void lac_stop(struct lac *lac, mstime_t now);

/* A frame that says whose it is, and the check of one. */
#define LAC_FRAME 12
void lac_frame(uint8_t frame[LAC_FRAME], unsigned lac, unsigned session, uint32_t number);

#endif
