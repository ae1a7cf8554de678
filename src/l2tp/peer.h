/*
 * What holds for whom: the sections of the configuration as counted copies, so that a live tunnel
 * keeps the one that it was made with.
 */
#ifndef L2TP_PEER_H
#define L2TP_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "l2tp/msg.h"
#include "lns.h"

/* What the copies of one section share, before and after a new configuration. */
struct peer_use {
	unsigned refs;
	uint32_t sessions; /* live, in all tunnels of the section */
};

struct peer {
	unsigned refs;
	struct peer_use *use;
	struct lns_peer conf;
};

/* All of them in the order of the file, and the others at the end. Zero-initialise. */
struct peer_list {
	struct peer **all;
	size_t count;
};

/* Takes the place of what the list held; a section of the same name goes on with its counts. False
 * when memory is short: the list is as it was. */
bool peer_list_load(struct peer_list *list, const struct lns_conf *conf);
void peer_list_fini(struct peer_list *list);

/* The first section that matches the address and the Host Name AVP (a closing NUL is not part of
 * the name), else the others; no reference is taken. */
struct peer *peer_choose(const struct peer_list *list, const struct lns_addr *addr,
			 struct l2tp_bytes host_name);
/* The section of this name, or NULL. */
struct peer *peer_named(const struct peer_list *list, const char *name);

struct peer *peer_ref(struct peer *peer);
/* The last one frees it, and wipes its secret. */
void peer_unref(struct peer *peer);

/* True when the name matches: * is any text, ? one byte, letter case of ASCII is ignored. */
bool peer_glob(const char *glob, struct l2tp_bytes name);
/* True when the address is in the prefix. */
bool peer_prefix_has(const struct lns_prefix *prefix, const struct lns_addr *addr);

#endif
