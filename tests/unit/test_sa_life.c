/* The directory of clients: their end, what an earlier run left, marks that run out. */
#include <check.h>
#include <stdlib.h>

#include "sa_fixture.h"
#include "unit.h"

START_TEST(client_without_sas_is_blocked_and_then_forgotten)
{
	struct world *world = world_new(true, SA_MARKS);
	uint32_t mark = connect_client(world, &ann, 1, 101);

	lose(world, &ann, false, 101);
	lose(world, &ann, true, 1);
	ck_assert_uint_eq(world->point_spi, 0);
	pass(world, SA_GRACE_MS - 1);
	ck_assert_uint_ne(told_of(world, mark).kind, WALL_SA_GONE);
	ck_assert_uint_eq(world->unpoints, 0);
	pass(world, 1);
	ck_assert_uint_eq(world->unpoint_mark, mark);
	ck_assert_uint_eq(told_of(world, mark).kind, WALL_SA_GONE);
	ck_assert_ptr_null(sa_dir_find(&world->dir, mark));
	/* and its mark is not soon another's */
	ck_assert_uint_ne(connect_client(world, &ann, 2, 102), mark);
	world_free(world);
}
END_TEST

START_TEST(client_back_in_time_goes_on)
{
	struct world *world = world_new(true, SA_MARKS);
	uint32_t mark = connect_client(world, &ann, 1, 101), renewed;
	struct who again = ann;

	renewed = told_of(world, mark).sa.renewed;
	lose(world, &ann, true, 1);
	lose(world, &ann, false, 101);
	pass(world, SA_GRACE_MS / 2);
	/* the IKE daemon has forgotten it, and gives another reqid */
	again.reqid = 16999;
	ck_assert_uint_eq(connect_client(world, &again, 2, 102), mark);
	ck_assert_uint_eq(world->point_reqid, 16999);
	ck_assert_uint_eq(told_of(world, mark).sa.renewed, renewed + 1);
	pass(world, 2 * SA_GRACE_MS);
	ck_assert_uint_eq(told_of(world, mark).kind, 0);
	world_free(world);
}
END_TEST

START_TEST(client_gone_untold_is_told_once)
{
	struct world *world = world_new(true, SA_MARKS);
	uint32_t mark = connect_client(world, &ann, 1, 101);
	union wall_msg msg;

	lose(world, &ann, true, 1);
	lose(world, &ann, false, 101);
	pass(world, SA_GRACE_MS);
	/* the same client again, while the worker has not been told of its end */
	ck_assert_uint_ne(connect_client(world, &ann, 2, 102), mark);
	ck_assert(sa_dir_next(&world->dir, &msg));
	ck_assert_uint_eq(msg.kind, WALL_SA_GONE);
	ck_assert(sa_dir_next(&world->dir, &msg));
	ck_assert_uint_eq(msg.kind, WALL_SA);
	ck_assert(!sa_dir_next(&world->dir, &msg));
	world_free(world);
}
END_TEST

START_TEST(flush_blocks_all)
{
	struct world *world = world_new(true, SA_MARKS);
	struct sa_msg flushed = {.kind = SA_MSG_FLUSHED};
	uint32_t a = connect_client(world, &ann, 1, 101), b = connect_client(world, &bob, 2, 102);

	sa_dir_take(&world->dir, world->now, &flushed, NULL);
	ck_assert_uint_eq(world->dir.count, 0);
	ck_assert_uint_eq(world->point_spi, 0);
	pass(world, SA_GRACE_MS);
	ck_assert_uint_eq(world->unpoints, 2);
	ck_assert_uint_eq(world->dir.clients, 2);
	ck_assert_uint_eq(told_of(world, a).kind, WALL_SA_GONE);
	ck_assert_ptr_null(sa_dir_find(&world->dir, b));
	ck_assert_uint_eq(world->dir.clients, 0);
	world_free(world);
}
END_TEST

START_TEST(marks_of_an_earlier_run_are_taken_back)
{
	struct world *world = world_new(true, SA_MARKS);

	sa_dir_dump_begin(&world->dir);
	/* first those with a mark of ours, then all, the newest first */
	world->clock = 20;
	take_in(world, &ann, 3, BASE + 7);
	world->clock = 10;
	take_in(world, &ann, 1, BASE + 7);
	world->clock = 20;
	take_in(world, &bob, 2, 0);
	take_out(world, &ann, 103);
	world->clock = 10;
	take_out(world, &ann, 101);
	take_out(world, &bob, 102);
	sa_dir_dump_end(&world->dir, world->now);
	ck_assert_uint_eq(world->dir.clients, 2);
	ck_assert_ptr_nonnull(sa_dir_find(&world->dir, BASE + 1));
	pass(world, SA_SWITCH_MS * 2);

	union wall_msg told = told_of(world, BASE + 7);

	ck_assert_uint_eq(told.sa.spi_out, 103);
	ck_assert_uint_eq(told.sa.spi_in, 3);
	world_free(world);
}
END_TEST

