/*
 * What leaves the worker's sockets, and what becomes of it when the kernel does not take it. The
 * linker puts the functions below in the place of sendmmsg and setsockopt: nothing goes anywhere.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit.h"
#include "worker/udp.h"

#define SENT_MAX 512

/* what the kernel of these tests has taken, and how it answers next */
static struct {
	int error;		 /* for the next call only */
	unsigned calls, options; /* of sendmmsg, of setsockopt */
	unsigned sent;
	uint8_t first[SENT_MAX]; /* byte of each datagram */
	uint8_t dscp[SENT_MAX];
} kernel;

/* What the linker calls in place of the C library's. */
#define WRAP(name, ...)                                                                            \
	int __wrap_##name(__VA_ARGS__);                                                            \
	int __wrap_##name(__VA_ARGS__)

static uint8_t
dscp_of(struct msghdr *hdr)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(hdr); c; c = CMSG_NXTHDR(hdr, c))
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS)
			return (uint8_t)(*CMSG_DATA(c) >> 2);
	return 0;
}

WRAP(sendmmsg, int fd, struct mmsghdr *list, unsigned count, int flags)
{
	(void)fd, (void)flags;
	kernel.calls++;
	if (kernel.error) {
		errno = kernel.error;
		kernel.error = 0;
		return -1;
	}
	for (unsigned i = 0; i < count; i++) {
		ck_assert_uint_lt(kernel.sent, SENT_MAX);
		kernel.first[kernel.sent] = *(uint8_t *)list[i].msg_hdr.msg_iov->iov_base;
		kernel.dscp[kernel.sent++] = dscp_of(&list[i].msg_hdr);
	}
	return (int)count;
}

WRAP(setsockopt, int fd, int level, int name, const void *value, socklen_t len)
{
	(void)fd, (void)level, (void)name, (void)value, (void)len;
	kernel.options++;
	return 0;
}

struct rig {
	struct event_base *base;
	struct udp *udp;
	struct lns_path path;
};

static void
take_nothing(void *ctx, const struct lns_path *path, uint8_t *bytes, size_t len)
{
	(void)ctx, (void)path, (void)bytes, (void)len;
}

static void
end_nothing(void *ctx)
{
	(void)ctx;
}

/* One socket, bound to some port of the loopback address. */
static void
rig_open(struct rig *rig)
{
	const struct udp_calls calls = {.input = take_nothing, .batch_end = end_nothing};
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct udp_sockets sockets = {.count = 1, .group = 1};

	memset(&kernel, 0, sizeof(kernel));
	sockets.fds = malloc(sizeof(*sockets.fds));
	sockets.fds[0] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(bind(sockets.fds[0], (struct sockaddr *)&any, sizeof(any)), 0);
	rig->base = event_base_new();
	rig->udp = udp_new(rig->base, &sockets, &calls);
	ck_assert_ptr_nonnull(rig->udp);
	rig->path = (struct lns_path){.local = *udp_bound(rig->udp, 0)};
	rig->path.peer = rig->path.local;
}

static void
rig_close(struct rig *rig)
{
	udp_free(rig->udp);
	event_base_free(rig->base);
}

/* Datagrams of one byte that says which, each with another code point. */
static void
send_some(struct rig *rig, uint8_t from, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const uint8_t byte = (uint8_t)(from + i);
		const struct udp_manner manner = {.dscp = byte & 63};

		udp_send(rig->udp, &rig->path, &manner, &byte, 1);
	}
	udp_flush(rig->udp);
}

/* REL-19: EAGAIN is no loss, and nothing overtakes what waits */
START_TEST(datagram_that_finds_no_room_is_sent_when_there_is)
{
	struct rig rig;

	rig_open(&rig);
	kernel.error = EAGAIN;
	send_some(&rig, 0, 3);
	ck_assert_uint_eq(kernel.sent, 0);
	send_some(&rig, 3, 2);
	ck_assert_uint_eq(kernel.calls, 1);
	event_base_loop(rig.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	ck_assert_uint_eq(kernel.sent, 5);
	for (uint8_t i = 0; i < 5; i++)
		ck_assert_uint_eq(kernel.first[i], i);
	ck_assert_uint_eq(udp_counters(rig.udp).out, 5);
	ck_assert_uint_eq(udp_counters(rig.udp).failed, 0);
	rig_close(&rig);
}
END_TEST

/* REL-18, REL-19: an error is one datagram's, which reliable delivery sends again when it matters
 */
START_TEST(datagram_that_is_refused_is_counted_and_the_next_leaves)
{
	static const int errors[] = {ENOBUFS, ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EPERM};
	struct rig rig;

	rig_open(&rig);
	for (unsigned i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		kernel.error = errors[i];
		kernel.sent = 0;
		send_some(&rig, 0, 3);
		ck_assert_uint_eq(kernel.sent, 2);
		ck_assert_uint_eq(kernel.first[0], 1);
		ck_assert_uint_eq(udp_counters(rig.udp).failed, i + 1);
	}
	rig_close(&rig);
}
END_TEST

/* REL-19: a socket that takes nothing costs a bounded queue */
START_TEST(queue_of_what_waits_is_bounded_and_what_goes_beyond_is_counted)
{
	struct rig rig;

	rig_open(&rig);
	kernel.error = EAGAIN;
	send_some(&rig, 0, 250);
	send_some(&rig, 250, 250);
	ck_assert_uint_eq(kernel.sent, 0);
	ck_assert_uint_eq(udp_counters(rig.udp).dropped, 500 - 256);
	event_base_loop(rig.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	ck_assert_uint_eq(kernel.sent, 256);
	rig_close(&rig);
}
END_TEST

/* DAT-11: 64 datagrams of 64 code points are one call */
START_TEST(code_points_cost_no_call_of_their_own)
{
	struct rig rig;

	rig_open(&rig);
	send_some(&rig, 0, 64);
	ck_assert_uint_eq(kernel.calls, 1);
	ck_assert_uint_eq(kernel.options, 0);
	for (uint8_t i = 0; i < 64; i++)
		ck_assert_uint_eq(kernel.dscp[i], i);
	rig_close(&rig);
}
END_TEST

/* UDP-04: data goes without where that is wanted, control never; the socket is only told at a
 * change */
START_TEST(checksums_are_switched_only_where_they_change)
{
	const struct udp_manner with = {0}, without = {.no_checksum = true};
	const uint8_t byte = 0;
	struct rig rig;

	rig_open(&rig);
	for (unsigned i = 0; i < 10; i++)
		udp_send(rig.udp, &rig.path, &without, &byte, 1);
	udp_send(rig.udp, &rig.path, &with, &byte, 1);
	udp_flush(rig.udp);
	ck_assert_uint_eq(kernel.sent, 11);
	ck_assert_uint_eq(kernel.calls, 2);
	ck_assert_uint_eq(kernel.options, 2);
	rig_close(&rig);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		datagram_that_finds_no_room_is_sent_when_there_is,
		datagram_that_is_refused_is_counted_and_the_next_leaves,
		queue_of_what_waits_is_bounded_and_what_goes_beyond_is_counted,
		code_points_cost_no_call_of_their_own,
		checksums_are_switched_only_where_they_change,
	};

	return unit_run("udp out", tests, sizeof(tests) / sizeof(tests[0]));
}
