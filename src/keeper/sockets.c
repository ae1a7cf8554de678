/* Listening sockets: UDP for L2TP, a unix one for lnsctl. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
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
#define BURST 65536	/* datagrams: more than come before a group is whole */
#define OTHER_FILES 256 /* of the two processes, before the first session */

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

/* ── how marks are told apart ───────────────────────────────────────────────────────────── */

/* Mark base + i goes to the i-th socket of the group, all else to the first. */
static bool
steer(int fd, uint32_t base, size_t group)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_MARK)),
		BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, base),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (uint32_t)group, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	const struct sock_fprog program = {.len = sizeof(code) / sizeof(code[0]), .filter = code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof(program)) == 0;
}

/* By trying: kernels have things of later versions, and lack some of their own. */
static size_t
choose_group(uint32_t *marks, uint32_t base, size_t group_size)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	size_t group = 1;

	if (fd < 0)
		fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	*marks = 0;
	if (set(fd, SOL_SOCKET, SO_RCVMARK, 1)) {
		*marks = UINT16_MAX;
	} else if (set(fd, SOL_SOCKET, SO_REUSEPORT, 1) &&
		   set(fd, SOL_SOCKET, SO_MARK, (int)base) && steer(fd, base, group_size)) {
		group = group_size;
		*marks = (uint32_t)group_size - 1;
	}
	if (fd >= 0)
		close(fd);
	return group;
}

/* ── UDP ────────────────────────────────────────────────────────────────────────────────── */

/* What every socket of L2TP has; false when it cannot be had. */
static bool
prepare_udp(int fd, bool six)
{
	bool ok;

	if (six)
		ok = set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) &&
		     set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	else
		ok = set(fd, IPPROTO_IP, IP_PKTINFO, 1);
	/* a wish: a burst of sign-ons must not be dropped */
	if (!set(fd, SOL_SOCKET, SO_RCVBUFFORCE, UDP_BUFFER))
		set(fd, SOL_SOCKET, SO_RCVBUF, UDP_BUFFER);
	return ok;
}

/* The i-th socket of an address, bound, or -errno. */
static int
bind_udp(const struct conf_addr *addr, uint16_t port, const struct sockets *sockets, size_t i)
{
	bool six = addr->family == 6, grouped = sockets->group > 1;
	struct sockaddr_storage storage;
	socklen_t len = to_sockaddr(&storage, addr, port);
	int fd = socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool ok;

	if (fd < 0)
		return -errno;
	ok = prepare_udp(fd, six);
	if (!grouped)
		set(fd, SOL_SOCKET, SO_RCVMARK, 1);
	else
		ok = ok && set(fd, SOL_SOCKET, SO_REUSEPORT, 1) &&
		     (i == 0 || set(fd, SOL_SOCKET, SO_MARK, (int)(sockets->mark_base + i)));
	if (ok && bind(fd, (struct sockaddr *)&storage, len) == 0 &&
	    (!grouped || i > 0 || steer(fd, sockets->mark_base, sockets->group))) {
		/* from now on sockets of our own may join it (sockets_tunnel); before, another
		 * daemon's would have let us in */
		if (!grouped)
			set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
		return fd;
	}

	int error = errno;

	close(fd);
	return -error;
}

static socklen_t
end_to_sockaddr(struct sockaddr_storage *storage, const struct lns_addr *end)
{
	struct conf_addr ip = {.family = (uint8_t)end->family};
	socklen_t len;

	memcpy(ip.ip, end->ip, sizeof(ip.ip));
	len = to_sockaddr(storage, &ip, end->port);
	if (end->family == 6)
		((struct sockaddr_in6 *)(void *)storage)->sin6_scope_id = end->scope;
	return len;
}

