/* Which SA carries a path; and addresses, as text and in the kernel's form. */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "worker/addr.h"
#include "worker/sa.h"

static struct lns_addr
ip4(const char *text, uint16_t port)
{
	struct lns_addr addr = {.family = 4, .port = port};

	ck_assert_int_eq(inet_pton(AF_INET, text, addr.ip), 1);
	return addr;
}

static struct lns_addr
ip6(const char *text, uint16_t port, uint32_t scope)
{
	struct lns_addr addr = {.family = 6, .port = port, .scope = scope};

	ck_assert_int_eq(inet_pton(AF_INET6, text, addr.ip), 1);
	return addr;
}

static struct wall_sa
sa_to(const char *peer, uint16_t port, uint32_t spi, uint32_t mark)
{
	return (struct wall_sa){.kind = WALL_SA,
				.local = ip4("192.0.2.1", 0),
				.peer = ip4(peer, port),
				.spi_in = spi,
				.mark = mark};
}

static struct lns_path
path_to(const char *peer, uint16_t port, uint32_t mark)
{
	return (struct lns_path){
		.local = ip4("192.0.2.1", 1701), .peer = ip4(peer, port), .mark = mark};
}

/* The SPI of what find() gives; 0 for none. */
static uint32_t
spi_of(struct sa_set *set, struct lns_path path)
{
	const struct wall_sa *sa = sa_set_find(set, &path);

	return sa ? sa->spi_in : 0;
}

START_TEST(find_takes_the_newest_of_the_peer)
{
	struct sa_set set = {0};
	struct wall_sa sas[] = {sa_to("203.0.113.7", 1701, 1, 0), sa_to("203.0.113.9", 1701, 2, 0),
				sa_to("203.0.113.7", 1701, 3, 0), sa_to("198.51.100.1", 0, 4, 0)};

	ck_assert_uint_eq(spi_of(&set, path_to("203.0.113.7", 1701, 0)), 0);
	for (size_t i = 0; i < 4; i++)
		sa_set_add(&set, &sas[i]);
	ck_assert_uint_eq(spi_of(&set, path_to("203.0.113.7", 1701, 0)), 3);
	ck_assert_uint_eq(spi_of(&set, path_to("203.0.113.9", 1701, 0)), 2);
	ck_assert_uint_eq(spi_of(&set, path_to("198.51.100.1", 50000, 0)), 4);
	ck_assert_uint_eq(spi_of(&set, path_to("203.0.113.8", 1701, 0)), 0);
	sa_set_fini(&set);
}
END_TEST

START_TEST(find_respects_port_and_local_address)
{
	struct sa_set set = {0};
	struct wall_sa sa = sa_to("203.0.113.7", 1701, 1, 0);
	struct lns_path other = path_to("203.0.113.7", 1701, 0);

	sa_set_add(&set, &sa);
	other.local = ip4("192.0.2.2", 1701);
	ck_assert_uint_eq(spi_of(&set, path_to("203.0.113.7", 50000, 0)), 0);
	ck_assert_uint_eq(spi_of(&set, other), 0);
	sa_set_fini(&set);
}
END_TEST

START_TEST(find_tells_clients_behind_one_nat_apart_by_mark)
{
	struct sa_set set = {0};
	struct wall_sa a = sa_to("203.0.113.7", 1701, 1, 0x20000001);
	struct wall_sa b = sa_to("203.0.113.7", 1701, 2, 0x20000002);

	sa_set_add(&set, &a);
	sa_set_add(&set, &b);
	ck_assert_uint_eq(spi_of(&set, path_to("203.0.113.7", 1701, 0x20000001)), 1);
	ck_assert_uint_eq(spi_of(&set, path_to("203.0.113.7", 1701, 0x20000002)), 2);
	sa_set_fini(&set);
}
END_TEST

START_TEST(addr_survives_the_way_through_the_kernels_form)
{
	struct lns_addr in[] = {ip4("192.0.2.1", 1701), ip6("2001:db8::1", 500, 0),
				ip6("fe80::1", 1701, 3)};
	struct lns_addr out;
	struct sockaddr_storage sa;

	for (size_t i = 0; i < 3; i++) {
		memset(&sa, 0, sizeof(sa));
		addr_to_sockaddr(&sa, &in[i]);
		ck_assert(addr_from_sockaddr(&out, &sa));
		ck_assert_mem_eq(&out, &in[i], sizeof(out));
	}
	memset(&sa, 0, sizeof(sa));
	ck_assert(!addr_from_sockaddr(&out, &sa));
}
END_TEST

START_TEST(addr_scope_is_kept_for_link_local_only)
{
	struct lns_addr global = ip6("2001:db8::1", 500, 7), out;
	struct sockaddr_storage sa = {0};

	addr_to_sockaddr(&sa, &global);
	ck_assert(addr_from_sockaddr(&out, &sa));
	ck_assert_uint_eq(out.scope, 0);
}
END_TEST

START_TEST(addr_texts_are_what_people_write)
{
	struct lns_addr four = ip4("192.0.2.1", 1701), six = ip6("2001:db8::1", 1701, 0);
	struct lns_addr longest =
		ip6("fe80:1111:2222:3333:4444:5555:6666:7777", 65535, 4294967295u);
	char text[ADDR_TEXT_MAX];

	ck_assert_str_eq(addr_text(text, &four), "192.0.2.1:1701");
	ck_assert_str_eq(addr_text(text, &six), "[2001:db8::1]:1701");
	ck_assert_str_eq(addr_host_text(text, &six), "2001:db8::1");
	ck_assert_str_eq(addr_text(text, &longest),
			 "[fe80:1111:2222:3333:4444:5555:6666:7777%4294967295]:65535");
	ck_assert_str_eq(addr_ip4_text(text, 0x0a63000a), "10.99.0.10");
	ck_assert_str_eq(addr_ip4_text(text, 0), "");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("sa");
	TCase *tc = tcase_create("sa");

	tcase_add_test(tc, find_takes_the_newest_of_the_peer);
	tcase_add_test(tc, find_respects_port_and_local_address);
	tcase_add_test(tc, find_tells_clients_behind_one_nat_apart_by_mark);
	tcase_add_test(tc, addr_survives_the_way_through_the_kernels_form);
	tcase_add_test(tc, addr_scope_is_kept_for_link_local_only);
	tcase_add_test(tc, addr_texts_are_what_people_write);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
