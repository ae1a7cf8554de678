/* See udp.h. */
#include "worker/udp.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "worker/addr.h"

#ifndef SO_RCVMARK
#define SO_RCVMARK                                                                                 \
	75 /* Linux 6.0; the headers of Debian 12's libc may be older than its kernel              \
	    */
#endif

#define BATCH 64      /* datagrams a system call */
#define ROUNDS 4      /* batches a wake-up: then the control socket and the ptys get their turn */
#define DATAGRAM 4096 /* more than any control message or PPP frame of ours */
#define QUEUE 256     /* datagrams that wait for a socket that takes none */
#define BUFFER_BYTES (8 * 1024 * 1024)

/* room for a source address and a mark */
#define CONTROL_BYTES (CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(uint32_t)))

/* Where one datagram is, on its way in or out. */
struct slot {
	struct sockaddr_storage peer;
	_Alignas(struct cmsghdr) uint8_t control[CONTROL_BYTES];
	struct iovec iov;
	uint8_t bytes[DATAGRAM];
};

/* A socket and what waits to leave by it: `count` slots from `first` on, never wrapped. */
struct door {
	struct udp *udp;
	int fd;
	struct lns_addr bound;
	struct event *readable, *writable;
	struct slot *out;
	struct mmsghdr *out_hdr;
	size_t first, count;
	bool blocked;
};

struct udp {
	struct udp_calls calls;
	struct udp_counters counters;
	struct door *doors;
	size_t count;
	struct slot *in; /* BATCH of them, shared by all sockets */
	struct mmsghdr in_hdr[BATCH];
};

void
udp_prepare(int fd)
{
	int bytes = BUFFER_BYTES, on = 1;

	/* FORCE goes beyond net.core.rmem_max and needs CAP_NET_ADMIN; a burst of SCCRQs must not
	 * be lost */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVMARK, &on, sizeof(on)) < 0)
		log_debug("udp no mark errno=%d", errno);
}

/* ── in ─────────────────────────────────────────────────────────────────────────────────── */

static void
reset_in(struct udp *udp)
{
	for (size_t i = 0; i < BATCH; i++) {
		struct slot *slot = &udp->in[i];

		slot->iov = (struct iovec){.iov_base = slot->bytes, .iov_len = DATAGRAM};
		udp->in_hdr[i].msg_hdr = (struct msghdr){
			.msg_name = &slot->peer,
			.msg_namelen = sizeof(slot->peer),
			.msg_iov = &slot->iov,
			.msg_iovlen = 1,
			.msg_control = slot->control,
			.msg_controllen = sizeof(slot->control),
		};
	}
}

/* The address that was asked, and the mark of the SA. */
static void
read_control(struct msghdr *hdr, struct lns_path *path)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(hdr); c; c = CMSG_NXTHDR(hdr, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			/* not ipi_addr: that may be a broadcast address, which cannot answer */
			memcpy(path->local.ip, &info.ipi_spec_dst, 4);
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof(info));
			memcpy(path->local.ip, &info.ipi6_addr, 16);
			if (addr_link_local(&path->local))
				path->local.scope = info.ipi6_ifindex;
		} else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_MARK) {
			memcpy(&path->mark, CMSG_DATA(c), sizeof(path->mark));
		}
	}
}

static void
take_datagram(struct door *door, struct mmsghdr *hdr, struct slot *slot)
{
	struct udp *udp = door->udp;
	struct lns_path path = {.local = door->bound};

	udp->counters.in++;
	if (hdr->msg_hdr.msg_flags & MSG_TRUNC) {
		udp->counters.truncated++;
		return;
	}
	/* nobody can be answered on port 0 */
	if (!addr_from_sockaddr(&path.peer, &slot->peer) || path.peer.port == 0)
		return;
	read_control(&hdr->msg_hdr, &path);
	udp->calls.input(udp->calls.ctx, &path, slot->bytes, hdr->msg_len);
}

static void
on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct door *door = ctx;
	struct udp *udp = door->udp;

	(void)what;
	for (int round = 0; round < ROUNDS; round++) {
		int n;

		reset_in(udp);
		n = recvmmsg(fd, udp->in_hdr, BATCH, MSG_DONTWAIT, NULL);
		if (n <= 0)
			return; /* EAGAIN, or an ICMP error of a peer that has gone: both are not
				   ours */
		for (int i = 0; i < n; i++)
			take_datagram(door, &udp->in_hdr[i], &udp->in[i]);
		udp->calls.batch_end(udp->calls.ctx);
		if (n < BATCH)
			return;
	}
}

/* ── out ────────────────────────────────────────────────────────────────────────────────── */

static void
put_control(struct msghdr *hdr, int level, int type, const void *value, size_t len)
{
	uint8_t *control = hdr->msg_control;
	struct cmsghdr *c = (struct cmsghdr *)(control + hdr->msg_controllen);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), value, len);
	hdr->msg_controllen += CMSG_SPACE(len);
}

