/* src/worker/udp.c: how datagrams leave, on loopback sockets. */
#include <arpa/inet.h>
#include <check.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "worker/addr.h"
#include "worker/udp.h"

static struct event_base *base;
static struct udp *udp;
static int ours, peers; /* descriptors; ours is udp's */
static struct lns_path path;

static void
take_input(void *ctx, const struct lns_path *from, uint8_t *bytes, size_t len)
{
	(void)ctx;
	(void)from;
	(void)bytes;
	(void)len;
}

static void
take_batch_end(void *ctx)
{
	(void)ctx;
}

/* A socket on the loopback address of the family, and what it is bound to. */
static int
open_socket(int family, struct lns_addr *bound)
{
	struct sockaddr_in6 any6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_in any4 = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int on = 1;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(family == AF_INET ? bind(fd, (struct sockaddr *)&any4, sizeof(any4))
					   : bind(fd, (struct sockaddr *)&any6, sizeof(any6)),
			 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	ck_assert(addr_from_sockaddr(bound, &sa));
	if (family == AF_INET)
		setsockopt(fd, IPPROTO_IP, IP_RECVTOS, &on, sizeof(on));
	else
		setsockopt(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, &on, sizeof(on));
	return fd;
}

static void
open_pair(int family)
{
	const struct udp_calls calls = {.input = take_input, .batch_end = take_batch_end};
	struct udp_sockets sockets = {.count = 1, .group = 1};

	memset(&path, 0, sizeof(path));
	base = event_base_new();
	ours = open_socket(family, &path.local);
	peers = open_socket(family, &path.peer);
	sockets.fds = malloc(sizeof(int));
	sockets.fds[0] = ours;
	udp = udp_new(base, &sockets, &calls);
	ck_assert_ptr_nonnull(udp);
}

static void
close_pair(void)
{
	udp_free(udp);
	close(peers);
	event_base_free(base);
}

static void
begin_ip4(void)
{
	open_pair(AF_INET);
}

static void
begin_ip6(void)
{
	open_pair(AF_INET6);
}

static void
queue(uint8_t dscp, bool no_checksum)
{
	const struct udp_manner manner = {.dscp = dscp, .no_checksum = no_checksum};

	udp_send(udp, &path, &manner, (const uint8_t *)"x", 1);
}

/* The traffic class octet of the next datagram that the peer has. */
static int
received_octet(void)
{
	uint8_t byte, control[256];
	struct iovec iov = {.iov_base = &byte, .iov_len = 1};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control,
			     .msg_controllen = sizeof(control)};

	ck_assert_int_eq(recvmsg(peers, &msg, 0), 1);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		int octet;

		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS)
			return *CMSG_DATA(c);
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS) {
			memcpy(&octet, CMSG_DATA(c), sizeof(octet));
			return octet;
		}
	}
	return -1;
}

static int
checksums_off(void)
{
	int off = -1;
	socklen_t len = sizeof(off);

	ck_assert_int_eq(getsockopt(ours, SOL_SOCKET, SO_NO_CHECK, &off, &len), 0);
	return off;
}

START_TEST(code_points_of_one_batch_leave_each_in_its_datagram)
{
	static const uint8_t points[] = {0, 46, 63, 0, 10};

	for (size_t i = 0; i < sizeof(points); i++)
		queue(points[i], false);
	udp_flush(udp);
	for (size_t i = 0; i < sizeof(points); i++)
		ck_assert_int_eq(received_octet(), points[i] << 2);
	ck_assert_uint_eq(udp_counters(udp).out, sizeof(points));
	ck_assert_uint_eq(udp_counters(udp).failed, 0);
}
END_TEST

START_TEST(checksums_go_off_for_what_does_not_want_them_and_on_again)
{
	queue(0, false);
	udp_flush(udp);
	ck_assert_int_eq(checksums_off(), 0);
	queue(0, false);
	queue(0, true);
	queue(46, true);
	udp_flush(udp);
	ck_assert_int_eq(checksums_off(), 1);
	queue(0, true);
	queue(0, false);
	udp_flush(udp);
	ck_assert_int_eq(checksums_off(), 0);
	ck_assert_uint_eq(udp_counters(udp).out, 6);
	for (int i = 0; i < 6; i++)
		ck_assert_int_eq(received_octet(), i == 3 ? 46 << 2 : 0);
}
END_TEST

/* RFC 8200 §8.1: over IPv6 there is always one */
START_TEST(checksums_stay_on_over_ip6)
{
	queue(0, true);
	udp_flush(udp);
	ck_assert_int_eq(checksums_off(), 0);
	ck_assert_int_eq(received_octet(), 0);
}
END_TEST

START_TEST(source_is_the_address_of_the_family)
{
	struct lns_addr local;

	ck_assert(udp_source(udp, 4, &local));
	ck_assert_mem_eq(local.ip, path.local.ip, sizeof(local.ip));
	ck_assert_uint_eq(local.port, path.local.port);
	ck_assert(!udp_source(udp, 6, &local));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("udp");
	TCase *ip4 = tcase_create("ip4"), *ip6 = tcase_create("ip6");

	tcase_add_checked_fixture(ip4, begin_ip4, close_pair);
	tcase_add_test(ip4, code_points_of_one_batch_leave_each_in_its_datagram);
	tcase_add_test(ip4, checksums_go_off_for_what_does_not_want_them_and_on_again);
	tcase_add_test(ip4, source_is_the_address_of_the_family);
	tcase_add_checked_fixture(ip6, begin_ip6, close_pair);
	tcase_add_test(ip6, code_points_of_one_batch_leave_each_in_its_datagram);
	tcase_add_test(ip6, checksums_stay_on_over_ip6);
	suite_add_tcase(s, ip4);
	suite_add_tcase(s, ip6);
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
