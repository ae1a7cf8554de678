/* The interface by which this machine reaches the world. */
#ifndef LNSCTL_UPLINK_H
#define LNSCTL_UPLINK_H

#include <net/if.h>
#include <stdbool.h>

/* What IPsec with NAT-T, UDP, L2TP and PPP take of a packet, at most: rounded to cipher blocks. */
#define UPLINK_OVERHEAD 98

struct uplink {
	char iface[IF_NAMESIZE]; /* "" none is known */
	unsigned mtu;		 /* 0: not known */
};

/* Asks the kernel. */
void uplink_look(struct uplink *uplink);

/* The greatest network.mtu that leaves by it in one packet: 1280 at least, which every network must
 * carry; 1400 when its MTU is not known. */
unsigned uplink_fits(const struct uplink *uplink);

#endif
