/* The directory of clients: marks, policies, rekeys, NAT ports. */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "sa_fixture.h"
#include "unit.h"

START_TEST(client_new_is_marked_before_it_can_speak)
{
	struct world *world = world_new(true, SA_MARKS);
	union wall_msg msg;

	take_in(world, &ann, 0x101, 0);
	ck_assert_uint_eq(world->set_spi, 0x101);
	ck_assert_uint_eq(world->set_mark, BASE + 1);
	ck_assert_uint_eq(world->set_port, 40001);
	/* the way in is open, the way out is shut */
	ck_assert_uint_eq(world->point_mark, BASE + 1);
	ck_assert_uint_eq(world->point_spi, 0);
	take_out(world, &ann, 0x201);
	/* outer packets carry no mark */
	ck_assert_uint_eq(world->set_spi, 0x201);
	ck_assert_uint_eq(world->set_mark, 0);
	ck_assert_uint_eq(world->point_spi, 0x201);
	msg = told_of(world, BASE + 1);
	ck_assert_uint_eq(msg.kind, WALL_SA);
	ck_assert_uint_eq(msg.sa.spi_in, 0x101);
	ck_assert_uint_eq(msg.sa.spi_out, 0x201);
	ck_assert_uint_eq(msg.sa.reqid, 16389);
	ck_assert_uint_eq(msg.sa.nat_port, 40001);
	ck_assert_uint_eq(msg.sa.peer.port, 1701);
	ck_assert_uint_eq(msg.sa.local.port, 1701);
	ck_assert_uint_eq(msg.sa.rekeys, 0);
	world_free(world);
}
END_TEST

START_TEST(clients_of_one_nat_have_marks_of_their_own)
{
	/* two of one identity share the reqid; one has another selector */
	static const struct who others[] = {{NAT, 40002, 1701, 16389},
					    {NAT, 40001, 50000, 16389},
					    {NAT, 40003, 0, 16397},
					    {NAT, 0, 1701, 16401}};
	struct world *world = world_new(true, SA_MARKS);
	uint32_t marks[5] = {connect_client(world, &ann, 1, 101)};
	union wall_msg msg;

	for (uint32_t i = 0; i < 4; i++)
		marks[i + 1] = connect_client(world, &others[i], i + 2, i + 102);
	for (size_t i = 0; i < 5; i++)
		for (size_t k = 0; k < i; k++)
			ck_assert_uint_ne(marks[i], marks[k]);
	/* who may be ann at another port is told so, once */
	msg = told_of(world, marks[1]);
	ck_assert_uint_eq(msg.sa.twin, marks[0]);
	move_to(world, &others[0], 2, 40005);
	ck_assert_uint_eq(told_of(world, marks[1]).sa.twin, 0);
	world_free(world);
}
END_TEST

START_TEST(rekey_waits_until_the_client_uses_it)
{
	struct world *world = world_new(true, SA_MARKS);
	uint32_t mark = connect_client(world, &ann, 1, 101), renewed;

	renewed = told_of(world, mark).sa.renewed;
	ck_assert_uint_eq(connect_client(world, &ann, 2, 102), mark);
	ck_assert_uint_eq(world->point_spi, 101);
	pass(world, 500);
	ck_assert_uint_eq(world->point_spi, 101);
	ck_assert_uint_eq(told_of(world, mark).sa.renewed, renewed);
	world->used_spi = 2;
	pass(world, SA_LOOK_MS);
	ck_assert_uint_eq(world->point_spi, 102);

	union wall_msg msg = told_of(world, mark);

	ck_assert_uint_eq(msg.sa.renewed, renewed + 1);
	ck_assert_uint_eq(msg.sa.rekeys, 1);
	ck_assert_uint_eq(msg.sa.spi_in, 2);
	ck_assert_uint_eq(msg.sa.spi_out, 102);
	/* the old ones go, and nothing changes */
	lose(world, &ann, true, 1);
	lose(world, &ann, false, 101);
	ck_assert_uint_eq(world->point_spi, 102);
	ck_assert_uint_eq(told_of(world, mark).kind, 0);
	world_free(world);
}
END_TEST

START_TEST(rekey_unused_is_taken_in_the_end)
{
	struct world *world = world_new(true, SA_MARKS);
	uint32_t mark = connect_client(world, &ann, 1, 101);

	connect_client(world, &ann, 2, 102);
	pass(world, SA_SWITCH_MS + SA_LOOK_MS);
	ck_assert_uint_eq(world->point_spi, 102);
	ck_assert_uint_eq(told_of(world, mark).sa.rekeys, 1);
	ck_assert(sa_dir_deadline(&world->dir) == MSTIME_NEVER);
	world_free(world);
}
END_TEST

START_TEST(rekey_is_taken_when_the_old_one_goes)
{
	struct world *world = world_new(true, SA_MARKS);
	uint32_t mark = connect_client(world, &ann, 1, 101);

	connect_client(world, &ann, 2, 102);
	lose(world, &ann, false, 101);
	ck_assert_uint_eq(world->point_spi, 102);
	lose(world, &ann, true, 1);
	ck_assert_uint_eq(told_of(world, mark).sa.spi_in, 2);
	world_free(world);
}
END_TEST

