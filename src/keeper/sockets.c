/* Listening sockets: UDP for L2TP, a unix one for lnsctl. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl.h"
#include "keeper/sockets.h"
#include "log.h"

#ifndef SO_RCVMARK
#define SO_RCVMARK 75
#endif

#define UDP_BUFFER (4 << 20)

static socklen_t
to_sockaddr(struct sockaddr_storage *storage, const struct conf_addr *addr, uint16_t port)
{
	memset(storage, 0, sizeof(*storage));
	if (addr->family == 6) {
		struct sockaddr_in6 *in6 = (void *)storage;

		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		memcpy(&in6->sin6_addr, addr->ip, 16);
		return sizeof(*in6);
	}
	struct sockaddr_in *in = (void *)storage;

	in->sin_family = AF_INET;
	in->sin_port = htons(port);
	memcpy(&in->sin_addr, addr->ip, 4);
	return sizeof(*in);
}

static bool
set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

/* A bound socket, or -errno. */
static int
bind_udp(const struct conf_addr *addr, uint16_t port)
{
	bool six = addr->family == 6;
	struct sockaddr_storage storage;
	socklen_t len = to_sockaddr(&storage, addr, port);
	int fd = socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool ok;

	if (fd < 0)
		return -errno;
	if (six)
		ok = set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) &&
		     set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	else
		ok = set(fd, IPPROTO_IP, IP_PKTINFO, 1);
	/* wishes: a burst of sign-ons must not be dropped; the mark of a client's SA, from 5.19 on
	 */
	if (!set(fd, SOL_SOCKET, SO_RCVBUFFORCE, UDP_BUFFER))
		set(fd, SOL_SOCKET, SO_RCVBUF, UDP_BUFFER);
	set(fd, SOL_SOCKET, SO_RCVMARK, 1);
	if (ok && bind(fd, (struct sockaddr *)&storage, len) == 0)
		return fd;

	int error = errno;

	close(fd);
	return -error;
}

static void
say_why(const char *address, uint16_t port, int error)
{
	if (error == -EADDRINUSE)
		log_error("UDP port %u on %s is taken: `ss -ulpn 'sport = :%u'` shows by whom; "
			  "where it "
			  "is xl2tpd: systemctl disable --now xl2tpd",
			  port, address, port);
	else if (error == -EADDRNOTAVAIL)
		log_error(
			"no interface has the address %s: correct server.listen, or give it to one",
			address);
	else
		log_error("UDP port %u on %s cannot be opened: %s", port, address,
			  strerror(-error));
}

bool
sockets_udp(int *udp, size_t *count, const struct conf *conf)
{
	*count = 0;
	for (size_t i = 0; i < conf->server.listen_count; i++) {
		const struct conf_addr *addr = &conf->server.listen[i];
		char text[INET6_ADDRSTRLEN];
		int fd = bind_udp(addr, conf->server.port);

		inet_ntop(addr->family == 6 ? AF_INET6 : AF_INET, addr->ip, text, sizeof(text));
		if (fd >= 0) {
			udp[(*count)++] = fd;
		} else if (fd == -EAFNOSUPPORT) {
			log_info("server.listen: the kernel has no IPv%u, %s is left out",
				 addr->family, text);
		} else {
			say_why(text, conf->server.port, fd);
			while (*count > 0)
				close(udp[--*count]);
			return false;
		}
	}
	if (*count == 0)
		log_error("server.listen: not one address can be listened on");
	return *count > 0;
}

static bool
somebody_answers(const struct sockaddr_un *where)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool yes = fd >= 0 &&
		   (connect(fd, (const void *)where, sizeof(*where)) == 0 || errno == EAGAIN);

	if (fd >= 0)
		close(fd);
	return yes;
}

int
sockets_ctl(gid_t gid)
{
	struct sockaddr_un where = {.sun_family = AF_UNIX, .sun_path = CTL_PATH};
	mode_t mask;
	bool ok;
	int fd;

	mkdir("/run/lnsd", 0755);
	if (somebody_answers(&where)) {
		log_error("lnsd is already running: it answers on " CTL_PATH);
		return -1;
	}
	unlink(CTL_PATH);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* closed to all until it has its owner */
	mask = umask(0777);
	ok = fd >= 0 && bind(fd, (struct sockaddr *)&where, sizeof(where)) == 0;
	umask(mask);
	if (ok && chown(CTL_PATH, 0, gid) == 0 && chmod(CTL_PATH, 0660) == 0 && listen(fd, 16) == 0)
		return fd;
	log_error(CTL_PATH " cannot be made: %s (check that /run/lnsd is a directory of root's)",
		  strerror(errno));
	if (fd >= 0)
		close(fd);
	if (ok)
		unlink(CTL_PATH);
	return -1;
}
