/* Bytes that another program reads as a file, though there is none: secrets leave no trace on a
 * disk, whatever ends us. */
#ifndef LNSCTL_OFFER_H
#define LNSCTL_OFFER_H

#include <stddef.h>

#define OFFER_PATH 32

struct offer {
	int fd; /* -1: none */
	char path[OFFER_PATH];
};

/* Until offer_close(); without memory there is none. */
void offer_open(struct offer *offer, const void *bytes, size_t len);
void offer_close(struct offer *offer);

#endif
