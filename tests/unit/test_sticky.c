/* Who had which address last: remembered, bounded, kept as text. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "sticky.h"

START_TEST(wishes_are_the_users_own_the_last_first)
{
	struct sticky *sticky = sticky_new();
	uint32_t wishes[STICKY_WISHES];

	ck_assert_uint_eq(sticky_wishes(sticky, "alice", wishes), 0);
	sticky_note(sticky, "alice", 10);
	sticky_note(sticky, "bob", 11);
	sticky_note(sticky, "alice", 12);
	ck_assert_uint_eq(sticky_wishes(sticky, "alice", wishes), 2);
	ck_assert_uint_eq(wishes[0], 12);
	ck_assert_uint_eq(wishes[1], 10);
	sticky_note(sticky, "alice", 10);
	ck_assert_uint_eq(sticky_wishes(sticky, "alice", wishes), 2);
	ck_assert_uint_eq(wishes[0], 10);
	ck_assert_uint_eq(sticky_wishes(sticky, "bob", wishes), 1);
	ck_assert_uint_eq(wishes[0], 11);
	sticky_free(sticky);
}
END_TEST

START_TEST(wishes_of_many_devices_are_the_latest)
{
	struct sticky *sticky = sticky_new();
	uint32_t wishes[STICKY_WISHES];

	for (uint32_t i = 1; i <= 20; i++)
		sticky_note(sticky, "alice", i);
	ck_assert_uint_eq(sticky_wishes(sticky, "alice", wishes), STICKY_WISHES);
	for (uint32_t i = 0; i < STICKY_WISHES; i++)
		ck_assert_uint_eq(wishes[i], 20 - i);
	sticky_free(sticky);
}
END_TEST

/* More users than there is room for: the latest are remembered. */
START_TEST(note_of_a_million_users_forgets_the_oldest)
{
	struct sticky *sticky = sticky_new();
	uint32_t wishes[STICKY_WISHES];
	unsigned found = 0;
	char user[16];

	for (uint32_t i = 1; i <= 1000000; i++) {
		snprintf(user, sizeof(user), "u%u", i);
		sticky_note(sticky, user, i);
	}
	for (uint32_t i = 980001; i <= 1000000; i++) {
		snprintf(user, sizeof(user), "u%u", i);
		if (sticky_wishes(sticky, user, wishes) == 1 && wishes[0] == i)
			found++;
	}
	ck_assert_uint_gt(found, 19500);
	ck_assert_uint_eq(sticky_wishes(sticky, "u1", wishes), 0);
	sticky_free(sticky);
}
END_TEST

START_TEST(text_read_again_gives_the_same_wishes)
{
	struct sticky *sticky = sticky_new(), *other = sticky_new();
	uint32_t wishes[STICKY_WISHES];
	char line[STICKY_LINE_MAX];
	size_t place = 0, lines = 0;

	sticky_note(sticky, "alice", 0x0a630010);
	sticky_note(sticky, "alice", 0xfffefdfc);
	sticky_note(sticky, "\xff weird\n", 0x0a630012);
	for (; sticky_write(sticky, &place, line); lines++)
		ck_assert(sticky_read(other, line));
	ck_assert_uint_eq(lines, 3);
	ck_assert_uint_eq(sticky_wishes(other, "alice", wishes), 2);
	ck_assert_uint_eq(wishes[0], 0xfffefdfc);
	ck_assert_uint_eq(wishes[1], 0x0a630010);
	ck_assert_uint_eq(sticky_wishes(other, "\xff weird\n", wishes), 1);
	sticky_free(sticky);
	sticky_free(other);
}
END_TEST

static const char *const nonsense[] = {
	"",
	" ",
	"0123456789abcdef",
	"0123456789abcdef ",
	"0123456789abcdef 0.0.0.0",
	"0123456789abcdef 10.0.0",
	"0123456789abcdef 10.0.0.256",
	"0123456789abcdef 10.0.0.1 ",
	"0123456789abcdef 10.0.0.1.2",
	"0123456789abcde 10.0.0.1",
	"0123456789abcdeff 10.0.0.1",
	"0123456789abcdeg 10.0.0.1",
	"0123456789abcdef -1.0.0.1",
	"0123456789abcdef 10..0.1",
};

START_TEST(read_of_a_line_that_is_none_changes_nothing)
{
	struct sticky *sticky = sticky_new();
	char line[STICKY_LINE_MAX];
	size_t place = 0;

	ck_assert(!sticky_read(sticky, nonsense[_i]));
	ck_assert(!sticky_write(sticky, &place, line));
	sticky_free(sticky);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("sticky");
	TCase *tc = tcase_create("sticky");

	tcase_add_test(tc, wishes_are_the_users_own_the_last_first);
	tcase_add_test(tc, wishes_of_many_devices_are_the_latest);
	tcase_add_test(tc, note_of_a_million_users_forgets_the_oldest);
	tcase_add_test(tc, text_read_again_gives_the_same_wishes);
	tcase_add_loop_test(tc, read_of_a_line_that_is_none_changes_nothing, 0,
			    (int)(sizeof(nonsense) / sizeof(nonsense[0])));
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
