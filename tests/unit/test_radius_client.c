/* Which server is asked, when again, and which answer is one; and the records on their way. */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "aaa/ledger.h"
#include "radius/client.h"
#include "radius/request.h"
#include "unit.h"

#define TIMEOUT 2000
#define DEAD 60000

static const struct secret secret = {(const uint8_t *)"testing123", 10};
static const struct nas nas = {.secret = {(const uint8_t *)"testing123", 10}, .id = "gate"};

/* The world around a client: what it sent last, and what came of it. */
static struct {
	struct client client;
	struct ledger ledger;
	size_t sent, server;
	enum client_use use;
	uint8_t bytes[PACKET_MAX];
	size_t len;
	size_t done, answered;
	uint64_t ask;
	mstime_t now;
} world;

static void
on_send(void *ctx, size_t server, enum client_use use, const uint8_t *bytes, size_t len)
{
	(void)ctx;
	world.sent++;
	world.server = server;
	world.use = use;
	memcpy(world.bytes, bytes, len);
	world.len = len;
}

static void
on_done(void *ctx, enum client_use use, uint64_t ask, const uint8_t *answer, size_t len)
{
	(void)ctx;
	(void)len;
	world.done++;
	world.answered += answer != NULL;
	world.ask = ask;
	if (use == USE_ACCT)
		ledger_done(&world.ledger, world.now, 1000, ask, answer != NULL);
}

static void
set_up(void)
{
	memset(&world, 0, sizeof(world));
	world.now = 1;
	world.client.calls = (struct client_calls){on_send, on_done, NULL};
	world.client.secret = secret;
	world.client.server_count = 2;
	world.client.timeout = TIMEOUT;
	world.client.dead_time = DEAD;
	client_init(&world.client);
}

static void
tear_down(void)
{
	client_fini(&world.client);
}

static void
ask(uint64_t number, mstime_t until)
{
	uint8_t bytes[PACKET_MAX];
	struct wr w = packet_begin(bytes, CODE_ACCESS_REQUEST);

	attr_put_authenticator(&w);
	ck_assert(client_ask(&world.client, world.now, USE_AUTH, number, bytes, packet_end(&w),
			     until));
}

static void
tick(mstime_t ms)
{
	world.now += ms;
	client_tick(&world.client, world.now);
}

/* The answer to what was sent last */
static enum client_input
answer(enum packet_code code, bool authenticator, size_t server)
{
	uint8_t bytes[PACKET_MAX];
	struct wr w = packet_begin(bytes, code);
	size_t len;

	if (authenticator)
		attr_put_authenticator(&w);
	len = packet_end(&w);
	ck_assert(packet_sign_answer(bytes, len, world.bytes, &secret));
	return client_input(&world.client, world.now, server, world.use, bytes, len);
}

START_TEST(silent_server_is_asked_twice_and_then_the_next_one)
{
	ask(1, MSTIME_NEVER);
	ck_assert(world.sent == 1 && world.server == 0);
	tick(TIMEOUT);
	ck_assert(world.sent == 2 && world.server == 0);
	tick(TIMEOUT);
	ck_assert(world.sent == 3 && world.server == 1);
	ck_assert_int_eq(answer(CODE_ACCESS_ACCEPT, true, 1), INPUT_TAKEN);
	ck_assert(world.done == 1 && world.answered == 1 && world.ask == 1);
	ck_assert_uint_eq(world.client.servers[0].auth_down, 1);
	ck_assert_uint_eq(world.client.servers[0].timeouts, 2);
	ck_assert_int_eq(client_deadline(&world.client), MSTIME_NEVER);
}
END_TEST

START_TEST(dead_server_is_skipped_until_its_time_is_over)
{
	ask(1, MSTIME_NEVER);
	tick(TIMEOUT);
	tick(TIMEOUT);
	answer(CODE_ACCESS_REJECT, true, 1);
	ask(2, MSTIME_NEVER);
	ck_assert_uint_eq(world.server, 1);
	answer(CODE_ACCESS_REJECT, true, 1);
	tick(DEAD);
	ask(3, MSTIME_NEVER);
	ck_assert_uint_eq(world.server, 0);
	answer(CODE_ACCESS_ACCEPT, true, 0);
	ck_assert_uint_eq(world.client.servers[0].auth_down, 0);
}
END_TEST

START_TEST(dead_servers_are_all_tried_where_none_lives)
{
	ask(1, MSTIME_NEVER);
	for (int i = 0; i < 4; i++)
		tick(TIMEOUT);
	ck_assert(world.done == 1 && world.answered == 0 && world.sent == 4);
	ask(2, MSTIME_NEVER);
	ck_assert(world.sent == 5 && world.server == 0);
	ck_assert_int_eq(answer(CODE_ACCESS_ACCEPT, true, 0), INPUT_TAKEN);
	ck_assert_uint_eq(world.answered, 1);
}
END_TEST