/* Between bind() and connect() others' datagrams may come in, which are read like all of them. */
int
sockets_tunnel(const struct lns_path *path, bool checksum)
{
	bool six = path->local.family == 6;
	int fd = socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_storage local, peer;
	socklen_t local_len = end_to_sockaddr(&local, &path->local);
	socklen_t peer_len = end_to_sockaddr(&peer, &path->peer);
	int error;

	if (fd >= 0 && prepare_udp(fd, six) && set(fd, SOL_SOCKET, SO_RCVMARK, 1) &&
	    set(fd, SOL_SOCKET, SO_REUSEPORT, 1) && set(fd, SOL_SOCKET, SO_MARK, (int)path->mark) &&
	    (six || checksum || set(fd, SOL_SOCKET, SO_NO_CHECK, 1)) &&
	    bind(fd, (struct sockaddr *)&local, local_len) == 0 &&
	    connect(fd, (struct sockaddr *)&peer, peer_len) == 0)
		return fd;
	error = errno;
	if (fd >= 0)
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

/* Until a group is whole the kernel gives others' datagrams to those that are there: away with
 * them. The first may keep its own, under no mark. No filter that shuts them meanwhile: a kernel
 * has much work to free thousands of these. */
static void
empty(int fd)
{
	char byte;

	for (int i = 0; i < BURST && recv(fd, &byte, sizeof(byte), MSG_DONTWAIT) >= 0; i++)
		;
}

/* All sockets of one address; 0 or -errno, then what has been opened stays in the list. */
static int
open_address(struct sockets *sockets, const struct conf_addr *addr, uint16_t port)
{
	size_t first = sockets->count;

	for (size_t i = 0; i < sockets->group; i++) {
		int fd = bind_udp(addr, port, sockets, i);

		if (fd < 0)
			return fd;
		sockets->fds[sockets->count++] = fd;
	}
	for (size_t i = first + 1; i < sockets->count; i++)
		empty(sockets->fds[i]);
	return 0;
}

static bool
open_all(struct sockets *sockets, const struct conf *conf)
{
	for (size_t i = 0; i < conf->server.listen_count; i++) {
		const struct conf_addr *addr = &conf->server.listen[i];
		char text[INET6_ADDRSTRLEN];
		int error = open_address(sockets, addr, conf->server.port);

		inet_ntop(addr->family == 6 ? AF_INET6 : AF_INET, addr->ip, text, sizeof(text));
		if (error == -EAFNOSUPPORT) {
			log_info("server.listen: the kernel has no IPv%u, %s is left out",
				 addr->family, text);
		} else if (error) {
			say_why(text, conf->server.port, error);
			return false;
		}
	}
	if (sockets->count == 0)
		log_error("server.listen: not one address can be listened on");
	return sockets->count > 0;
}

/* Groups are many descriptors. */
static bool
raise_limit(size_t sockets)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur >= sockets + OTHER_FILES)
		return true;
	files.rlim_cur = files.rlim_max;
	if (files.rlim_max >= sockets + OTHER_FILES && setrlimit(RLIMIT_NOFILE, &files) == 0)
		return true;
	log_error("this kernel tells a datagram's mark by its socket only: %zu sockets are needed, "
		  "and %llu descriptors allowed; raise LimitNOFILE= (ulimit -n), or name fewer "
		  "addresses in server.listen",
		  sockets, (unsigned long long)files.rlim_max);
	return false;
}

/* What the kernel can do for us, and what that means; false when it is too little. */
static bool
choose_way(struct sockets *sockets, size_t group_size, const struct conf *conf)
{
	sockets->mark_base = conf->ipsec.marks == MARKS_OWN ? conf->ipsec.mark_base : 0;
	sockets->group = choose_group(&sockets->marks, sockets->mark_base, group_size);
	if (sockets->group > 1)
		log_notice("the kernel has no SO_RCVMARK (Linux 5.19): %zu sockets an address tell "
			   "the clients apart, at most %u can be protected by IPsec at a time",
			   sockets->group, sockets->marks);
	if (sockets->marks)
		return true;
	if (!conf->ipsec.require)
		log_notice("the kernel tells nothing of a datagram's mark (SO_RCVMARK, Linux "
			   "5.19): no client can be protected by IPsec");
	else
		log_error("the kernel tells nothing of a datagram's mark, neither by SO_RCVMARK "
			  "(Linux 5.19) nor by SO_ATTACH_REUSEPORT_CBPF (4.5), so that clients "
			  "with IPsec cannot be told from others: use a later kernel, or set "
			  "ipsec.require = no");
	return !conf->ipsec.require;
}

void
sockets_close(struct sockets *sockets)
{
	while (sockets->count > 0)
		close(sockets->fds[--sockets->count]);
	free(sockets->fds);
	sockets->fds = NULL;
}

