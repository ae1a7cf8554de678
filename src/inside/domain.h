/* A domain as DNS writes it (RFC 1035 §3.1). */
#ifndef INSIDE_DOMAIN_H
#define INSIDE_DOMAIN_H

#include <stddef.h>

#include "wire.h"

/* A name that conf_parse() has let through: labels of 1 to 63 bytes, 253 in all. */
void domain_write(struct wr *w, const char *domain);
size_t domain_size(const char *domain);

#endif
