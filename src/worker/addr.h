/* Addresses between the kernel's form (sockaddr) and ours, and as text. No I/O. */
#ifndef WORKER_ADDR_H
#define WORKER_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "lns.h"

/* "[ip]:port" at its longest, with a scope */
#define ADDR_TEXT_MAX 80

/* False for another family than IPv4 and IPv6. The scope is kept for link-local addresses only. */
bool addr_from_sockaddr(struct lns_addr *addr, const struct sockaddr_storage *sa);
/* Fills *sa and gives its length. */
socklen_t addr_to_sockaddr(struct sockaddr_storage *sa, const struct lns_addr *addr);

/* The kernel wants the interface with a link-local address, and must not get it with another. */
bool addr_link_local(const struct lns_addr *addr);
/* 0.0.0.0 or :: */
bool addr_any(const struct lns_addr *addr);
/* Same address and scope, whatever the port. */
bool addr_same_host(const struct lns_addr *a, const struct lns_addr *b);

/* "192.0.2.1", "fe80::1%2"; returns dst. */
const char *addr_host_text(char dst[ADDR_TEXT_MAX], const struct lns_addr *addr);
/* "192.0.2.1:1701", "[2001:db8::1]:1701"; returns dst. */
const char *addr_text(char dst[ADDR_TEXT_MAX], const struct lns_addr *addr);
/* An IPv4 or IPv6 address without port or scope; false: it is none. */
bool addr_from_text(struct lns_addr *addr, const char *text);
/* An IPv4 address in host order; "" for 0. Returns dst. */
const char *addr_ip4_text(char dst[ADDR_TEXT_MAX], uint32_t ip);
/* "2001:db8::/64"; returns dst. */
const char *addr_prefix_text(char dst[ADDR_TEXT_MAX], const struct lns_prefix *prefix);

#endif
