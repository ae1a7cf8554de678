/*
 * The floor under the pty lane: the system calls and copies of a daemon that carries frames between
 * UDP and pppd's ptys, and no protocol at all:
 *	floor PORT SESSIONS PPPD OPTIONS
 * starts PPPD `file OPTIONS` on a pty for each session, says "ready", and carries until it is
 * killed. Tunnel ids are 1 …, a tunnel's only session is 1, both ways; the peer is who sent last.
 * A control message is acknowledged.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "hdlc.h"

#define BATCH 64
#define DATAGRAM 2048
#define HEADER 6
#define CONTROL 12
#define OUT_MAX 262144
#define FRAME_MAX 2048

struct line {
	int fd;
	uint16_t tid;
	struct sockaddr_in peer;
	uint8_t *out; /* OUT_MAX of it */
	size_t used;
	bool dirty, blocked;
	struct hdlc_rx rx;
	uint8_t frame[FRAME_MAX];
};

/* Frames for one peer, of one size: one train. */
struct train {
	struct sockaddr_in peer;
	uint16_t each;
	unsigned frames;
};

struct floor {
	int udp, epoll;
	struct line *lines;
	unsigned count;
	struct line *dirty[BATCH];
	unsigned dirty_count;
	struct mmsghdr in_hdr[BATCH], out_hdr[BATCH];
	struct iovec in_iov[BATCH], out_iov[BATCH];
	struct sockaddr_in in_peer[BATCH];
	struct train trains[BATCH];
	_Alignas(struct cmsghdr) uint8_t control[BATCH][CMSG_SPACE(sizeof(uint16_t))];
	unsigned train_count, frames;
	uint8_t in[BATCH][DATAGRAM], out[BATCH][DATAGRAM], bytes[65536];
};

/* ── down: UDP to ptys ──────────────────────────────────────────────────────────────────── */

static void
take(struct floor *f, const uint8_t *p, size_t len, const struct sockaddr_in *peer)
{
	unsigned tid = len > HEADER ? (unsigned)p[2] << 8 | p[3] : 0;
	struct line *line;

	if (tid < 1 || tid > f->count)
		return;
	line = &f->lines[tid - 1];
	line->peer = *peer;
	line->used +=
		hdlc_encode(line->out + line->used, OUT_MAX - line->used, p + HEADER, len - HEADER);
	if (!line->dirty)
		f->dirty[f->dirty_count++] = line;
	line->dirty = true;
}

static void
watch_line(const struct floor *f, struct line *line, bool blocked)
{
	struct epoll_event event = {.events = EPOLLIN | (blocked ? EPOLLOUT : 0), .data.ptr = line};

	line->blocked = blocked;
	epoll_ctl(f->epoll, EPOLL_CTL_MOD, line->fd, &event);
}

static void
flush_line(const struct floor *f, struct line *line)
{
	ssize_t n = write(line->fd, line->out, line->used);

	if (n > 0 && (size_t)n < line->used)
		memmove(line->out, line->out + n, line->used - (size_t)n);
	line->used -= n > 0 ? (size_t)n : 0;
	if (line->blocked != (line->used > 0))
		watch_line(f, line, line->used > 0);
}

static void
flush_lines(struct floor *f)
{
	for (unsigned i = 0; i < f->dirty_count; i++) {
		f->dirty[i]->dirty = false;
		if (!f->dirty[i]->blocked)
			flush_line(f, f->dirty[i]);
	}
	f->dirty_count = 0;
}

/* As a train of its own */
static uint8_t *
put(struct floor *f, const struct sockaddr_in *peer, uint16_t len)
{
	uint8_t *p = f->out[f->frames];

	f->out_iov[f->frames++] = (struct iovec){p, len};
	f->trains[f->train_count++] = (struct train){*peer, len, 1};
	return p;
}

/* A ZLB: Ns is what the peer waits for, Nr one more than what it sent. */
static void
acknowledge(struct floor *f, const uint8_t *p, const struct sockaddr_in *peer)
{
	uint16_t nr = (uint16_t)((p[8] << 8 | p[9]) + 1);
	const uint8_t zlb[CONTROL] = {
		0xc8,	    2, 0, CONTROL, p[4], p[5], 0, 0, p[10], p[11], (uint8_t)(nr >> 8),
		(uint8_t)nr};

	memcpy(put(f, peer, CONTROL), zlb, CONTROL);
}

static void
take_any(struct floor *f, const uint8_t *p, size_t len, const struct sockaddr_in *peer)
{
	if (len > CONTROL && p[0] & 0x80)
		acknowledge(f, p, peer);
	else
		take(f, p, len, peer);
}

