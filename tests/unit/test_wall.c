/* The wall: what may cross, descriptors, the queue; and the plugin link's rules. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plink.h"
#include "wall.h"

struct pair {
	struct wall *keeper, *worker;
};

static struct pair
pair_new(void)
{
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds),
			 0);
	return (struct pair){.keeper = wall_new(fds[0], WALL_FROM_KEEPER),
			     .worker = wall_new(fds[1], WALL_FROM_WORKER)};
}

static void
pair_free(struct pair *pair)
{
	wall_free(pair->keeper);
	wall_free(pair->worker);
}

static union wall_msg
message(enum wall_kind kind)
{
	union wall_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.kind = kind;
	if (kind == WALL_HISTORY)
		msg.history.peer.family = 4;
	if (kind == WALL_OFFENCE)
		msg.offence.path.peer.family = 6;
	if (kind == WALL_TUNNEL) {
		msg.tunnel.number = 1;
		msg.tunnel.path.local.family = msg.tunnel.path.peer.family = 4;
	}
	if (kind == WALL_BAN_ASK)
		msg.ban_ask.addr.family = 4;
	return msg;
}

START_TEST(each_kind_has_one_sender_and_a_size)
{
	for (uint32_t kind = 0; kind <= WALL_KIND_END + 1; kind++) {
		bool known = kind > 0 && kind < WALL_KIND_END;

		ck_assert_int_eq((wall_size(kind, WALL_FROM_WORKER) != 0) +
					 (wall_size(kind, WALL_FROM_KEEPER) != 0),
				 known);
	}
	ck_assert_uint_eq(wall_size(UINT32_MAX, WALL_FROM_KEEPER), 0);
}
END_TEST

START_TEST(valid_of_any_other_length_is_false)
{
	for (uint32_t kind = 1; kind < WALL_KIND_END; kind++) {
		enum wall_side from =
			wall_size(kind, WALL_FROM_WORKER) ? WALL_FROM_WORKER : WALL_FROM_KEEPER;
		union wall_msg msg = message(kind);

		for (size_t len = 0; len <= sizeof(msg); len++)
			ck_assert_int_eq(wall_valid(&msg, len, from), len == wall_size(kind, from));
	}
}
END_TEST

START_TEST(valid_of_an_endless_string_is_false)
{
	union wall_msg msg = message(WALL_CALL);
	struct call *call = &msg.call.call;
	char *const texts[] = {call->calling, call->called, call->sub_address};

	for (size_t i = 0; i < 3; i++) {
		memset(texts[i], 'x', sizeof(call->calling));
		ck_assert(!wall_valid(&msg, sizeof(msg.call), WALL_FROM_WORKER));
		texts[i][sizeof(call->calling) - 1] = '\0';
		ck_assert(wall_valid(&msg, sizeof(msg.call), WALL_FROM_WORKER));
	}

	msg = message(WALL_PPP_UP);
	memset(msg.ppp.text, 'x', sizeof(msg.ppp.text));
	ck_assert(!wall_valid(&msg, sizeof(msg.ppp), WALL_FROM_KEEPER));
}
END_TEST

START_TEST(valid_of_a_grant_with_an_endless_text_is_false)
{
	union wall_msg msg = message(WALL_GRANT);
	const struct {
		char *text;
		size_t size;
	} texts[] = {{msg.grant.rate, sizeof(msg.grant.rate)},
		     {msg.grant.routes, sizeof(msg.grant.routes)},
		     {msg.grant.allow, sizeof(msg.grant.allow)}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		memset(texts[i].text, 'x', texts[i].size);
		ck_assert(!wall_valid(&msg, sizeof(msg.grant), WALL_FROM_KEEPER));
		texts[i].text[texts[i].size - 1] = '\0';
		ck_assert(wall_valid(&msg, sizeof(msg.grant), WALL_FROM_KEEPER));
	}
	ck_assert(!wall_valid(&msg, sizeof(msg.grant), WALL_FROM_WORKER));
}
END_TEST

START_TEST(valid_of_a_tunnel_without_number_or_addresses_is_false)
{
	union wall_msg msg = message(WALL_TUNNEL);

	ck_assert(wall_valid(&msg, sizeof(msg.tunnel), WALL_FROM_KEEPER));
	msg.tunnel.path.peer.family = 6;
	ck_assert(!wall_valid(&msg, sizeof(msg.tunnel), WALL_FROM_KEEPER));
	msg = message(WALL_TUNNEL);
	msg.tunnel.path.local.family = msg.tunnel.path.peer.family = 5;
	ck_assert(!wall_valid(&msg, sizeof(msg.tunnel), WALL_FROM_KEEPER));
	msg = message(WALL_TUNNEL);
	msg.tunnel.number = 0;
	ck_assert(!wall_valid(&msg, sizeof(msg.tunnel), WALL_FROM_KEEPER));
}
END_TEST

START_TEST(valid_of_a_lane_out_of_range_is_false)
{
	union wall_msg msg = message(WALL_LANE);

	msg.lane.lane = LANE_COUNT;
	ck_assert(!wall_valid(&msg, sizeof(msg.lane), WALL_FROM_KEEPER));
	msg = message(WALL_LANE);
	msg.lane.reason = LANE_REASONS;
	ck_assert(!wall_valid(&msg, sizeof(msg.lane), WALL_FROM_KEEPER));
	msg = message(WALL_SPAWNED);
	msg.spawned.reason = LANE_REASONS;
	ck_assert(!wall_valid(&msg, sizeof(msg.spawned), WALL_FROM_KEEPER));
	msg = message(WALL_SPAWN);
	msg.spawn.wants = WALL_WANTS_ALL;
	ck_assert(wall_valid(&msg, sizeof(msg.spawn), WALL_FROM_WORKER));
	msg.spawn.wants++;
	ck_assert(!wall_valid(&msg, sizeof(msg.spawn), WALL_FROM_WORKER));
	msg = message(WALL_CALL);
	msg.call.numbered = 2;
	ck_assert(!wall_valid(&msg, sizeof(msg.call), WALL_FROM_WORKER));
}
END_TEST

START_TEST(valid_of_a_problem_out_of_range_is_false)
{
	union wall_msg msg = message(WALL_PROBLEM);

	msg.problem.id = WALL_PROBLEMS - 1;
	ck_assert(wall_valid(&msg, sizeof(msg.problem), WALL_FROM_KEEPER));
	msg.problem.id = WALL_PROBLEMS;
	ck_assert(!wall_valid(&msg, sizeof(msg.problem), WALL_FROM_KEEPER));
}
END_TEST

START_TEST(valid_of_a_reload_that_cannot_be_is_false)
{
	union wall_msg msg = message(WALL_RELOAD);

	msg.reload.trial = RELOAD_TRIAL_MAX;
	ck_assert(wall_valid(&msg, sizeof(msg.reload), WALL_FROM_WORKER));
	msg.reload.trial++;
	ck_assert(!wall_valid(&msg, sizeof(msg.reload), WALL_FROM_WORKER));
	msg = message(WALL_RELOAD);
	msg.reload.act = RELOAD_ACTS;
	ck_assert(!wall_valid(&msg, sizeof(msg.reload), WALL_FROM_WORKER));
	msg = message(WALL_CHANGE);
	msg.change.live = LIVE_RESTART + 1;
	ck_assert(!wall_valid(&msg, sizeof(msg.change), WALL_FROM_KEEPER));
	msg.change.live = LIVE_RESTART;
	ck_assert(wall_valid(&msg, sizeof(msg.change), WALL_FROM_KEEPER));
	memset(msg.change.to, 'x', sizeof(msg.change.to));
	ck_assert(!wall_valid(&msg, sizeof(msg.change), WALL_FROM_KEEPER));
}
END_TEST

START_TEST(valid_of_a_tally_with_more_that_end_than_there_are_is_false)
{
	union wall_msg msg = message(WALL_TALLY);

	msg.tally.pppds = msg.tally.stopping = 2;
	ck_assert(wall_valid(&msg, sizeof(msg.tally), WALL_FROM_KEEPER));
	msg.tally.stopping = 3;
	ck_assert(!wall_valid(&msg, sizeof(msg.tally), WALL_FROM_KEEPER));
}
END_TEST

START_TEST(valid_of_a_history_that_cannot_be_is_false)
{
	static const struct wall_history faults[] = {
		{.peer.family = 0},
		{.peer.family = 5},
		{.peer.family = 4, .up = 2},
		{.peer.family = 4, .cause = CAUSE_COUNT},
		{.peer.family = 6, .by = BY_COUNT},
		{.peer.family = 6, .duration_s = UINT64_MAX},
		{.peer.family = 4, .rx_bytes = UINT64_MAX},
		{.peer.family = 4, .tx_bytes = UINT64_MAX},
		{.peer.family = 4, .link6.family = 4},
		{.peer.family = 4, .link6 = {.family = 6, .bits = 129}},
	};
	union wall_msg msg;

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		msg = message(WALL_HISTORY);
		msg.history = faults[i];
		msg.history.kind = WALL_HISTORY;
		ck_assert(!wall_valid(&msg, sizeof(msg.history), WALL_FROM_WORKER));
	}
	msg = message(WALL_HISTORY);
	memset(msg.history.user, 'x', sizeof(msg.history.user));
	ck_assert(!wall_valid(&msg, sizeof(msg.history), WALL_FROM_WORKER));
}
END_TEST

static bool
proxied_valid(const struct proof *proof)
{
	union wall_msg msg = message(WALL_SPAWN);

	msg.spawn.proxied = *proof;
	return wall_valid(&msg, sizeof(msg.spawn), WALL_FROM_WORKER);
}

START_TEST(proof_of_a_kind_that_no_lac_can_hear_is_invalid)
{
	/* RFC 2661 §4.4.5: PAP and CHAP go over the wall, or nothing */
	struct proof proof = {.user = "alice"};

	ck_assert(proxied_valid(&proof));
	proof = (struct proof){.method = METHOD_MSCHAPV2, .challenge_len = 16, .response_len = 49};
	ck_assert(proof_valid(&proof));
	ck_assert(!proxied_valid(&proof));
	proof.method = METHOD_EAP;
	ck_assert(!proxied_valid(&proof));
	proof.method = UINT32_MAX;
	ck_assert(!proxied_valid(&proof));
}
END_TEST

