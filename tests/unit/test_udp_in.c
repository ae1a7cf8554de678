/* src/worker/udp.c: how datagrams come in, one by one and as trains (UDP GRO), on loopback sockets.
 */
#include <arpa/inet.h>
#include <check.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "worker/addr.h"
#include "worker/udp.h"

#define MOST 64

static struct {
	struct event_base *base;
	struct udp *udp;
	int ours, peers; /* ours is udp's */
	size_t lens[MOST];
	uint8_t firsts[MOST];
	unsigned count, ends;
} rig;

static void
take_input(void *ctx, const struct lns_path *from, uint8_t *bytes, size_t len)
{
	(void)ctx;
	(void)from;
	ck_assert_uint_lt(rig.count, MOST);
	rig.lens[rig.count] = len;
	rig.firsts[rig.count++] = len ? bytes[0] : 0;
	/* the callee's: what is written reaches no neighbour */
	memset(bytes, 0xff, len);
}

static void
take_batch_end(void *ctx)
{
	(void)ctx;
	rig.ends++;
}

static int
open_socket(struct sockaddr_in *at)
{
	socklen_t len = sizeof(*at);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	*at = (struct sockaddr_in){.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	ck_assert_int_eq(bind(fd, (struct sockaddr *)at, sizeof(*at)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)at, &len), 0);
	return fd;
}

static void
begin(bool trains)
{
	const struct udp_calls calls = {.input = take_input, .batch_end = take_batch_end};
	struct udp_sockets sockets = {.count = 1, .group = 1, .trains = trains};
	struct sockaddr_in here, there;

	memset(&rig, 0, sizeof(rig));
	rig.base = event_base_new();
	rig.ours = open_socket(&here);
	rig.peers = open_socket(&there);
	ck_assert_int_eq(connect(rig.peers, (struct sockaddr *)&here, sizeof(here)), 0);
	sockets.fds = malloc(sizeof(int));
	sockets.fds[0] = rig.ours;
	rig.udp = udp_new(rig.base, &sockets, &calls);
	ck_assert_ptr_nonnull(rig.udp);
}

static void
begin_with_trains(void)
{
	begin(true);
}

static void
begin_without(void)
{
	begin(false);
}

static void
end(void)
{
	udp_free(rig.udp);
	close(rig.peers);
	event_base_free(rig.base);
}

/* Sends `len` bytes as a train of `each`; the first byte of the i-th is i. */
static void
send_train(size_t len, uint16_t each)
{
	static uint8_t bytes[65000];
	_Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(each))] = {0};
	struct iovec iov = {bytes, len};
	struct msghdr hdr = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control,
			     .msg_controllen = sizeof(control)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&hdr);

	for (size_t at = 0; at < len; at += each)
		bytes[at] = (uint8_t)(at / each);
	c->cmsg_level = SOL_UDP;
	c->cmsg_type = UDP_SEGMENT;
	c->cmsg_len = CMSG_LEN(sizeof(each));
	memcpy(CMSG_DATA(c), &each, sizeof(each));
	ck_assert_int_eq(sendmsg(rig.peers, &hdr, 0), (ssize_t)len);
}

static void
take(void)
{
	event_base_loop(rig.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

static void
check_train(unsigned count, size_t each, size_t last)
{
	ck_assert_uint_eq(rig.count, count);
	for (unsigned i = 0; i < count; i++) {
		ck_assert_uint_eq(rig.lens[i], i + 1 < count ? each : last);
		ck_assert_uint_eq(rig.firsts[i], i);
	}
	ck_assert_uint_eq(udp_counters(rig.udp).in, count);
}

/* With and without: the callee sees no difference. */
START_TEST(train_comes_in_as_its_datagrams)
{
	send_train(20 * 1000 + 7, 1000);
	take();
	check_train(21, 1000, 7);
	ck_assert_uint_eq(rig.ends, 1);
}
END_TEST

START_TEST(train_as_long_as_one_can_be_comes_in_whole)
{
	send_train(40 * 1600, 1600);
	take();
	check_train(40, 1600, 1600);
	ck_assert_uint_eq(udp_counters(rig.udp).truncated, 0);
}
END_TEST

START_TEST(datagram_longer_than_any_of_ours_is_counted_and_not_given)
{
	static uint8_t bytes[9000];

	ck_assert_int_eq(send(rig.peers, bytes, sizeof(bytes), 0), sizeof(bytes));
	ck_assert_int_eq(send(rig.peers, "\7", 1, 0), 1);
	take();
	ck_assert_uint_eq(rig.count, 1);
	ck_assert_uint_eq(rig.firsts[0], 7);
	ck_assert_uint_eq(udp_counters(rig.udp).in, 2);
	ck_assert_uint_eq(udp_counters(rig.udp).truncated, 1);
}
END_TEST

START_TEST(empty_datagram_is_given_as_one)
{
	ck_assert_int_eq(send(rig.peers, "", 0, 0), 0);
	take();
	ck_assert_uint_eq(rig.count, 1);
	ck_assert_uint_eq(rig.lens[0], 0);
}
END_TEST

/* Of two clients, perhaps. Needs root, as SO_MARK and SO_RCVMARK (Linux 5.19) do. */
START_TEST(train_under_a_mark_is_nobodys_and_the_last)
{
	const int mark = 77, on = 1;

	if (setsockopt(rig.peers, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) < 0 ||
	    setsockopt(rig.ours, SOL_SOCKET, 75 /* SO_RCVMARK */, &on, sizeof(on)) < 0)
		return;
	send_train(5 * 100, 100);
	take();
	ck_assert_uint_eq(rig.count, 0);
	send_train(5 * 100, 100);
	take();
	ck_assert_uint_eq(rig.count, 5);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("udp in");
	TCase *joined = tcase_create("joined"), *single = tcase_create("single");

	tcase_add_checked_fixture(joined, begin_with_trains, end);
	tcase_add_test(joined, train_comes_in_as_its_datagrams);
	tcase_add_test(joined, train_as_long_as_one_can_be_comes_in_whole);
	tcase_add_test(joined, datagram_longer_than_any_of_ours_is_counted_and_not_given);
	tcase_add_test(joined, empty_datagram_is_given_as_one);
	tcase_add_test(joined, train_under_a_mark_is_nobodys_and_the_last);
	tcase_add_checked_fixture(single, begin_without, end);
	tcase_add_test(single, train_comes_in_as_its_datagrams);
	tcase_add_test(single, datagram_longer_than_any_of_ours_is_counted_and_not_given);
	tcase_add_test(single, empty_datagram_is_given_as_one);
	suite_add_tcase(s, joined);
	suite_add_tcase(s, single);
	return s;
}

int
main(void)
{
	SRunner *sr = srunner_create(suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? 1 : 0;
}