START_TEST(login_is_given_up_at_its_time)
{
	ask(1, world.now + 3000);
	tick(TIMEOUT);
	ck_assert_int_eq(client_deadline(&world.client), world.now + 1000);
	tick(1000);
	ck_assert(world.done == 1 && world.answered == 0);
}
END_TEST

START_TEST(answer_that_is_none_changes_nothing)
{
	uint8_t noise[4] = {2, 0, 0, 4};

	ask(1, MSTIME_NEVER);
	ck_assert_int_eq(answer(CODE_ACCESS_ACCEPT, true, 1), INPUT_STRANGE);
	ck_assert_int_eq(answer(CODE_ACCOUNTING_RESPONSE, true, 0), INPUT_STRANGE);
	ck_assert_int_eq(answer(CODE_ACCESS_ACCEPT, false, 0), INPUT_UNPROVEN);
	ck_assert_int_eq(client_input(&world.client, world.now, 0, USE_AUTH, noise, sizeof(noise)),
			 INPUT_STRANGE);
	ck_assert_uint_eq(world.done, 0);
	ck_assert_int_eq(answer(CODE_ACCESS_ACCEPT, true, 0), INPUT_TAKEN);
	ck_assert_int_eq(answer(CODE_ACCESS_ACCEPT, true, 0), INPUT_STRANGE); /* a second time */
}
END_TEST

START_TEST(more_than_can_fly_wait_for_their_turn)
{
	for (uint64_t i = 0; i < CLIENT_FLYING_MAX + 3; i++)
		ask(i, MSTIME_NEVER);
	ck_assert_uint_eq(world.sent, CLIENT_FLYING_MAX);
	answer(CODE_ACCESS_ACCEPT, true, 0);
	ck_assert_uint_eq(world.sent, CLIENT_FLYING_MAX + 1);
	ck_assert_uint_eq(world.ask, CLIENT_FLYING_MAX - 1);
}
END_TEST

START_TEST(requests_without_end_are_refused)
{
	uint8_t bytes[PACKET_MAX];
	struct wr w = packet_begin(bytes, CODE_ACCESS_REQUEST);
	size_t len = packet_end(&w);

	for (uint64_t i = 0; i < CLIENT_WAITING_MAX; i++)
		ask(i, MSTIME_NEVER);
	ck_assert(!client_ask(&world.client, world.now, USE_AUTH, 1, bytes, len, MSTIME_NEVER));
}
END_TEST

/* ── records ────────────────────────────────────────────────────────────────────────────── */

