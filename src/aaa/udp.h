/* Sockets of the RADIUS process. */
#ifndef AAA_UDP_H
#define AAA_UDP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "lns.h"

struct udp_address {
	union {
		struct sockaddr any;
		struct sockaddr_in ip4;
		struct sockaddr_in6 ip6;
	};
	socklen_t len;
};

struct udp_address udp_address(const struct lns_addr *addr);
/* False: of no family of ours. */
bool udp_read_address(struct lns_addr *addr, const struct udp_address *from);

/* A socket that speaks with one server only: what others send, the kernel drops. -1 after a line in
 * the log. */
int udp_to(const struct lns_addr *server);
/* A socket at one of our addresses; -1 after a line in the log. */
int udp_at(const struct lns_addr *addr);
/* Where a socket's datagrams leave from; family 0 when that is not known. */
void udp_own_address(int fd, struct lns_addr *addr);

#endif
