/* See l2tp_kernel.h. */
#include "keeper/l2tp_kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

/* after the C library's own of these names */
#include <linux/if_pppox.h>
#include <linux/ppp-ioctl.h>

#include "keeper/sockets.h"
#include "lane.h"

#define LOOK_AGAIN_MS 60000

struct l2tp_tunnel {
	TAILQ_ENTRY(l2tp_tunnel) next;
	uint32_t number;
	struct l2tp_ids ids; /* sid, peer_sid 0 */
	struct lns_path path;
	int udp;
	int manager; /* the PPPoL2TP socket that made it; -1: it was made by netlink */
	unsigned sessions;
};

/* ── what the kernel has ────────────────────────────────────────────────────────────────── */

static int
pppox_socket(void)
{
	int fd = socket(AF_PPPOX, SOCK_DGRAM | SOCK_CLOEXEC, PX_PROTO_OL2TP);

	return fd < 0 ? -errno : fd;
}

void
l2tp_kernel_init(struct l2tp_kernel *kernel)
{
	struct utsname name;

	memset(kernel, 0, sizeof(*kernel));
	TAILQ_INIT(&kernel->tunnels);
	kernel->by_ids = uname(&name) == 0 && lane_found_by_ids(name.release);
}

void
l2tp_kernel_fini(struct l2tp_kernel *kernel)
{
	l2tp_genl_close(&kernel->genl);
}

bool
l2tp_kernel_present(struct l2tp_kernel *kernel, mstime_t now)
{
	int fd;

	if (kernel->present || (kernel->look_next && now < kernel->look_next))
		return kernel->present;
	kernel->look_next = now + LOOK_AGAIN_MS;
	fd = pppox_socket();
	if (fd < 0)
		return false;
	close(fd);
	kernel->present = true;
	if (!kernel->genl.sock)
		l2tp_genl_open(&kernel->genl);
	return true;
}

/* ── tunnels ────────────────────────────────────────────────────────────────────────────── */