START_TEST(dump_without_an_sa_ends_it)
{
	struct world *world = world_new(true, SA_MARKS);
	uint32_t a = connect_client(world, &ann, 1, 101), b = connect_client(world, &bob, 2, 102);

	sa_dir_dump_begin(&world->dir);
	take_in(world, &bob, 2, b);
	take_out(world, &bob, 102);
	sa_dir_dump_end(&world->dir, world->now);
	pass(world, SA_GRACE_MS);
	ck_assert_uint_eq(told_of(world, a).kind, WALL_SA_GONE);
	ck_assert_ptr_nonnull(sa_dir_find(&world->dir, b));
	world_free(world);
}
END_TEST

START_TEST(marks_that_run_out_come_back)
{
	static const struct who cyd = {NAT, 40003, 1701, 16397};
	struct world *world = world_new(true, 2);
	uint32_t a = connect_client(world, &ann, 1, 101);

	connect_client(world, &bob, 2, 102);
	connect_client(world, &cyd, 3, 103);
	ck_assert(world->dir.short_of_marks);
	ck_assert_uint_eq(told_of(world, 0).kind, 0);
	lose(world, &ann, true, 1);
	lose(world, &ann, false, 101);
	pass(world, SA_GRACE_MS);
	ck_assert_uint_eq(told_of(world, a).kind, WALL_SA_GONE);
	/* the next that is heard of it gives it one */
	take_in(world, &cyd, 3, 0);
	ck_assert_uint_eq(told_of(world, a).kind, WALL_SA);
	ck_assert(!world->dir.short_of_marks);
	ck_assert_uint_eq(world->point_mark, a);
	world_free(world);
}
END_TEST

START_TEST(mark_that_the_kernel_forgets_is_set_again_but_not_for_ever)
{
	struct world *world = world_new(true, SA_MARKS);
	unsigned sets;

	world->keeps_no_mark = true;
	connect_client(world, &ann, 1, 101);
	sets = world->sets;
	for (int i = 0; i < 20; i++)
		take_in(world, &ann, 1, 0);
	ck_assert_uint_eq(world->sets, sets + SA_SETS_MAX);
	world_free(world);
}
END_TEST

START_TEST(marks_of_the_ike_daemon_are_only_read)
{
	static const struct who dan = {NAT + 1, 40001, 1701, 16401};
	struct world *world = world_new(false, SA_MARKS);
	struct sa_msg msg;

	take_out(world, &ann, 101);
	take_in(world, &ann, 1, 42);
	take_in(world, &bob, 2, 43);
	take_out(world, &bob, 102);
	ck_assert_uint_eq(world->sets + world->points + world->unpoints, 0);
	ck_assert_uint_eq(told_of(world, 42).sa.spi_out, 101);
	ck_assert_ptr_nonnull(sa_dir_find(&world->dir, 43));
	/* its selector may be in its policies alone */
	msg = sa_message(world, &dan, true, 4, 44);
	msg.facts.sel.proto = 0;
	msg.facts.sel.sport = msg.facts.sel.dport = 0;
	sa_dir_take(&world->dir, world->now, &msg, NULL);
	ck_assert_uint_eq(told_of(world, 44).sa.spi_in, 4);
	/* an SA without a mark protects, but nobody can be told by it */
	static const struct who cyd = {NAT, 40003, 1701, 16397};

	take_in(world, &cyd, 3, 0);
	ck_assert_uint_eq(told_of(world, 0).kind, 0);
	lose(world, &bob, true, 2);
	lose(world, &bob, false, 102);
	pass(world, SA_GRACE_MS);
	ck_assert_uint_eq(told_of(world, 43).kind, WALL_SA_GONE);
	world_free(world);
}
END_TEST

START_TEST(ten_thousand_sas_are_told_and_forgotten)
{
	struct world *world = world_new(true, SA_MARKS);
	struct sa_msg flushed = {.kind = SA_MSG_FLUSHED};
	struct who who = ann;
	union wall_msg msg;
	unsigned told = 0;

	for (uint32_t i = 0; i < 5000; i++) {
		who.peer = NAT + i / 10;
		who.nat = (uint16_t)(10000 + i);
		who.reqid = i;
		connect_client(world, &who, i + 1, i + 100000);
	}
	ck_assert_uint_eq(world->dir.count, 10000);
	while (sa_dir_next(&world->dir, &msg))
		told += msg.kind == WALL_SA;
	ck_assert_uint_eq(told, 5000);
	sa_dir_take(&world->dir, world->now, &flushed, NULL);
	pass(world, SA_GRACE_MS);
	while (sa_dir_next(&world->dir, &msg))
		told -= msg.kind == WALL_SA_GONE;
	ck_assert_uint_eq(told, 0);
	ck_assert_uint_eq(world->dir.count, 0);
	ck_assert_uint_eq(world->dir.clients, 0);
	world_free(world);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		client_without_sas_is_blocked_and_then_forgotten,
		client_back_in_time_goes_on,
		client_gone_untold_is_told_once,
		flush_blocks_all,
		marks_of_an_earlier_run_are_taken_back,
		dump_without_an_sa_ends_it,
		marks_that_run_out_come_back,
		mark_that_the_kernel_forgets_is_set_again_but_not_for_ever,
		marks_of_the_ike_daemon_are_only_read,
		ten_thousand_sas_are_told_and_forgotten,
	};

	return unit_run("sa_life", tests, sizeof(tests) / sizeof(tests[0]));
}