static int
new_file(void)
{
	int fd = memfd_create("records", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	return fd;
}

static void
add(const char *id, enum radius_status status)
{
	struct radius_record record;

	memset(&record, 0, sizeof(record));
	record.status = status;
	record.when = 990;
	strcpy(record.line.id, id);
	ledger_add(&world.ledger, world.now, 1000, &record, &nas);
}

/* Of what was sent last */
static bool
sent_is(const char *id, enum radius_status status)
{
	struct attrs attrs = attrs_of(world.bytes, world.len);
	struct attr attr;
	bool right = false, same = false;

	while (attrs_next(&attrs, &attr)) {
		if (attr.type == 44)
			same = attr.len == strlen(id) && memcmp(attr.value, id, attr.len) == 0;
		if (attr.type == 40)
			right = attr.value[3] == status;
	}
	return same && right;
}

START_TEST(records_of_one_session_go_one_by_one_others_beside_them)
{
	ledger_open(&world.ledger, &world.client, new_file());
	add("1-1", STATUS_START);
	add("2-2", STATUS_START);
	ck_assert(world.sent == 2 && sent_is("2-2", STATUS_START));
	add("2-2", STATUS_STOP);
	ck_assert_uint_eq(world.sent, 2);
	answer(CODE_ACCOUNTING_RESPONSE, false, 0);
	ck_assert(world.sent == 3 && sent_is("2-2", STATUS_STOP));
	ck_assert_uint_eq(world.ledger.spool.count, 3); /* the first is not acknowledged */
	spool_close(&world.ledger.spool);
}
END_TEST

START_TEST(records_that_no_server_takes_are_sent_in_order_later)
{
	int fd = new_file(), again = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	ledger_open(&world.ledger, &world.client, fd);
	add("1-1", STATUS_START);
	add("1-1", STATUS_STOP);
	for (int i = 0; i < 4; i++)
		tick(TIMEOUT);
	ck_assert_uint_eq(world.done, 1);
	ck_assert_int_eq(ledger_deadline(&world.ledger), world.now + LEDGER_PAUSE_MS);
	spool_close(&world.ledger.spool); /* and we end meanwhile */
	ledger_open(&world.ledger, &world.client, again);
	ck_assert_uint_eq(world.ledger.spool.count, 2);
	ledger_run(&world.ledger, world.now, 1060);
	ck_assert(sent_is("1-1", STATUS_START));
	answer(CODE_ACCOUNTING_RESPONSE, false, 0);
	ck_assert(sent_is("1-1", STATUS_STOP));
	answer(CODE_ACCOUNTING_RESPONSE, false, 0);
	ck_assert_uint_eq(world.ledger.spool.count, 0);
	ck_assert_int_eq(lseek(again, 0, SEEK_END), 16);
	spool_close(&world.ledger.spool);
}
END_TEST

START_TEST(record_that_cannot_be_kept_is_sent_all_the_same)
{
	ledger_open(&world.ledger, &world.client, -1);
	add("1-1", STATUS_START);
	ck_assert(world.sent == 1 && sent_is("1-1", STATUS_START));
	for (int i = 0; i < 4; i++)
		tick(TIMEOUT);
	ck_assert_uint_eq(world.ledger.lost, 1);
}
END_TEST

START_TEST(half_a_record_at_the_end_is_cut_off)
{
	uint8_t bytes[SPOOL_RECORD_MAX] = "record";
	struct spool spool;
	int fd = new_file(), again = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	uint64_t next;
	int64_t when;

	spool_open(&spool, fd);
	ck_assert(spool_append(&spool, 1, bytes, 6, false));
	ck_assert(spool_append(&spool, 2, bytes, 6, false));
	ck_assert_int_eq(ftruncate(fd, lseek(fd, 0, SEEK_END) - 3), 0);
	spool_close(&spool);
	spool_open(&spool, again);
	ck_assert_uint_eq(spool.count, 1);
	ck_assert_uint_eq(spool_read(&spool, spool.head, &when, bytes, &next), 6);
	ck_assert(when == 1 && next == spool.tail);
	ck_assert(spool_append(&spool, 3, bytes, 6, false));
	ck_assert_uint_eq(spool_read(&spool, next, &when, bytes, &next), 6);
	ck_assert_int_eq(when, 3);
	spool_close(&spool);
}
END_TEST

START_TEST(file_of_something_else_is_begun_anew)
{
	struct spool spool;
	int fd = new_file();

	ck_assert_int_eq(write(fd, "no records of ours are in here", 30), 30);
	spool_open(&spool, fd);
	ck_assert(spool.count == 0 && spool.head == spool.tail);
	spool_close(&spool);
}
END_TEST

START_TEST(file_is_bounded_and_used_again_from_the_front)
{
	uint8_t bytes[SPOOL_RECORD_MAX] = {0};
	uint64_t kept = 0, next;
	struct spool spool;
	int64_t when;

	spool_open(&spool, new_file());
	while (spool_append(&spool, 1, bytes, sizeof(bytes), true))
		kept++;
	ck_assert(spool_append(&spool, 2, bytes, sizeof(bytes), false));
	while (spool_append(&spool, 2, bytes, sizeof(bytes), false))
		;
	ck_assert_uint_le(spool.tail - spool.base, SPOOL_MAX);
	for (uint64_t i = 0; i < kept; i++) {
		ck_assert(spool_read(&spool, spool.head, &when, bytes, &next));
		ck_assert_int_eq(when, 1);
		spool_advance(&spool, next, 1);
	}
	ck_assert(spool_append(&spool, 3, bytes, sizeof(bytes), false));
	ck_assert(spool_read(&spool, spool.head, &when, bytes, &next));
	ck_assert_int_eq(when, 2);
	spool_close(&spool);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		silent_server_is_asked_twice_and_then_the_next_one,
		dead_server_is_skipped_until_its_time_is_over,
		dead_servers_are_all_tried_where_none_lives,
		login_is_given_up_at_its_time,
		answer_that_is_none_changes_nothing,
		more_than_can_fly_wait_for_their_turn,
		requests_without_end_are_refused,
		records_of_one_session_go_one_by_one_others_beside_them,
		records_that_no_server_takes_are_sent_in_order_later,
		record_that_cannot_be_kept_is_sent_all_the_same,
		half_a_record_at_the_end_is_cut_off,
		file_of_something_else_is_begun_anew,
		file_is_bounded_and_used_again_from_the_front,
	};
	Suite *suite = suite_create("radius_client");
	TCase *tcase = tcase_create("radius_client");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