START_TEST(proof_that_is_not_whole_is_invalid)
{
	struct proof chap = {.method = METHOD_CHAP, .challenge_len = 256, .response_len = 16};
	struct proof pap = {.method = METHOD_PAP, .response_len = 256};

	ck_assert(proxied_valid(&chap));
	chap.challenge_len = 257;
	ck_assert(!proxied_valid(&chap));
	chap.challenge_len = 0;
	ck_assert(!proxied_valid(&chap));
	chap.challenge_len = 16;
	chap.response_len = 15;
	ck_assert(!proxied_valid(&chap));
	chap.response_len = 16;
	chap.id = 256;
	ck_assert(!proxied_valid(&chap));
	ck_assert(proxied_valid(&pap));
	pap.response_len = UINT32_MAX;
	ck_assert(!proxied_valid(&pap));
	pap.response_len = 3;
	memset(pap.user, 'x', sizeof(pap.user));
	ck_assert(!proxied_valid(&pap));
}
END_TEST

START_TEST(message_sent_comes_out_the_same)
{
	struct pair pair = pair_new();
	union wall_msg msg = message(WALL_SPAWN), got;
	int fd = 99;

	msg.spawn.ref = (struct lns_ref){.tid = 1, .sid = 2, .serial = 3};
	strcpy(msg.spawn.proxied.user, "alice");
	ck_assert_int_eq(wall_send(pair.worker, &msg, -1), 0);
	ck_assert_int_eq(wall_recv(pair.keeper, &got, &fd), 1);
	ck_assert_int_eq(fd, -1);
	ck_assert_mem_eq(&got.spawn, &msg.spawn, sizeof(msg.spawn));
	ck_assert_int_eq(wall_recv(pair.keeper, &got, &fd), 0);
	pair_free(&pair);
}
END_TEST

