/*
 * An endpoint with a clock that the test moves and ids that repeat from run to run, and scripted
 * LACs that talk to it through msg_encode() and read its answers through msg_decode(). Every
 * datagram that the endpoint sends is checked for its form on the way.
 */
#ifndef LNS_FIXTURE_H
#define LNS_FIXTURE_H

#include <check.h>
#include <string.h>

#include "l2tp/data.h"
#include "l2tp/msg.h"
#include "lns.h"

#define HAS(attr) (UINT64_C(1) << AVP_##attr)
#define BYTES(text) ((struct l2tp_bytes){(const uint8_t *)(text), sizeof(text) - 1})

struct rig {
	struct lns *lns;
	struct lns_conf conf;
	mstime_t now;
	uint64_t random;
	/* the action taken last, with its message when it is a datagram */
	struct lns_act act;
	uint8_t bytes[2048];
	struct l2tp_header head;
	struct l2tp_msg msg;
	/* with which hidden values are read; NULL: none is */
	const char *secret;
	uint8_t room[2048];
};

/* One tunnel's other end. */
struct lac {
	struct rig *rig;
	struct lns_path path;
	uint16_t tid, lns_tid; /* its own id, and the endpoint's */
	uint16_t ns, nr;
	uint32_t serial;
	const char *host_name, *vendor;
	size_t host_name_len;
	uint16_t window; /* 0: none announced */
	uint16_t firmware;
};

/* Host name "lns.example", window 8, 10 tunnels, 20 sessions, 5 half-open, HELLO after 60 s. */
void rig_open(struct rig *rig);
/* A second step after changes to rig->conf. */
void rig_start(struct rig *rig);
void rig_close(struct rig *rig);

/* The next action into rig->act, or NULL. */
const struct lns_act *rig_next(struct rig *rig);
/* The next action is of this kind. */
const struct lns_act *rig_expect(struct rig *rig, enum lns_act_kind kind);
/* The next action ends something, for this reason. */
void rig_expect_end(struct rig *rig, enum lns_act_kind kind, enum cause cause, enum closed_by by,
		    const char *text);
void rig_expect_nothing(struct rig *rig);
void rig_drain(struct rig *rig);
/* Moves the clock to what is due and ticks, as the shell does, until `until`. Actions stay. */
void rig_run(struct rig *rig, mstime_t until);
struct lns_counters rig_count(const struct rig *rig);

/* 192.0.2.`host`, port 1701, tunnel id 100 + host, window 4, host name "lac", vendor "". */
void lac_init(struct lac *lac, struct rig *rig, uint8_t host);

/* The message a stock client would send; the caller may change it before lac_send(). */
struct l2tp_msg lac_sccrq(const struct lac *lac);
struct l2tp_msg lac_icrq(const struct lac *lac, uint16_t peer_sid);
struct l2tp_msg lac_iccn(void);

/* Sends with the next Ns and today's Nr. */
enum lns_verdict lac_send(struct lac *lac, const struct l2tp_msg *msg, uint16_t sid);
enum lns_verdict lac_send_type(struct lac *lac, unsigned type, uint16_t sid);
/* The AVPs of a message as bytes, to be changed before they are sent. */
size_t lac_body(const struct l2tp_msg *msg, uint8_t *body, size_t cap);
enum lns_verdict lac_send_body(struct lac *lac, uint16_t sid, const uint8_t *body, size_t len);
/* Any header: nothing is counted. */
enum lns_verdict lac_send_as(struct lac *lac, uint16_t tid, uint16_t sid, uint16_t ns, uint16_t nr,
			     const uint8_t *body, size_t len);
enum lns_verdict lac_zlb(struct lac *lac);
enum lns_verdict lac_data(struct lac *lac, uint16_t sid);

/* The next action is this message to the LAC, the next in order; it counts as received. */
const struct l2tp_msg *lac_expect(struct lac *lac, unsigned type);
/* The next action is a ZLB that acknowledges all that the LAC has sent. */
void lac_expect_zlb(struct lac *lac);
/* The next action is a datagram to this LAC; its header is in rig->head. */
void lac_expect_datagram(struct lac *lac);

/* The next action is a StopCCN to this tunnel id of the LAC's that no tunnel has sent. */
const struct l2tp_msg *lac_expect_refusal(struct lac *lac, uint16_t tid, unsigned result,
					  unsigned error, const char *text);

/* The next action is a CDN with this result for a session by the LAC's id (§6.12: Result Code and
 * Assigned Session ID). */
void lac_expect_cdn(struct lac *lac, uint16_t peer_sid, unsigned result, unsigned error);

/* SCCRQ to TUNNEL_UP. */
void lac_connect(struct lac *lac);
/* ICRQ to ICRP, ICRQ to PPP_GO, on a connected tunnel. */
struct lns_ref lac_ask(struct lac *lac, uint16_t peer_sid);
struct lns_ref lac_call(struct lac *lac, uint16_t peer_sid);

/* One AVP as it stands on the wire. */
void avp_raw(struct wr *w, uint16_t bits, uint16_t vendor, uint16_t attr, const void *value,
	     size_t len);

#endif