START_TEST(rekey_that_fails_leaves_the_old_one)
{
	struct world *world = world_new(true, SA_MARKS);
	uint32_t mark = connect_client(world, &ann, 1, 101);

	connect_client(world, &ann, 2, 102);
	lose(world, &ann, false, 102);
	lose(world, &ann, true, 2);
	pass(world, 2 * SA_GRACE_MS);
	ck_assert_uint_eq(world->point_spi, 101);
	ck_assert_uint_eq(told_of(world, mark).sa.spi_in, 1);
	world_free(world);
}
END_TEST

START_TEST(port_of_the_nat_is_followed)
{
	struct world *world = world_new(true, SA_MARKS);
	uint32_t mark = connect_client(world, &ann, 1, 101);
	unsigned sets = world->sets;

	move_to(world, &ann, 1, 40009);
	ck_assert_uint_eq(world->sets, sets + 2);
	ck_assert_uint_eq(world->set_port, 40009);
	ck_assert_uint_eq(told_of(world, mark).sa.nat_port, 40009);
	/* the same again is no news */
	move_to(world, &ann, 1, 40009);
	ck_assert_uint_eq(world->sets, sets + 2);
	world_free(world);
}
END_TEST

START_TEST(ports_swapped_keep_their_clients)
{
	static const struct who twin = {NAT, 40002, 1701, 16389};
	const struct who *pairs[] = {&bob, &twin};

	for (size_t i = 0; i < 2; i++) {
		struct world *world = world_new(true, SA_MARKS);
		uint32_t a = connect_client(world, &ann, 1, 101);
		uint32_t b = connect_client(world, pairs[i], 2, 102);
		struct who ann_now = ann, other_now = *pairs[i];

		ann_now.nat = 40002;
		other_now.nat = 40001;
		move_to(world, &ann, 1, 40002);
		move_to(world, pairs[i], 2, 40001);
		/* each one's next SAs are its own */
		ck_assert_uint_eq(connect_client(world, &ann_now, 3, 103), a);
		ck_assert_uint_eq(connect_client(world, &other_now, 4, 104), b);
		world_free(world);
	}
}
END_TEST

START_TEST(client_whose_port_was_taken_is_known_by_its_reqid)
{
	struct world *world = world_new(true, SA_MARKS);
	uint32_t a = connect_client(world, &ann, 1, 101);
	struct who elsewhere = bob;

	connect_client(world, &bob, 2, 102);
	move_to(world, &ann, 1, 40002);
	elsewhere.nat = 40017;
	ck_assert_uint_eq(connect_client(world, &elsewhere, 3, 103), a + 1);
	world_free(world);
}
END_TEST

START_TEST(sa_of_others_is_left_alone)
{
	static const struct who elsewhere = {0x0a0a0a0a, 0, 1701, 1};
	struct world *world = world_new(true, SA_MARKS);
	struct sa_msg msg = sa_message(world, &ann, true, 1, 0);

	msg.facts.sel.dport = htons(1702);
	sa_dir_take(&world->dir, world->now, &msg, NULL);
	msg = sa_message(world, &ann, true, 1, 0);
	msg.facts.sel.proto = IPPROTO_TCP;
	sa_dir_take(&world->dir, world->now, &msg, NULL);
	/* this host dials somebody else: its own port is any */
	msg = sa_message(world, &elsewhere, false, 1, 0);
	msg.facts.sel.sport = htons(40000);
	sa_dir_take(&world->dir, world->now, &msg, NULL);
	ck_assert_uint_eq(world->dir.count, 0);
	ck_assert_uint_eq(world->dir.clients, 0);
	ck_assert_uint_eq(world->sets + world->points, 0);
	/* and what is not known is not lost */
	lose(world, &ann, true, 1);
	move_to(world, &ann, 1, 5);
	world_free(world);
}
END_TEST

START_TEST(direction_that_the_kernel_tells_is_believed)
{
	static const struct who far = {0x0a0a0a0a, 40001, 1701, 1};
	struct world *world = world_new(true, SA_MARKS);
	struct sa_msg msg = sa_message(world, &far, true, 1, 0);

	/* an address that fake_local() does not know */
	msg.facts.id.dst[0] = 77;
	msg.facts.dir = SA_DIR_IN;
	sa_dir_take(&world->dir, world->now, &msg, NULL);
	ck_assert_uint_eq(world->set_mark, BASE + 1);
	world_free(world);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		client_new_is_marked_before_it_can_speak,
		clients_of_one_nat_have_marks_of_their_own,
		rekey_waits_until_the_client_uses_it,
		rekey_unused_is_taken_in_the_end,
		rekey_is_taken_when_the_old_one_goes,
		rekey_that_fails_leaves_the_old_one,
		port_of_the_nat_is_followed,
		ports_swapped_keep_their_clients,
		client_whose_port_was_taken_is_known_by_its_reqid,
		sa_of_others_is_left_alone,
		direction_that_the_kernel_tells_is_believed,
	};

	return unit_run("sa_dir", tests, sizeof(tests) / sizeof(tests[0]));
}
