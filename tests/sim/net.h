/* A network that loses, repeats and reorders: datagrams with a time of arrival. Bounded; what does
 * not fit is lost like the rest. */
#ifndef SIM_NET_H
#define SIM_NET_H

#include <stdbool.h>
#include <stddef.h>

#include "lns.h"
#include "rng.h"

#define NET_ROOM 4096
#define NET_DATAGRAM_MAX 1500

struct net_rates {
	unsigned loss, duplication, reordering; /* percent */
	unsigned delay;				/* ms, one way */
};

struct net_datagram {
	mstime_t when;
	uint64_t order; /* of sending: the same time keeps it */
	bool to_lns;
	struct lns_path path; /* as the LNS sees it */
	size_t len;
	uint8_t bytes[NET_DATAGRAM_MAX];
};

struct net {
	struct net_rates rates;
	struct rng *rng;
	struct net_datagram *list;
	size_t count;
	uint64_t order, lost;
};

void net_init(struct net *net, const struct net_rates *rates, struct rng *rng);
void net_fini(struct net *net);
void net_send(struct net *net, mstime_t now, bool to_lns, const struct lns_path *path,
	      const uint8_t *bytes, size_t len);
/* Loses all that is on the way along this path, either way. */
void net_cut(struct net *net, const struct lns_path *path);
/* When the next datagram arrives; MSTIME_NEVER when none is on the way. */
mstime_t net_deadline(const struct net *net);
/* Takes the datagram that arrives first, if it is due. */
bool net_receive(struct net *net, mstime_t now, struct net_datagram *out);

#endif
