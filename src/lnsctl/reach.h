/* Which clients' built-in IPsec finds a common proposal with the gateway's. */
#ifndef LNSCTL_REACH_H
#define LNSCTL_REACH_H

#include <stdbool.h>
#include <stddef.h>

struct reach {
	const char *client; /* "windows" … */
	bool works;
	char why[200]; /* when it does not */
};

/* The i-th client against ike= and esp= in libreswan's words; false past the last. */
bool reach_at(size_t i, const char *ike, const char *esp, struct reach *reach);

#endif
