/* Whether the name servers that clients are told of answer. */
#ifndef LNSCTL_DNS_PROBE_H
#define LNSCTL_DNS_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "conf.h"

/* Asks all of network.dns at once, for two seconds at most; true when one of them stays silent, and
 * `address` is the first such one. The gateway's own address is not asked: it is there only while a
 * session is. */
bool dns_probe_silent(const struct conf *conf, char *address, size_t cap);

#endif
