/* Messages between processes. */
#include "channel.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

struct queued {
	STAILQ_ENTRY(queued) next;
	int fd;
	size_t len;
	uint8_t bytes[];
};

struct channel {
	int fd;
	STAILQ_HEAD(, queued) queue;
	size_t queued;
};

struct channel *
channel_new(int fd)
{
	struct channel *channel = calloc(1, sizeof(*channel));

	if (!channel)
		return NULL;
	channel->fd = fd;
	STAILQ_INIT(&channel->queue);
	return channel;
}

static void
close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void
dequeue(struct channel *channel)
{
	struct queued *first = STAILQ_FIRST(&channel->queue);

	STAILQ_REMOVE_HEAD(&channel->queue, next);
	channel->queued--;
	close_fd(first->fd);
	explicit_bzero(first->bytes, first->len); /* it may have held a password */
	free(first);
}

void
channel_free(struct channel *channel)
{
	if (!channel)
		return;
	while (!STAILQ_EMPTY(&channel->queue))
		dequeue(channel);
	close(channel->fd);
	free(channel);
}

int
channel_fd(const struct channel *channel)
{
	return channel->fd;
}

bool
channel_wants_write(const struct channel *channel)
{
	return !STAILQ_EMPTY(&channel->queue);
}

size_t
channel_queued(const struct channel *channel)
{
	return channel->queued;
}

static int
send_now(int sock, const void *bytes, size_t len, int pass_fd)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.bytes = {0}};
	struct iovec iov = {.iov_base = (void *)bytes, .iov_len = len};
	struct msghdr hdr = {.msg_iov = &iov, .msg_iovlen = 1};

	if (pass_fd >= 0) {
		hdr.msg_control = control.bytes;
		hdr.msg_controllen = sizeof(control.bytes);
		struct cmsghdr *cmsg = CMSG_FIRSTHDR(&hdr);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &pass_fd, sizeof(int));
	}
	ssize_t n;
	do
		n = sendmsg(sock, &hdr, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

static int
enqueue(struct channel *channel, const void *bytes, size_t len, int pass_fd)
{
	struct queued *entry = NULL;

	if (channel->queued < CHANNEL_QUEUE_MAX)
		entry = malloc(sizeof(*entry) + len);
	if (!entry)
		return -ENOBUFS;
	entry->fd = pass_fd;
	entry->len = len;
	memcpy(entry->bytes, bytes, len);
	STAILQ_INSERT_TAIL(&channel->queue, entry, next);
	channel->queued++;
	return 0;
}

int
channel_send(struct channel *channel, const void *bytes, size_t len, int pass_fd)
{
	int error = -EAGAIN;

	if (STAILQ_EMPTY(&channel->queue))
		error = send_now(channel->fd, bytes, len, pass_fd);
	if (error == -EAGAIN) {
		error = enqueue(channel, bytes, len, pass_fd);
		if (error == 0)
			return 0; /* the queue has the descriptor now */
	}
	close_fd(pass_fd);
	return error;
}

int
channel_flush(struct channel *channel)
{
	while (!STAILQ_EMPTY(&channel->queue)) {
		struct queued *first = STAILQ_FIRST(&channel->queue);
		int error = send_now(channel->fd, first->bytes, first->len, first->fd);

		if (error == -EAGAIN)
			return 0;
		if (error)
			return error;
		dequeue(channel);
	}
	return 0;
}

/* The one descriptor that came along, or -1. Closes all and says false when there are several. */
static bool
passed_fd(struct msghdr *hdr, int *fd)
{
	size_t count = 0;

	*fd = -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(hdr); c; c = CMSG_NXTHDR(hdr, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t at = CMSG_LEN(0); at + sizeof(int) <= c->cmsg_len; at += sizeof(int)) {
			close_fd(*fd);
			memcpy(fd, (char *)c + at, sizeof(int));
			count++;
		}
	}
	if (count > 1) {
		close_fd(*fd);
		*fd = -1;
	}
	return count <= 1;
}

ssize_t
channel_recv(struct channel *channel, void *bytes, size_t cap, int *fd)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(4 * sizeof(int))];
	} control;
	struct iovec iov = {.iov_base = bytes, .iov_len = cap};
	struct msghdr hdr = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control.bytes,
			     .msg_controllen = sizeof(control.bytes)};
	ssize_t n;

	memset(bytes, 0, cap);
	*fd = -1;
	do
		n = recvmsg(channel->fd, &hdr, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : errno == ECONNRESET ? -EPIPE : -errno;
	if (n == 0)
		return -EPIPE;
	if (passed_fd(&hdr, fd) && !(hdr.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return n;
	close_fd(*fd);
	*fd = -1;
	return -EPROTO;
}
