/* The way that this machine's packets take, as the kernel finds it. */
#ifndef LNSCTL_WAY_H
#define LNSCTL_WAY_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct way {
	char iface[IF_NAMESIZE];
	char route[INET6_ADDRSTRLEN + 4]; /* that was taken: "192.0.2.0/24" */
	uint32_t table;			  /* that it stands in: RT_TABLE_MAIN mostly */
};

/* False when there is none to `address`, or it is no address. */
bool way_find(struct way *way, const char *address);

#endif