static bool
addr_eq(const struct lns_addr *a, const struct lns_addr *b)
{
	return a->family == b->family && a->port == b->port && a->scope == b->scope &&
	       memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

static bool
same_ends(const struct lns_path *a, const struct lns_path *b)
{
	return addr_eq(&a->local, &b->local) && addr_eq(&a->peer, &b->peer);
}

static bool
is_tunnel(const struct l2tp_tunnel *tunnel, const struct l2tp_ids *ids, const struct lns_path *path)
{
	return tunnel->ids.tid == ids->tid && tunnel->ids.peer_tid == ids->peer_tid &&
	       tunnel->path.mark == path->mark && same_ends(&tunnel->path, path);
}

struct l2tp_tunnel *
l2tp_tunnel_find(const struct l2tp_kernel *kernel, const struct l2tp_ids *ids,
		 const struct lns_path *path)
{
	struct l2tp_tunnel *tunnel;

	TAILQ_FOREACH(tunnel, &kernel->tunnels, next)
	{
		if (is_tunnel(tunnel, ids, path))
			return tunnel;
	}
	return NULL;
}

bool
l2tp_kernel_shared(const struct l2tp_kernel *kernel, const struct l2tp_ids *ids,
		   const struct lns_path *path)
{
	const struct l2tp_tunnel *tunnel;

	if (kernel->by_ids)
		return false;
	TAILQ_FOREACH(tunnel, &kernel->tunnels, next)
	{
		if (same_ends(&tunnel->path, path) && !is_tunnel(tunnel, ids, path))
			return true;
	}
	return false;
}

uint32_t
l2tp_tunnel_number(const struct l2tp_tunnel *tunnel)
{
	return tunnel->number;
}

/* A PPPoL2TP socket on a session, or with ids of 0 on the tunnel itself, which it then makes of the
 * UDP socket. The form for IPv4 does for IPv6 too: the kernel takes the addresses from the socket.
 */
static int
pppox_connect(const struct l2tp_ids *ids, int udp)
{
	const struct sockaddr_pppol2tp place = {.sa_family = AF_PPPOX,
						.sa_protocol = PX_PROTO_OL2TP,
						.pppol2tp = {.fd = udp,
							     .s_tunnel = ids->tid,
							     .s_session = ids->sid,
							     .d_tunnel = ids->peer_tid,
							     .d_session = ids->peer_sid}};
	int fd = pppox_socket(), error;

	if (fd < 0 || connect(fd, (const struct sockaddr *)&place, sizeof(place)) == 0)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

static void
tunnel_free(struct l2tp_kernel *kernel, struct l2tp_tunnel *tunnel)
{
	/* the worker may have the socket for a moment still */
	if (tunnel->manager < 0 && tunnel->number)
		l2tp_genl_tunnel_gone(&kernel->genl, &tunnel->ids);
	if (tunnel->manager >= 0)
		close(tunnel->manager);
	if (tunnel->udp >= 0)
		close(tunnel->udp);
	if (tunnel->number) {
		TAILQ_REMOVE(&kernel->tunnels, tunnel, next);
		kernel->count--;
	}
	free(tunnel);
}

/* Makes the kernel's tunnel of the socket; 0 or -errno. */
static int
tunnel_make(struct l2tp_kernel *kernel, struct l2tp_tunnel *tunnel, uint32_t debug)
{
	if (kernel->genl.sock)
		return l2tp_genl_tunnel(&kernel->genl, &tunnel->ids, tunnel->udp, debug);
	tunnel->manager = pppox_connect(&tunnel->ids, tunnel->udp);
	return tunnel->manager < 0 ? tunnel->manager : 0;
}

static int
tunnel_new(struct l2tp_kernel *kernel, const struct l2tp_ids *ids, const struct lns_path *path,
	   const struct l2tp_manner *manner, bool checksum, struct l2tp_tunnel **out)
{
	struct l2tp_tunnel *tunnel = calloc(1, sizeof(*tunnel));
	int error;

	if (!tunnel)
		return -ENOMEM;
	tunnel->ids = (struct l2tp_ids){.tid = ids->tid, .peer_tid = ids->peer_tid};
	tunnel->path = *path;
	tunnel->manager = -1;
	tunnel->udp = sockets_tunnel(path, checksum);
	error = tunnel->udp < 0 ? tunnel->udp : tunnel_make(kernel, tunnel, manner->debug);
	if (error) {
		tunnel_free(kernel, tunnel);
		return error;
	}
	tunnel->number = ++kernel->last;
	TAILQ_INSERT_TAIL(&kernel->tunnels, tunnel, next);
	kernel->count++;
	*out = tunnel;
	return 0;
}

/* ── sessions ───────────────────────────────────────────────────────────────────────────── */

static int
set(int fd, int option, int value)
{
	return setsockopt(fd, SOL_PPPOL2TP, option, &value, sizeof(value)) == 0 ? 0 : -errno;
}

/* What netlink has said already where it made the session. And from now on the kernel keeps what
 * comes for pppd, though that is not there yet: PPPIOCGCHAN is what tells it to. */
static int
line_prepare(struct l2tp_line *line)
{
	int error = set(line->fd, PPPOL2TP_SO_LNSMODE, 1);

	if (!error)
		error = set(line->fd, PPPOL2TP_SO_REORDERTO, L2TP_REORDER_MS);
	if (!error && ioctl(line->fd, PPPIOCGCHAN, &line->channel) < 0)
		error = -errno;
	return error;
}

static int
line_make(struct l2tp_kernel *kernel, struct l2tp_line *line, const struct l2tp_manner *manner)
{
	int error = kernel->genl.sock ? l2tp_genl_session(&kernel->genl, &line->ids, manner) : 0;

	if (error)
		return error;
	line->fd = pppox_connect(&line->ids, line->tunnel->udp);
	if (line->fd >= 0)
		error = line_prepare(line);
	else if (kernel->genl.sock)
		l2tp_genl_session_gone(&kernel->genl, &line->ids);
	return line->fd < 0 ? line->fd : error;
}

/* A module that has gone is looked for again. */
static void
note_error(struct l2tp_kernel *kernel, int error)
{
	if (error != -EAFNOSUPPORT && error != -EPROTONOSUPPORT && error != -ESOCKTNOSUPPORT &&
	    error != -ENOENT && error != -EOPNOTSUPP)
		return;
	l2tp_genl_close(&kernel->genl);
	kernel->present = false;
	kernel->look_next = 0;
}

int
l2tp_line_open(struct l2tp_kernel *kernel, struct l2tp_line *line, const struct lns_path *path,
	       const struct l2tp_manner *manner, bool checksum, int *udp)
{
	int error = 0;

	*udp = -1;
	line->fd = -1;
	line->tunnel = l2tp_tunnel_find(kernel, &line->ids, path);
	if (!line->tunnel) {
		error = tunnel_new(kernel, &line->ids, path, manner, checksum, &line->tunnel);
		if (!error && (*udp = fcntl(line->tunnel->udp, F_DUPFD_CLOEXEC, 0)) < 0)
			error = -errno;
	}
	if (line->tunnel)
		line->tunnel->sessions++;
	if (!error)
		error = line_make(kernel, line, manner);
	if (error) {
		l2tp_line_close(kernel, line);
		if (*udp >= 0)
			close(*udp);
		*udp = -1;
		note_error(kernel, error);
	}
	return error;
}

void
l2tp_line_number(struct l2tp_kernel *kernel, const struct l2tp_line *line, bool numbered)
{
	if (line->fd >= 0 && kernel->genl.sock)
		l2tp_genl_number(&kernel->genl, &line->ids, numbered);
	else if (line->fd >= 0)
		set(line->fd, PPPOL2TP_SO_SENDSEQ, numbered);
}

/* The channel is taken from pppd's interface, which is then at its end as that of a dead modem. */
void
l2tp_line_hang_up(const struct l2tp_line *line)
{
	int ppp = line->fd < 0 ? -1 : open("/dev/ppp", O_RDWR | O_CLOEXEC);
	int channel = line->channel;

	if (ppp < 0)
		return;
	if (ioctl(ppp, PPPIOCATTCHAN, &channel) == 0)
		ioctl(ppp, PPPIOCDISCONN);
	close(ppp);
}

uint32_t
l2tp_line_close(struct l2tp_kernel *kernel, struct l2tp_line *line)
{
	struct l2tp_tunnel *tunnel = line->tunnel;
	uint32_t number;

	if (line->fd >= 0)
		close(line->fd);
	line->fd = -1;
	line->tunnel = NULL;
	if (!tunnel || --tunnel->sessions)
		return 0;
	number = tunnel->number;
	tunnel_free(kernel, tunnel);
	return number;
}