static void
read_udp(struct floor *f)
{
	int n;

	for (int i = 0; i < BATCH; i++) {
		f->in_iov[i] = (struct iovec){f->in[i], DATAGRAM};
		f->in_hdr[i].msg_hdr = (struct msghdr){.msg_name = &f->in_peer[i],
						       .msg_namelen = sizeof(f->in_peer[i]),
						       .msg_iov = &f->in_iov[i],
						       .msg_iovlen = 1};
	}
	n = recvmmsg(f->udp, f->in_hdr, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		take_any(f, f->in[i], f->in_hdr[i].msg_len, &f->in_peer[i]);
	flush_lines(f);
}

/* ── up: ptys to UDP ────────────────────────────────────────────────────────────────────── */

static void
send_trains(struct floor *f)
{
	unsigned first = 0, sent = 0;

	for (unsigned i = 0; i < f->train_count; i++) {
		struct train *train = &f->trains[i];
		struct msghdr *hdr = &f->out_hdr[i].msg_hdr;

		*hdr = (struct msghdr){.msg_name = &train->peer,
				       .msg_namelen = sizeof(train->peer),
				       .msg_iov = &f->out_iov[first],
				       .msg_iovlen = train->frames};
		first += train->frames;
		if (train->frames > 1) {
			struct cmsghdr *c;

			hdr->msg_control = f->control[i];
			hdr->msg_controllen = sizeof(f->control[i]);
			c = CMSG_FIRSTHDR(hdr);
			c->cmsg_level = SOL_UDP;
			c->cmsg_type = UDP_SEGMENT;
			c->cmsg_len = CMSG_LEN(sizeof(train->each));
			memcpy(CMSG_DATA(c), &train->each, sizeof(train->each));
		}
	}
	while (sent < f->train_count) {
		int n = sendmmsg(f->udp, f->out_hdr + sent, f->train_count - sent, 0);

		sent += n > 0 ? (unsigned)n : 1;
	}
	f->train_count = f->frames = 0;
}

static void
give(struct floor *f, const struct line *line, const uint8_t *frame, size_t len)
{
	const uint8_t header[HEADER] = {0x00, 0x02, (uint8_t)(line->tid >> 8), (uint8_t)line->tid,
					0,    1};
	struct train *train = f->train_count ? &f->trains[f->train_count - 1] : NULL;
	uint16_t each = (uint16_t)(HEADER + len);

	memcpy(f->out[f->frames], header, HEADER);
	memcpy(f->out[f->frames] + HEADER, frame, len);
	f->out_iov[f->frames] = (struct iovec){f->out[f->frames], each};
	f->frames++;
	if (train && train->each == each && (train->frames + 1) * each < 60000u &&
	    memcmp(&train->peer, &line->peer, sizeof(train->peer)) == 0)
		train->frames++;
	else
		f->trains[f->train_count++] = (struct train){line->peer, each, 1};
	if (f->frames == BATCH)
		send_trains(f);
}

static void
read_line(struct floor *f, struct line *line)
{
	ssize_t n = read(line->fd, f->bytes, sizeof(f->bytes));
	const uint8_t *p = f->bytes;
	size_t len;

	while (n > 0 && (len = hdlc_decode(&line->rx, &p, f->bytes + n)) > 0) {
		if (line->peer.sin_port)
			give(f, line, line->frame, len);
	}
}

/* ── life ───────────────────────────────────────────────────────────────────────────────── */

static bool
watch(const struct floor *f, int fd, struct line *line)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = line};

	return epoll_ctl(f->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool
open_line(struct floor *f, struct line *line, char *pppd, char *options)
{
	char tty[64];
	char *argv[] = {pppd, tty, "file", options, NULL};
	struct termios raw;
	pid_t pid;

	line->tid = (uint16_t)(line - f->lines + 1);
	line->out = malloc(OUT_MAX);
	line->rx = (struct hdlc_rx){.buf = line->frame, .cap = sizeof(line->frame)};
	line->fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (!line->out || line->fd < 0 || grantpt(line->fd) < 0 || unlockpt(line->fd) < 0 ||
	    ptsname_r(line->fd, tty, sizeof(tty)) != 0 || tcgetattr(line->fd, &raw) < 0)
		return false;
	cfmakeraw(&raw);
	tcsetattr(line->fd, TCSANOW, &raw);
	return posix_spawn(&pid, pppd, NULL, NULL, argv, environ) == 0 && watch(f, line->fd, line);
}

static bool
open_all(struct floor *f, const char *port, char *pppd, char *options)
{
	struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
	const int room = 16 << 20;

	f->lines = calloc(f->count + 1, sizeof(*f->lines));
	f->epoll = epoll_create1(EPOLL_CLOEXEC);
	f->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (!f->lines || f->epoll < 0 || f->udp < 0 ||
	    bind(f->udp, (const struct sockaddr *)&here, sizeof(here)) < 0 ||
	    !watch(f, f->udp, NULL))
		return false;
	setsockopt(f->udp, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	setsockopt(f->udp, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	for (unsigned i = 0; i < f->count; i++) {
		if (!open_line(f, &f->lines[i], pppd, options))
			return false;
	}
	return true;
}

static void
carry(struct floor *f)
{
	struct epoll_event events[BATCH];

	for (;;) {
		int n = epoll_wait(f->epoll, events, BATCH, -1);

		for (int i = 0; i < n; i++) {
			struct line *line = events[i].data.ptr;

			if (!line)
				read_udp(f);
			else if (events[i].events & EPOLLOUT)
				flush_line(f, line);
			else
				read_line(f, line);
		}
		send_trains(f);
	}
}

int
main(int argc, char **argv)
{
	struct floor *f;

	if (argc != 5) {
		fprintf(stderr, "usage: floor PORT SESSIONS PPPD OPTIONS\n");
		return 2;
	}
	f = calloc(1, sizeof(*f));
	if (f)
		f->count = (unsigned)atoi(argv[2]);
	if (!f || !open_all(f, argv[1], argv[3], argv[4])) {
		perror("floor");
		free(f);
		return 1;
	}
	puts("ready");
	fflush(stdout);
	carry(f);
}
