/* The keeper's loop: what a handler takes out of it has no turn any more. */
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "keeper/loop.h"
#include "unit.h"

#define FRIENDS 5

/* Its handler removes and frees all others. */
struct friend
{
	struct source source;
	struct party *party;
};

struct party {
	struct loop loop;
	struct timer end;
	struct friend *friends[FRIENDS];
	int turns;
	struct friend *first; /* who had the first turn; nobody else is to have one */
	bool stops;	      /* at the first turn */
};

static void
leave(struct party *party, int i)
{
	struct friend *friend = party->friends[i];

	party->friends[i] = NULL;
	loop_close(&party->loop, &friend->source);
	memset(friend, 0xff, sizeof(*friend));
	free(friend);
}

static void
ready(struct source *source, uint32_t events)
{
	struct friend *friend = owner_of(source, struct friend, source);
	struct party *party = friend->party;

	ck_assert_uint_eq(events, EPOLLIN);
	if (!party->turns++)
		party->first = friend;
	ck_assert_ptr_eq(friend, party->first);
	party->loop.stop = party->stops;
	for (int i = 0; !party->stops && i < FRIENDS; i++) {
		if (party->friends[i] && party->friends[i] != friend)
			leave(party, i);
	}
}

static void
end(struct timer *timer)
{
	owner_of(timer, struct party, end)->loop.stop = true;
}

/* All of them are ready in the same turn; the timer is due after it. */
static void
hold(struct party *party)
{
	ck_assert_int_eq(loop_init(&party->loop), 0);
	party->end.due = end;
	for (int i = 0; i < FRIENDS; i++) {
		struct friend *friend = calloc(1, sizeof(*friend));

		ck_assert_ptr_nonnull(friend);
		*friend = (struct friend){{eventfd(1, EFD_CLOEXEC), ready}, party};
		party->friends[i] = friend;
		ck_assert_int_eq(loop_add(&party->loop, &friend->source, EPOLLIN), 0);
	}
	ck_assert(loop_after(&party->loop, &party->end, 1));
	ck_assert_int_eq(loop_run(&party->loop), 0);
	for (int i = 0; i < FRIENDS; i++) {
		if (party->friends[i])
			leave(party, i);
	}
	loop_fini(&party->loop);
}

/* The one that stays is ready in each turn until the timer ends it. */
START_TEST(loop_what_a_handler_removes_has_no_turn)
{
	struct party party = {.stops = false};

	hold(&party);
	ck_assert_int_ge(party.turns, 1);
}
END_TEST

START_TEST(loop_that_is_stopped_gives_no_more_turns)
{
	struct party party = {.stops = true};

	hold(&party);
	ck_assert_int_eq(party.turns, 1);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {loop_what_a_handler_removes_has_no_turn,
				      loop_that_is_stopped_gives_no_more_turns};

	return unit_run("keeper loop", tests, sizeof(tests) / sizeof(tests[0]));
}