START_TEST(descriptor_sent_is_the_same_file)
{
	struct pair pair = pair_new();
	union wall_msg msg = message(WALL_SPAWNED), got;
	struct stat sent, received;
	int fd, null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	ck_assert_int_eq(fstat(null, &sent), 0);
	ck_assert_int_eq(wall_send(pair.keeper, &msg, null), 0);
	ck_assert_int_lt(fcntl(null, F_GETFD), 0);
	ck_assert_int_eq(wall_recv(pair.worker, &got, &fd), 1);
	ck_assert_int_eq(fstat(fd, &received), 0);
	ck_assert(sent.st_dev == received.st_dev && sent.st_ino == received.st_ino);
	ck_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	pair_free(&pair);
}
END_TEST

START_TEST(descriptor_where_none_belongs_breaks_the_wall)
{
	struct pair pair = pair_new();
	union wall_msg msg = message(WALL_READY), got;
	int fd;

	ck_assert_int_eq(wall_send(pair.worker, &msg, open("/dev/null", O_RDONLY | O_CLOEXEC)), 0);
	ck_assert_int_eq(wall_recv(pair.keeper, &got, &fd), -EPROTO);
	ck_assert_int_eq(fd, -1);

	/* and a configuration without one */
	msg = message(WALL_CONF);
	ck_assert_int_eq(wall_send(pair.keeper, &msg, -1), 0);
	ck_assert_int_eq(wall_recv(pair.worker, &got, &fd), -EPROTO);
	pair_free(&pair);
}
END_TEST

