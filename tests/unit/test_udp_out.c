/*
 * What leaves the worker's sockets, and what becomes of it when the kernel does not take it. The
 * linker puts the functions below in the place of sendmmsg and setsockopt: nothing goes anywhere.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/udp.h>
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
	bool no_trains;		 /* refuses what it would have to cut */
	unsigned messages, sent; /* as given, and as cut */
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

static size_t
cut_at(struct msghdr *hdr)
{
	uint16_t size = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(hdr); c; c = CMSG_NXTHDR(hdr, c))
		if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_SEGMENT)
			memcpy(&size, CMSG_DATA(c), sizeof(size));
	return size;
}

/* As the kernel cuts: at one size, so that only the last may be shorter. */
static void
take(struct msghdr *hdr)
{
	size_t cut = cut_at(hdr);

	ck_assert_int_eq(cut > 0, hdr->msg_iovlen > 1);
	kernel.messages++;
	for (size_t i = 0; i < hdr->msg_iovlen; i++) {
		const struct iovec *iov = &hdr->msg_iov[i];

		ck_assert_uint_lt(kernel.sent, SENT_MAX);
		if (cut && i + 1 < hdr->msg_iovlen)
			ck_assert_uint_eq(iov->iov_len, cut);
		else if (cut)
			ck_assert_uint_le(iov->iov_len, cut);
		kernel.first[kernel.sent] = *(uint8_t *)iov->iov_base;
		kernel.dscp[kernel.sent++] = dscp_of(hdr);
	}
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
		if (kernel.no_trains && list[i].msg_hdr.msg_iovlen > 1) {
			errno = EIO;
			return i ? (int)i : -1;
		}
		take(&list[i].msg_hdr);
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

/* Data that finds no room leaves some to control messages. */
START_TEST(control_messages_have_places_that_data_cannot_take)
{
	const struct udp_manner data = {.data = true};
	const uint8_t byte = 0;
	struct rig rig;

	rig_open(&rig);
	kernel.error = EAGAIN;
	for (unsigned i = 0; i < 300; i++)
		udp_send(rig.udp, &rig.path, &data, &byte, 1);
	ck_assert_uint_eq(udp_counters(rig.udp).dropped, 300 - 192);
	send_some(&rig, 1, 64);
	ck_assert_uint_eq(udp_counters(rig.udp).dropped, 300 - 192);
	send_some(&rig, 65, 1);
	ck_assert_uint_eq(udp_counters(rig.udp).dropped, 300 - 192 + 1);
	event_base_loop(rig.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	ck_assert_uint_eq(kernel.sent, 256);
	ck_assert_uint_eq(kernel.first[192], 1);
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

/* `count` of this size, numbered from 0, by the path. */
static void
put_sized(struct rig *rig, uint8_t from, unsigned count, size_t size)
{
	const struct udp_manner manner = {0};
	uint8_t bytes[2000] = {0};

	for (unsigned i = 0; i < count; i++) {
		bytes[0] = (uint8_t)(from + i);
		udp_send(rig->udp, &rig->path, &manner, bytes, size);
	}
}

static void
assert_sent_in_order(unsigned count)
{
	ck_assert_uint_eq(kernel.sent, count);
	for (unsigned i = 0; i < count; i++)
		ck_assert_uint_eq(kernel.first[i], i);
}

START_TEST(datagrams_of_one_path_and_size_leave_as_one_train)
{
	struct rig rig;

	rig_open(&rig);
	put_sized(&rig, 0, 20, 1400);
	put_sized(&rig, 20, 1, 40); /* a shorter one ends it */
	put_sized(&rig, 21, 1, 40);
	udp_flush(rig.udp);
	assert_sent_in_order(22);
	ck_assert_uint_eq(kernel.calls, 1);
	ck_assert_uint_eq(kernel.messages, 2);
	ck_assert_uint_eq(udp_counters(rig.udp).out, 22);
	rig_close(&rig);
}
END_TEST

START_TEST(train_ends_where_path_or_size_or_room_does)
{
	struct rig rig;

	rig_open(&rig);
	put_sized(&rig, 0, 2, 100);
	rig.path.peer.port++;
	put_sized(&rig, 2, 2, 100);
	put_sized(&rig, 4, 2, 200);
	put_sized(&rig, 6, 35, 2000); /* 32 of them are all that a datagram holds */
	udp_flush(rig.udp);
	assert_sent_in_order(41);
	ck_assert_uint_eq(kernel.messages, 5);
	rig_close(&rig);
}
END_TEST

/* what ESP protects, or goes without a checksum, the kernel cannot cut */
START_TEST(no_train_is_made_under_an_sa_or_without_checksums)
{
	const struct udp_manner without = {.no_checksum = true};
	const uint8_t byte = 0;
	struct rig rig;

	rig_open(&rig);
	for (unsigned i = 0; i < 3; i++)
		udp_send(rig.udp, &rig.path, &without, &byte, 1);
	rig.path.mark = 7;
	put_sized(&rig, 3, 3, 100);
	udp_flush(rig.udp);
	ck_assert_uint_eq(kernel.sent, 6);
	ck_assert_uint_eq(kernel.messages, 6);
	rig_close(&rig);
}
END_TEST

START_TEST(train_that_is_refused_leaves_one_by_one_and_others_are_tried_later)
{
	struct rig rig;

	rig_open(&rig);
	kernel.no_trains = true;
	put_sized(&rig, 0, 64, 100);
	udp_flush(rig.udp);
	assert_sent_in_order(64);
	ck_assert_uint_eq(udp_counters(rig.udp).failed, 0);
	ck_assert_uint_eq(kernel.calls, 2);
	kernel.no_trains = false;
	for (unsigned i = 1; i < 16; i++) {
		kernel.sent = kernel.messages = 0;
		put_sized(&rig, 0, 64, 100);
		udp_flush(rig.udp);
		ck_assert_uint_eq(kernel.messages, 64);
	}
	kernel.sent = kernel.messages = 0;
	put_sized(&rig, 0, 64, 100);
	udp_flush(rig.udp);
	ck_assert_uint_eq(kernel.messages, 1);
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
		control_messages_have_places_that_data_cannot_take,
		code_points_cost_no_call_of_their_own,
		checksums_are_switched_only_where_they_change,
		datagrams_of_one_path_and_size_leave_as_one_train,
		train_ends_where_path_or_size_or_room_does,
		no_train_is_made_under_an_sa_or_without_checksums,
		train_that_is_refused_leaves_one_by_one_and_others_are_tried_later,
	};

	return unit_run("udp out", tests, sizeof(tests) / sizeof(tests[0]));
}
