/*
 * One end of a SOCK_SEQPACKET pair between two processes of lnsd, non-blocking: whole messages, a
 * descriptor with each at most. What the socket does not take waits in a bounded queue; call
 * channel_flush() when it is writable again. What a message must look like is its users' to check.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define CHANNEL_QUEUE_MAX 4096

struct channel;
/* Takes fd. NULL when memory is short; fd is the caller's then. */
struct channel *channel_new(int fd);
void channel_free(struct channel *channel);
int channel_fd(const struct channel *channel);
bool channel_wants_write(const struct channel *channel);
/* How many messages wait. */
size_t channel_queued(const struct channel *channel);
/* 0, or -errno: -ENOBUFS when the queue is full (the other side hangs), -EPIPE. A descriptor to
 * pass is closed here in any case; -1: none. */
int channel_send(struct channel *channel, const void *bytes, size_t len, int pass_fd);
int channel_flush(struct channel *channel);
/* The length of the message, with the descriptor that came along (-1: none; the caller owns it); 0:
 * nothing there; -errno: closed (-EPIPE), or longer than cap or with several descriptors (-EPROTO).
 * Zeroes what the message does not fill. */
ssize_t channel_recv(struct channel *channel, void *bytes, size_t cap, int *fd);

#endif
