#include "lnsctl/offer.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

void
offer_open(struct offer *offer, const void *bytes, size_t len)
{
	offer->fd = memfd_create("lnsctl", MFD_CLOEXEC);
	if (offer->fd >= 0 && write(offer->fd, bytes, len) != (ssize_t)len)
		offer_close(offer);
	/* ours, as the other has none of our descriptors */
	snprintf(offer->path, sizeof(offer->path), "/proc/%d/fd/%d", getpid(), offer->fd);
}

void
offer_close(struct offer *offer)
{
	if (offer->fd >= 0)
		close(offer->fd);
	offer->fd = -1;
}
