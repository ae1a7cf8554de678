/* Which clients' built-in VPN the gateway serves: a common IPsec proposal, and a way to log in. */
#ifndef LNSCTL_REACH_H
#define LNSCTL_REACH_H

#include <stdbool.h>
#include <stddef.h>

/* What the configuration has for clients */
struct reach_offer {
	const char *ike, *esp; /* in libreswan's words */
	unsigned methods;      /* METHOD_ bits */
};

struct reach {
	const char *client; /* "windows" … */
	bool works;
	char why[200];	       /* when it does not */
	const char *condition; /* when it does: what must be set at the client, "" nothing */
};

/* The i-th client; false past the last. */
bool reach_at(size_t i, const struct reach_offer *offer, struct reach *reach);

#endif
