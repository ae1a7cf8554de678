/* IPv4 and IPv6 prefixes and their texts. */
#ifndef CONF_PREFIX_H
#define CONF_PREFIX_H

#include <stdbool.h>

#include "lns.h"

#define PREFIX_TEXT_MAX 64

enum prefix_fault {
	PREFIX_FINE,
	PREFIX_NONE, /* no address and no prefix; *prefix is undefined */
	PREFIX_BITS, /* has bits behind the prefix; they are taken away in *prefix */
};

/* "192.0.2.0/24", "2001:db8::/32"; an address alone is a prefix of its own length. */
enum prefix_fault prefix_read(const char *text, struct lns_prefix *prefix);
void prefix_write(const struct lns_prefix *prefix, char out[PREFIX_TEXT_MAX]);

/* Every address of `inner` is one of `outer`. */
bool prefix_covers(const struct lns_prefix *outer, const struct lns_prefix *inner);
/* By family, address and then length: what is covered comes behind what covers it. */
int prefix_compare(const struct lns_prefix *a, const struct lns_prefix *b);
/* A single IPv4 address, in host order. */
struct lns_prefix prefix_of_ip4(uint32_t ip);

#endif
