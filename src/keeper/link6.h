/* IPv6 on an interface, by rtnetlink. */
#ifndef KEEPER_LINK6_H
#define KEEPER_LINK6_H

#include "conf.h"

/* Our address, the first one of `link` (a /64), and a route to `share` over the interface. 0 or
 * -errno: -EEXIST when another interface has a route to the same prefix; what was done stays then.
 */
int link6_set(unsigned ifindex, const struct lns_prefix *link, const struct lns_prefix *share);

#endif