START_TEST(garbage_breaks_the_wall)
{
	struct pair pair = pair_new();
	union wall_msg got;
	char bytes[sizeof(got) + 100];
	int fd;

	memset(bytes, 0x5a, sizeof(bytes));
	ck_assert_int_gt(send(wall_fd(pair.worker), bytes, 3, 0), 0);
	ck_assert_int_eq(wall_recv(pair.keeper, &got, &fd), -EPROTO);
	ck_assert_int_gt(send(wall_fd(pair.worker), bytes, sizeof(bytes), 0), 0);
	ck_assert_int_eq(wall_recv(pair.keeper, &got, &fd), -EPROTO);
	pair_free(&pair);
}
END_TEST

START_TEST(kind_of_the_other_side_is_not_sent)
{
	struct pair pair = pair_new();
	union wall_msg msg = message(WALL_SHUTDOWN), got;
	int fd, null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	ck_assert_int_eq(wall_send(pair.worker, &msg, null), -EINVAL);
	ck_assert_int_lt(fcntl(null, F_GETFD), 0);
	ck_assert_int_eq(wall_recv(pair.keeper, &got, &fd), 0);
	pair_free(&pair);
}
END_TEST

START_TEST(closed_wall_says_so)
{
	struct pair pair = pair_new();
	union wall_msg msg = message(WALL_READY), got;
	int fd;

	wall_free(pair.keeper);
	ck_assert_int_eq(wall_recv(pair.worker, &got, &fd), -EPIPE);
	ck_assert_int_eq(wall_send(pair.worker, &msg, -1), -EPIPE);
	wall_free(pair.worker);
}
END_TEST

START_TEST(full_socket_queues_in_order_up_to_a_bound)
{
	struct pair pair = pair_new();
	union wall_msg msg = message(WALL_STOP), got;
	uint32_t sent = 0, received = 0;
	int fd, error;

	while ((error = wall_send(pair.worker, &msg, -1)) == 0)
		msg.stop.ref.serial = ++sent;
	ck_assert_int_eq(error, -ENOBUFS);
	ck_assert_uint_gt(sent, WALL_QUEUE_MAX);
	ck_assert(wall_wants_write(pair.worker));
	ck_assert_uint_eq(wall_queued(pair.worker), WALL_QUEUE_MAX);
	while (received < sent) {
		ck_assert_int_eq(wall_flush(pair.worker), 0);
		while (wall_recv(pair.keeper, &got, &fd) == 1)
			ck_assert_uint_eq(got.stop.ref.serial, received++);
	}
	ck_assert(!wall_wants_write(pair.worker));
	ck_assert_uint_eq(wall_queued(pair.worker), 0);
	pair_free(&pair);
}
END_TEST

