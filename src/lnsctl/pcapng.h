/* L2TP as a file that Wireshark and tcpdump read (pcapng): each datagram with the IP and UDP
 * headers that it had inside of IPsec, made anew from its addresses. */
#ifndef LNSCTL_PCAPNG_H
#define LNSCTL_PCAPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* An end of a datagram: 4 or 16 bytes by family (4 or 6), port in host order. */
struct pcapng_end {
	uint8_t family;
	uint8_t ip[16];
	uint16_t port;
};

struct pcapng_datagram {
	uint64_t time_us; /* since 1970 */
	bool out;
	struct pcapng_end from, to; /* of one family */
	const uint8_t *bytes;	    /* of the UDP payload */
	size_t len;		    /* that there are, */
	size_t whole;		    /* and that there were: at most 65,507 */
};

/* False when the file cannot be written, as with any stream. */
bool pcapng_begin(FILE *file);
bool pcapng_add(FILE *file, const struct pcapng_datagram *datagram);

#endif