bool
sockets_udp(struct sockets *sockets, size_t group_size, const struct conf *conf)
{
	size_t room;

	memset(sockets, 0, sizeof(*sockets));
	if (!choose_way(sockets, group_size, conf))
		return false;
	room = conf->server.listen_count * sockets->group;
	if (sockets->group > 1 && !raise_limit(room))
		return false;
	sockets->fds = calloc(room + 1, sizeof(*sockets->fds));
	if (!sockets->fds) {
		log_error("out of memory");
		return false;
	}
	if (open_all(sockets, conf))
		return true;
	sockets_close(sockets);
	return false;
}

/* ── streams ────────────────────────────────────────────────────────────────────────────── */

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

/* A listening socket, 0660 root:gid, where nothing is; or -errno. */
static int
listen_at(const struct sockaddr_un *where, gid_t gid)
{
	const char *path = where->sun_path;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* closed to all until it has its owner */
	mode_t mask = umask(0777);
	bool ok = fd >= 0 && bind(fd, (const struct sockaddr *)where, sizeof(*where)) == 0;
	int error;

	umask(mask);
	if (ok && chown(path, 0, gid) == 0 && chmod(path, 0660) == 0 && listen(fd, 16) == 0)
		return fd;
	error = errno;
	if (fd >= 0)
		close(fd);
	if (ok)
		unlink(path);
	return -error;
}

int
sockets_ctl(gid_t gid)
{
	const struct sockaddr_un where = {.sun_family = AF_UNIX, .sun_path = CTL_PATH};
	int fd;

	mkdir("/run/lnsd", 0755);
	if (somebody_answers(&where)) {
		log_error("lnsd is already running: it answers on " CTL_PATH);
		return -1;
	}
	unlink(CTL_PATH);
	fd = listen_at(&where, gid);
	if (fd >= 0)
		return fd;
	log_error(CTL_PATH " cannot be made: %s (check that /run/lnsd is a directory of root's)",
		  strerror(-fd));
	return -1;
}

/* ── metrics ────────────────────────────────────────────────────────────────────────────── */

static bool
is_socket(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISSOCK(st.st_mode);
}

/* -errno; -EADDRINUSE also for a file that is not ours to remove. */
static int
listen_at_path(const char *path, gid_t gid)
{
	struct sockaddr_un where = {.sun_family = AF_UNIX};

	snprintf(where.sun_path, sizeof(where.sun_path), "%s", path);
	if (is_socket(path) && !somebody_answers(&where))
		unlink(path);
	return listen_at(&where, gid);
}

static int
listen_tcp(const struct lns_addr *addr)
{
	struct conf_addr ip = {.family = (uint8_t)addr->family};
	struct sockaddr_storage storage;
	socklen_t len;
	int fd = socket(addr->family == 6 ? AF_INET6 : AF_INET,
			SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error;

	memcpy(ip.ip, addr->ip, sizeof(ip.ip));
	len = to_sockaddr(&storage, &ip, addr->port);
	/* [::] is every address, of IPv4 too */
	if (fd >= 0 && addr->family == 6)
		set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	if (fd >= 0 && set(fd, SOL_SOCKET, SO_REUSEADDR, 1) &&
	    bind(fd, (struct sockaddr *)&storage, len) == 0 && listen(fd, 16) == 0)
		return fd;
	error = errno;
	if (fd >= 0)
		close(fd);
	return -error;
}

bool
sockets_metrics(int *fd, const struct conf_socket *place, gid_t gid)
{
	char text[INET6_ADDRSTRLEN];

	*fd = -1;
	if (!place->addr.family && !place->path[0])
		return true;
	*fd = place->path[0] ? listen_at_path(place->path, gid) : listen_tcp(&place->addr);
	if (*fd >= 0)
		return true;
	if (place->path[0])
		log_error("metrics.listen: %s cannot be made: %s (a path below /run/lnsd, where "
			  "nothing else is, will do)",
			  place->path, strerror(-*fd));
	else
		log_error("metrics.listen: TCP port %u on %s cannot be opened: %s (`ss -tlnp` "
			  "shows who has it)",
			  place->addr.port,
			  inet_ntop(place->addr.family == 6 ? AF_INET6 : AF_INET, place->addr.ip,
				    text, sizeof(text)),
			  strerror(-*fd));
	return false;
}

void
sockets_metrics_gone(const struct conf_socket *place)
{
	if (place->path[0] && is_socket(place->path))
		unlink(place->path);
}