static union plink_msg
login(uint32_t method, uint32_t challenge_len, uint32_t response_len)
{
	union plink_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.auth = (struct plink_auth){.kind = PLINK_AUTH,
				       .proof = {.method = method,
						 .challenge_len = challenge_len,
						 .response_len = response_len,
						 .user = "alice"}};
	return msg;
}

static bool
login_valid(uint32_t method, uint32_t challenge_len, uint32_t response_len)
{
	union plink_msg msg = login(method, challenge_len, response_len);

	return plink_valid(&msg, sizeof(msg.auth), PLINK_FROM_PLUGIN);
}

START_TEST(plink_login_must_measure_as_its_method)
{
	ck_assert(login_valid(METHOD_MSCHAPV2, 16, 49));
	ck_assert(!login_valid(METHOD_MSCHAPV2, 15, 49));
	ck_assert(!login_valid(METHOD_MSCHAPV2, 16, 50));
	ck_assert(login_valid(METHOD_CHAP, 8, 16));
	ck_assert(!login_valid(METHOD_CHAP, 0, 16));
	ck_assert(!login_valid(METHOD_CHAP, 257, 16));
	ck_assert(login_valid(METHOD_PAP, 0, 256));
	ck_assert(!login_valid(METHOD_PAP, 0, 257));
	ck_assert(!login_valid(METHOD_EAP, 0, 0));
	ck_assert(!login_valid(METHOD_PAP | METHOD_CHAP, 8, 16));
	ck_assert(!login_valid(0, 0, 0));
}
END_TEST

START_TEST(plink_login_in_eap_is_one_that_can_be)
{
	static const struct {
		uint32_t method, eap, challenge_len, response_len;
		bool valid;
	} rows[] = {{METHOD_MSCHAPV2, EAP_MSCHAPV2, 16, 49, true},
		    {METHOD_MSCHAPV2, EAP_MSCHAPV2, 15, 49, false},
		    {METHOD_MSCHAPV2, EAP_TLS, 16, 49, false},
		    {METHOD_CHAP, EAP_MSCHAPV2, 8, 16, false},
		    {METHOD_PAP, EAP_TLS, 0, 3, false},
		    {METHOD_EAP, EAP_TLS, 0, 0, true},
		    {METHOD_EAP, 4, 0, 0, true},
		    {METHOD_EAP, 256, 0, 0, false},
		    {METHOD_EAP, EAP_TLS, 1, 0, false},
		    {METHOD_EAP, EAP_TLS, 0, 1, false}};
	union plink_msg msg = login(rows[_i].method, rows[_i].challenge_len, rows[_i].response_len);

	msg.auth.proof.eap = rows[_i].eap;
	ck_assert_int_eq(plink_valid(&msg, sizeof(msg.auth), PLINK_FROM_PLUGIN), rows[_i].valid);
}
END_TEST

START_TEST(plink_start_is_the_plugins_alone_and_bare)
{
	union plink_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.kind = PLINK_STARTED;
	ck_assert(plink_valid(&msg, sizeof(msg.plain), PLINK_FROM_PLUGIN));
	ck_assert(!plink_valid(&msg, sizeof(msg.plain), PLINK_FROM_KEEPER));
	ck_assert(!plink_valid(&msg, sizeof(msg.plain) - 1, PLINK_FROM_PLUGIN));
	ck_assert(!plink_valid(&msg, sizeof(msg.up), PLINK_FROM_PLUGIN));
}
END_TEST

