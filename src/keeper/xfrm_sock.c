/* See xfrm_sock.h. */
#include "keeper/xfrm_sock.h"

#include <errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define DUMP_TRIES 3

struct nl_sock *
xfrm_sock(int protocol, int *error)
{
	struct nl_sock *sock = nl_socket_alloc();
	int on = 1;

	errno = 0;
	if (sock && nl_connect(sock, protocol) == 0) {
		/* answers are read here, not by the library, which would have to count along */
		nl_socket_disable_seq_check(sock);
		/* an error must not send back what it is about: there are keys in it */
		setsockopt(nl_socket_get_fd(sock), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
		return sock;
	}
	*error = !sock ? -ENOMEM : errno ? -errno : -EPROTONOSUPPORT;
	nl_socket_free(sock);
	return NULL;
}

struct reading {
	xfrm_answer_fn *fn;
	void *ctx;
	bool over;
	bool interrupted; /* the table changed under a dump */
	int error;
};

static void
take_message(struct reading *reading, const struct nlmsghdr *hdr)
{
	reading->interrupted = reading->interrupted || hdr->nlmsg_flags & NLM_F_DUMP_INTR;
	if (hdr->nlmsg_type == NLMSG_DONE) {
		reading->over = true;
	} else if (hdr->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *error = nlmsg_data(hdr);

		reading->over = true;
		if (nlmsg_valid_hdr(hdr, sizeof(*error)))
			reading->error = error->error;
	} else if (hdr->nlmsg_type >= NLMSG_MIN_TYPE && reading->fn) {
		reading->fn(reading->ctx, hdr);
	}
}

/* One datagram of the kernel's; what others send to the socket is not looked at. 1, 0 for "not
 * now", or -errno. */
static int
take_datagram(struct nl_sock *sock, struct reading *reading)
{
	struct sockaddr_nl from = {.nl_pid = 0};
	unsigned char *bytes = NULL;
	int len = nl_recv(sock, &from, &bytes, NULL);
	struct nlmsghdr *hdr = (struct nlmsghdr *)(void *)bytes;

	if (len <= 0) {
		free(bytes);
		return len == 0 || len == -NLE_AGAIN ? 0 : len == -NLE_NOMEM ? -ENOBUFS : -EIO;
	}
	for (int left = len; from.nl_pid == 0 && nlmsg_ok(hdr, left); hdr = nlmsg_next(hdr, &left))
		take_message(reading, hdr);
	explicit_bzero(bytes, (size_t)len);
	free(bytes);
	return 1;
}

static int
read_answer(struct nl_sock *sock, struct reading *reading)
{
	int got = 1;

	while (!reading->over && got > 0)
		got = take_datagram(sock, reading);
	if (got < 0)
		return got;
	return reading->over ? reading->error : -EIO;
}

int
xfrm_ask(struct nl_sock *sock, struct nl_msg *msg, xfrm_answer_fn *fn, void *ctx)
{
	struct reading reading = {.fn = fn, .ctx = ctx};
	int error = -ENOMEM;

	if (!msg)
		return error;
	error = nl_send_auto(sock, msg) < 0 ? -EIO : read_answer(sock, &reading);
	explicit_bzero(nlmsg_hdr(msg), nlmsg_get_max_size(msg));
	nlmsg_free(msg);
	return error;
}

int
xfrm_send(struct nl_sock *sock, struct nl_msg *msg)
{
	return xfrm_ask(sock, msg, NULL, NULL);
}

int
xfrm_request(struct nl_sock *sock, int type, int flags, void *body, size_t len)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);

	if (msg && nlmsg_append(msg, body, len, NLMSG_ALIGNTO) < 0) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return xfrm_send(sock, msg);
}

int
xfrm_dump(int type, xfrm_answer_fn *fn, void *ctx)
{
	struct reading reading = {.interrupted = true};
	int error = 0;

	for (int i = 0; i < DUMP_TRIES && reading.interrupted && error == 0; i++) {
		struct nl_sock *sock = xfrm_sock(NETLINK_XFRM, &error);

		reading = (struct reading){.fn = fn, .ctx = ctx};
		if (sock && nl_send_simple(sock, type, NLM_F_DUMP, NULL, 0) < 0)
			error = -EIO;
		if (sock && error == 0)
			error = read_answer(sock, &reading);
		nl_socket_free(sock);
	}
	return error;
}

int
xfrm_events(struct nl_sock *sock, unsigned max, xfrm_answer_fn *fn, void *ctx)
{
	struct reading reading = {.fn = fn, .ctx = ctx};
	int got = 1;

	for (unsigned i = 0; i < max && got > 0; i++)
		got = take_datagram(sock, &reading);
	return got;
}
