#include "inside/domain.h"

#include <string.h>

void
domain_write(struct wr *w, const char *domain)
{
	while (*domain) {
		size_t len = strcspn(domain, ".");

		wr_u8(w, (uint8_t)len);
		wr_bytes(w, domain, len);
		domain += len + (domain[len] == '.');
	}
	wr_u8(w, 0);
}

/* A length for each dot and one more, and the root's. */
size_t
domain_size(const char *domain)
{
	return strlen(domain) + 2;
}
