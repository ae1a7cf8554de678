/*
 * L2TP peers in numbers, for tests/bench/run:
 *	load [-p PID,PID...] [-k TUNNELS-A-SOCKET] HOST PORT STEP...
 * PIDs are the server's processes, whose time and memory each step tells. The steps:
 *	setup:TUNNELS:SESSIONS:AT-ONCE	tunnels with so many sessions each, until pppd's first frame
 *	half:TUNNELS			SCCRQs only
 *	lines:SESSIONS			no control connection at all: ids are 1 …, for
 *tests/bench/floor echo:BYTES:WINDOW:SECONDS[:FRAMES]	so many echoes under way in all
 *	probe:BYTES:WINDOW:SECONDS	the same, beside it one small echo on the last session
 *	hello:COUNT			HELLOs, one at a time, over the tunnels in turn
 *	idle:SECONDS			answers what comes
 *	stop				StopCCN for each tunnel
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

#define EVENTS 64
#define SOCKETS_AN_ADDRESS 16384 /* the range of ports that the kernel chooses from is larger */

/* ── sockets ────────────────────────────────────────────────────────────────────────────── */

static int
open_socket(const struct load *load, unsigned i)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST, .ai_family = AF_INET, .ai_socktype = SOCK_DGRAM};
	struct sockaddr_in here = {.sin_family = AF_INET,
				   .sin_addr.s_addr =
					   htonl(INADDR_LOOPBACK + 1 + i / SOCKETS_AN_ADDRESS)};
	const int room = 8 << 20;
	struct addrinfo *there;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool ok;

	if (fd < 0 || getaddrinfo(load->host, load->port, &hints, &there) != 0)
		return -1;
	/* what comes while it waits for its turn is not the server's loss */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	ok = bind(fd, (const struct sockaddr *)&here, sizeof(here)) == 0 &&
	     connect(fd, there->ai_addr, there->ai_addrlen) == 0;
	freeaddrinfo(there);
	return ok ? fd : -1;
}

static bool
open_sockets(struct load *load)
{
	struct rlimit files = {1 << 20, 1 << 20};

	setrlimit(RLIMIT_NOFILE, &files); /* where it may not, too many say so below */
	load->fd_count = (load->tunnel_count + load->tunnels_a_socket - 1) / load->tunnels_a_socket;
	load->fds = calloc(load->fd_count, sizeof(*load->fds));
	load->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (!load->fds || load->epoll < 0)
		return false;
	for (unsigned i = 0; i < load->fd_count; i++) {
		struct epoll_event event = {.events = EPOLLIN};

		load->fds[i] = open_socket(load, i);
		event.data.fd = load->fds[i];
		if (load->fds[i] < 0 ||
		    epoll_ctl(load->epoll, EPOLL_CTL_ADD, load->fds[i], &event) < 0) {
			fprintf(stderr, "load: socket %u: %s\n", i, strerror(errno));
			return false;
		}
	}
	return true;
}

bool
load_peers(struct load *load, unsigned tunnels, unsigned sessions_each)
{
	unsigned units = tunnels * (sessions_each ? sessions_each : 1);

	if (load->tunnels || tunnels < 1 || tunnels > UINT16_MAX || sessions_each > UINT16_MAX)
		return false;
	load->tunnel_count = tunnels;
	load->sessions_each = sessions_each;
	load->tunnels = calloc(tunnels, sizeof(*load->tunnels));
	load->sessions = calloc((size_t)tunnels * sessions_each + 1, sizeof(*load->sessions));
	load->took_ms = calloc(units, sizeof(*load->took_ms));
	if (!load->tunnels || !load->sessions || !load->took_ms || !open_sockets(load))
		return false;
	for (unsigned i = 0; i < tunnels; i++) {
		load->tunnels[i].tid = (uint16_t)(i + 1);
		load->tunnels[i].fd = load->fds[i / load->tunnels_a_socket];
		load->tunnels[i].sessions = load->sessions + (size_t)i * sessions_each;
	}
	return true;
}

/* ── what comes ─────────────────────────────────────────────────────────────────────────── */

static void
take_datagram(struct load *load, const uint8_t *bytes, size_t len)
{
	struct rd r = rd_init(bytes, len);
	uint16_t flags = rd_u16(&r), tid, sid;
	struct tunnel *t;

	if (flags & 0x4000)
		rd_u16(&r);
	tid = rd_u16(&r);
	if (r.bad || tid < 1 || tid > load->tunnel_count)
		return;
	t = &load->tunnels[tid - 1];
	if (flags & 0x8000) {
		setup_take_control(load, t, &r);
		return;
	}
	sid = rd_u16(&r);
	if (flags & 0x0800)
		rd_u32(&r);
	if (flags & 0x0200)
		rd_bytes(&r, rd_u16(&r));
	if (!r.bad && sid >= 1 && sid <= load->sessions_each)
		load->on_frame(load, t, &t->sessions[sid - 1], r.p, rd_left(&r));
}

static void
take_socket(struct load *load, int fd)
{
	struct mmsghdr hdr[BATCH] = {0};
	struct iovec iov[BATCH];
	int n;

	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){load->in[i], DATAGRAM};
		hdr[i].msg_hdr = (struct msghdr){.msg_iov = &iov[i], .msg_iovlen = 1};
	}
	n = recvmmsg(fd, hdr, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		take_datagram(load, load->in[i], hdr[i].msg_len);
	if (load->on_batch_end)
		load->on_batch_end(load, fd);
}

void
load_take(struct load *load, int ms)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(load->epoll, events, EVENTS, ms);

	for (int i = 0; i < n; i++)
		take_socket(load, events[i].data.fd);
}

/* ── steps ──────────────────────────────────────────────────────────────────────────────── */

static const struct step {
	const char *name; /* "name" or "name:ARG" */
	bool (*fn)(struct load *load, const char *arg);
} steps[] = {
	{"setup", step_setup}, {"half", step_half},   {"lines", step_lines}, {"echo", step_echo},
	{"probe", step_probe}, {"hello", step_hello}, {"idle", step_idle},   {"stop", step_stop},
};

static bool
run_step(struct load *load, const char *text)
{
	size_t len = strcspn(text, ":");
	const char *arg = text[len] ? text + len + 1 : "";

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (strlen(steps[i].name) == len && strncmp(steps[i].name, text, len) == 0)
			return steps[i].fn(load, arg);
	}
	return false;
}

int
main(int argc, char **argv)
{
	struct load load = {.tunnels_a_socket = 1};
	bool ok = true;
	int option;

	while (ok && (option = getopt(argc, argv, "+p:k:")) != -1) {
		if (option == 'p')
			ok = gauge_add(&load.gauge, optarg);
		else
			ok = option == 'k' && (load.tunnels_a_socket = (unsigned)atoi(optarg)) > 0;
	}
	if (!ok || argc - optind < 3) {
		fprintf(stderr, "usage: load [-p PID,PID...] [-k TUNNELS-A-SOCKET] HOST PORT "
				"STEP...\n");
		return 2;
	}
	load.host = argv[optind];
	load.port = argv[optind + 1];
	for (int i = optind + 2; i < argc; i++) {
		if (!run_step(&load, argv[i])) {
			fprintf(stderr, "load: '%s' could not be done\n", argv[i]);
			return 1;
		}
		fflush(stdout);
	}
	return 0;
}
