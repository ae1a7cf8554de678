/* The host's switches in /proc/sys/net that the wire needs. */
#ifndef KEEPER_NET_HOST_H
#define KEEPER_NET_HOST_H

#include <stdbool.h>

/* Switches forwarding on: 1 when it was off, 0 when it was on, or -errno. IPv6: an interface that
 * takes router advertisements goes on doing so, which forwarding would end. */
int net_host_forward4(void);
int net_host_forward6(void);

/* Has the reverse-path filter drop what comes in by the interface with a source that is not routed
 * back to it. IPv4 only. 0 (an interface that is not there sends nothing); -EOPNOTSUPP when `all`
 * makes it a loose one, or -errno. The name is a valid one. */
int net_host_check_sources(const char *ifname);

#endif
