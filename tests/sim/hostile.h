/*
 * A peer that wants harm. From its own address it repeats what others sent, changed or not, with
 * their ids or with those that it was given itself; it speaks in tunnels of its own as far as it
 * gets, and makes up the rest.
 */
#ifndef SIM_HOSTILE_H
#define SIM_HOSTILE_H

#include "net.h"

#define HOSTILE_KEPT 16
/* Tunnels that it asks for; the others must find room beside them */
#define HOSTILE_TUNNELS 8
#define HOSTILE_DATAGRAMS 300

struct hostile {
	struct net *net;
	struct rng *rng;
	struct lns_path path;
	struct net_datagram kept[HOSTILE_KEPT]; /* of others, on their way to the LNS */
	unsigned kept_count, asked, sent;
	unsigned turn;	   /* what it would say next in good order */
	uint16_t tid, sid; /* given to it, or 0 */
	uint16_t ns, nr;   /* in the tunnel `tid` */
};

void hostile_init(struct hostile *h, unsigned number, struct net *net, struct rng *rng);
/* Sees a datagram of another's. */
void hostile_listen(struct hostile *h, const struct net_datagram *d);
/* Gets one of its own. */
void hostile_input(struct hostile *h, mstime_t now, const uint8_t *bytes, size_t len);
void hostile_strike(struct hostile *h, mstime_t now);

#endif
