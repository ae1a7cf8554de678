/* The SAs that the kernel has with one client, as `ip -s xfrm state` prints them. */
#ifndef LNSCTL_SA_LOOK_H
#define LNSCTL_SA_LOOK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* One direction: the newest SA of it. */
struct sa_counts {
	unsigned sas;
	uint64_t bytes, packets;
	char since[32]; /* "2026-11-21 20:40:00" */
};

/* Zero-initialise but for the client. */
struct sa_look {
	const char *client; /* its address as text */
	struct sa_counts in, out;
	bool nat;
	char local[INET6_ADDRSTRLEN]; /* our end of the last one */
	/* of the SA that the lines are about */
	struct sa_counts *now;
	uint64_t bytes, packets;
};

/* The next line; pure. */
void sa_look_line(struct sa_look *look, const char *line);

/* Asks the kernel; false when it does not answer, for instance to who is not root. */
bool sa_look_ask(struct sa_look *look);

#endif