START_TEST(plink_other_length_side_or_string_is_invalid)
{
	union plink_msg msg = login(METHOD_PAP, 0, 3);

	ck_assert(!plink_valid(&msg, sizeof(msg.auth) - 1, PLINK_FROM_PLUGIN));
	ck_assert(!plink_valid(&msg, 3, PLINK_FROM_PLUGIN));
	ck_assert(!plink_valid(&msg, sizeof(msg.auth), PLINK_FROM_KEEPER));
	memset(msg.auth.proof.user, 'x', sizeof(msg.auth.proof.user));
	ck_assert(!plink_valid(&msg, sizeof(msg.auth), PLINK_FROM_PLUGIN));
	msg = login(METHOD_PAP, 0, 3);
	msg.auth.proof.id = 256;
	ck_assert(!plink_valid(&msg, sizeof(msg.auth), PLINK_FROM_PLUGIN));
	ck_assert_uint_eq(plink_size(0, PLINK_FROM_PLUGIN), 0);
	ck_assert_uint_eq(plink_size(PLINK_KIND_END, PLINK_FROM_KEEPER), 0);
}
END_TEST

START_TEST(plink_address_reply_must_have_texts_that_end)
{
	union plink_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.kind = PLINK_ADDRESS_REPLY;
	ck_assert(plink_valid(&msg, sizeof(msg.address_reply), PLINK_FROM_KEEPER));
	memset(msg.address_reply.user, 'x', sizeof(msg.address_reply.user));
	ck_assert(!plink_valid(&msg, sizeof(msg.address_reply), PLINK_FROM_KEEPER));
	msg.address_reply.user[0] = '\0';
	memset(msg.address_reply.call.called, 'x', sizeof(msg.address_reply.call.called));
	ck_assert(!plink_valid(&msg, sizeof(msg.address_reply), PLINK_FROM_KEEPER));
}
END_TEST

START_TEST(plink_down_of_an_unknown_stage_is_invalid)
{
	union plink_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.kind = PLINK_DOWN;
	msg.down.stage = PLINK_RUNNING;
	ck_assert(plink_valid(&msg, sizeof(msg.down), PLINK_FROM_PLUGIN));
	msg.down.stage = PLINK_STAGE_COUNT;
	ck_assert(!plink_valid(&msg, sizeof(msg.down), PLINK_FROM_PLUGIN));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("wall");
	TCase *tc = tcase_create("wall");

	tcase_add_test(tc, each_kind_has_one_sender_and_a_size);
	tcase_add_test(tc, valid_of_any_other_length_is_false);
	tcase_add_test(tc, valid_of_an_endless_string_is_false);
	tcase_add_test(tc, valid_of_a_grant_with_an_endless_text_is_false);
	tcase_add_test(tc, valid_of_a_problem_out_of_range_is_false);
	tcase_add_test(tc, valid_of_a_tunnel_without_number_or_addresses_is_false);
	tcase_add_test(tc, valid_of_a_lane_out_of_range_is_false);
	tcase_add_test(tc, valid_of_a_reload_that_cannot_be_is_false);
	tcase_add_test(tc, valid_of_a_tally_with_more_that_end_than_there_are_is_false);
	tcase_add_test(tc, valid_of_a_history_that_cannot_be_is_false);
	tcase_add_test(tc, proof_of_a_kind_that_no_lac_can_hear_is_invalid);
	tcase_add_test(tc, proof_that_is_not_whole_is_invalid);
	tcase_add_test(tc, message_sent_comes_out_the_same);
	tcase_add_test(tc, descriptor_sent_is_the_same_file);
	tcase_add_test(tc, descriptor_where_none_belongs_breaks_the_wall);
	tcase_add_test(tc, garbage_breaks_the_wall);
	tcase_add_test(tc, kind_of_the_other_side_is_not_sent);
	tcase_add_test(tc, closed_wall_says_so);
	tcase_add_test(tc, full_socket_queues_in_order_up_to_a_bound);
	tcase_add_test(tc, plink_login_must_measure_as_its_method);
	tcase_add_loop_test(tc, plink_login_in_eap_is_one_that_can_be, 0, 10);
	tcase_add_test(tc, plink_start_is_the_plugins_alone_and_bare);
	tcase_add_test(tc, plink_other_length_side_or_string_is_invalid);
	tcase_add_test(tc, plink_address_reply_must_have_texts_that_end);
	tcase_add_test(tc, plink_down_of_an_unknown_stage_is_invalid);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