/* Answers come from the address that was asked, under the SA that asked. */
static void
write_control(struct msghdr *hdr, const struct lns_path *path)
{
	if (path->local.family == 4) {
		struct in_pktinfo info = {0};

		memcpy(&info.ipi_spec_dst, path->local.ip, 4);
		put_control(hdr, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	} else {
		struct in6_pktinfo info = {.ipi6_ifindex = path->local.scope};

		memcpy(&info.ipi6_addr, path->local.ip, 16);
		put_control(hdr, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
	}
	if (path->mark)
		put_control(hdr, SOL_SOCKET, SO_MARK, &path->mark, sizeof(path->mark));
}

/* The socket bound to this very address, else the one bound to all of the family. */
static struct door *
door_for(struct udp *udp, const struct lns_addr *local)
{
	struct door *any = NULL;

	for (size_t i = 0; i < udp->count; i++) {
		struct door *door = &udp->doors[i];

		if (door->bound.family != local->family)
			continue;
		if (memcmp(door->bound.ip, local->ip, sizeof(local->ip)) == 0)
			return door;
		if (addr_any(&door->bound))
			any = door;
	}
	return any;
}

static void
flush_door(struct door *door)
{
	struct udp *udp = door->udp;

	while (door->count && !door->blocked) {
		unsigned batch = door->count < BATCH ? (unsigned)door->count : BATCH;
		int n = sendmmsg(door->fd, door->out_hdr + door->first, batch, MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			door->blocked = event_add(door->writable, NULL) == 0;
			return;
		}
		if (n <= 0) {
			/* the first one cannot leave: no buffer, no route, no such source … */
			udp->counters.failed++;
			n = 1;
		} else {
			udp->counters.out += (unsigned)n;
		}
		door->first += (unsigned)n;
		door->count -= (unsigned)n;
	}
	if (door->count == 0)
		door->first = 0;
}

static void
on_writable(evutil_socket_t fd, short what, void *ctx)
{
	struct door *door = ctx;

	(void)fd;
	(void)what;
	door->blocked = false;
	flush_door(door);
}

void
udp_flush(struct udp *udp)
{
	for (size_t i = 0; i < udp->count; i++)
		flush_door(&udp->doors[i]);
}

void
udp_send(struct udp *udp, const struct lns_path *path, const uint8_t *bytes, size_t len)
{
	struct door *door = door_for(udp, &path->local);
	struct slot *slot;
	struct msghdr *hdr;

	if (!door || len > DATAGRAM) {
		udp->counters.failed++;
		return;
	}
	if (door->count >= BATCH)
		flush_door(door);
	if (door->first + door->count == QUEUE) {
		udp->counters.dropped++;
		return;
	}
	slot = &door->out[door->first + door->count];
	memcpy(slot->bytes, bytes, len);
	slot->iov = (struct iovec){.iov_base = slot->bytes, .iov_len = len};
	hdr = &door->out_hdr[door->first + door->count].msg_hdr;
	*hdr = (struct msghdr){
		.msg_name = &slot->peer,
		.msg_namelen = addr_to_sockaddr(&slot->peer, &path->peer),
		.msg_iov = &slot->iov,
		.msg_iovlen = 1,
		.msg_control = slot->control,
	};
	write_control(hdr, path);
	door->count++;
}

/* ── life ───────────────────────────────────────────────────────────────────────────────── */

static bool
open_door(struct udp *udp, struct event_base *base, struct door *door)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);

	if (getsockname(door->fd, (struct sockaddr *)&sa, &len) < 0 ||
	    !addr_from_sockaddr(&door->bound, &sa))
		return false;
	door->udp = udp;
	door->out = calloc(QUEUE, sizeof(*door->out));
	door->out_hdr = calloc(QUEUE, sizeof(*door->out_hdr));
	door->readable = event_new(base, door->fd, EV_READ | EV_PERSIST, on_readable, door);
	door->writable = event_new(base, door->fd, EV_WRITE, on_writable, door);
	return door->out && door->out_hdr && door->readable && door->writable &&
	       event_add(door->readable, NULL) == 0;
}

struct udp *
udp_new(struct event_base *base, const int *fds, size_t count, const struct udp_calls *calls)
{
	struct udp *udp = calloc(1, sizeof(*udp));
	bool ok;

	if (udp) {
		udp->calls = *calls;
		udp->in = calloc(BATCH, sizeof(*udp->in));
		udp->doors = calloc(count ? count : 1, sizeof(*udp->doors));
	}
	if (!udp || !udp->in || !udp->doors) {
		for (size_t i = 0; i < count; i++)
			close(fds[i]);
		udp_free(udp);
		log_error("udp: out of memory");
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		udp->doors[i].fd = fds[i];
	udp->count = count;
	ok = true;
	for (size_t i = 0; ok && i < count; i++)
		ok = open_door(udp, base, &udp->doors[i]);
	if (ok)
		return udp;
	log_error("udp: cannot serve a listening socket");
	udp_free(udp);
	return NULL;
}

void
udp_free(struct udp *udp)
{
	if (!udp)
		return;
	for (size_t i = 0; udp->doors && i < udp->count; i++) {
		struct door *door = &udp->doors[i];

		if (door->readable)
			event_free(door->readable);
		if (door->writable)
			event_free(door->writable);
		close(door->fd);
		free(door->out);
		free(door->out_hdr);
	}
	free(udp->doors);
	free(udp->in);
	free(udp);
}

size_t
udp_count(const struct udp *udp)
{
	return udp->count;
}

const struct lns_addr *
udp_bound(const struct udp *udp, size_t i)
{
	return &udp->doors[i].bound;
}

struct udp_counters
udp_counters(const struct udp *udp)
{
	return udp->counters;
}
