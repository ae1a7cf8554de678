#include "aaa/udp.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "radius.h"

struct udp_address
udp_address(const struct lns_addr *addr)
{
	struct udp_address to;

	memset(&to, 0, sizeof(to));
	if (addr->family == 6) {
		to.len = sizeof(to.ip6);
		to.ip6.sin6_family = AF_INET6;
		to.ip6.sin6_port = htons(addr->port);
		to.ip6.sin6_scope_id = addr->scope;
		memcpy(&to.ip6.sin6_addr, addr->ip, 16);
	} else {
		to.len = sizeof(to.ip4);
		to.ip4.sin_family = AF_INET;
		to.ip4.sin_port = htons(addr->port);
		memcpy(&to.ip4.sin_addr, addr->ip, 4);
	}
	return to;
}

bool
udp_read_address(struct lns_addr *addr, const struct udp_address *from)
{
	memset(addr, 0, sizeof(*addr));
	if (from->any.sa_family == AF_INET) {
		addr->family = 4;
		addr->port = ntohs(from->ip4.sin_port);
		memcpy(addr->ip, &from->ip4.sin_addr, 4);
	} else if (from->any.sa_family == AF_INET6) {
		addr->family = 6;
		addr->port = ntohs(from->ip6.sin6_port);
		memcpy(addr->ip, &from->ip6.sin6_addr, 16);
	}
	return addr->family != 0;
}

static int
fail(int fd, const char *what, const struct lns_addr *addr)
{
	char text[RADIUS_TEXT_MAX];

	radius_station(text, addr);
	log_error("radius: %s %s port %u: %s", what, text, addr->port, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static int
new_socket(const struct lns_addr *addr)
{
	return socket(addr->family == 6 ? AF_INET6 : AF_INET,
		      SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

int
udp_to(const struct lns_addr *server)
{
	struct udp_address to = udp_address(server);
	int fd = new_socket(server);

	if (fd < 0 || connect(fd, &to.any, to.len) < 0)
		return fail(fd, "cannot reach auth.radius", server);
	return fd;
}

int
udp_at(const struct lns_addr *addr)
{
	struct udp_address at = udp_address(addr);
	int fd = new_socket(addr), only = 1;

	/* who wants both families has a server of each, and names the address */
	if (fd >= 0 && addr->family == 6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only));
	if (fd < 0 || bind(fd, &at.any, at.len) < 0)
		return fail(fd, "cannot listen at auth.coa-listen", addr);
	return fd;
}

void
udp_own_address(int fd, struct lns_addr *addr)
{
	struct udp_address own = {.len = sizeof(own.ip6)};

	memset(addr, 0, sizeof(*addr));
	if (getsockname(fd, &own.any, &own.len) == 0)
		udp_read_address(addr, &own);
	addr->port = 0;
}
