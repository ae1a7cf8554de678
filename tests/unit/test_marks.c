/* Rules of a host: which of them are about marks of ours. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "marks.h"

#define BASE 0x20000000
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* As the programs print them */
static const char *const used[] = {
	"32765:\tfrom all fwmark 0x20000001 lookup 100",
	"32765:\tfrom all fwmark 0x20000000/0xffff0000 lookup 100",
	"32765:\tfrom all fwmark 0x20000000/0x20000000 lookup 100",
	"32765:\tfrom 10.0.0.0/8 fwmark 536870913 lookup main",
	/* the lower bits are ours, too */
	"100:\tfrom all fwmark 0x1/0xff lookup 7",
	"-A KUBE-POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE",
	"-A PREROUTING -i eth1 -j MARK --set-xmark 0x20000005/0xffffffff",
	"-A PREROUTING -i eth1 -j MARK --set-mark 0x2000ffff",
	"-A OUTPUT -m mark ! --mark 0x7 -m mark --mark 0x20000001 -j DROP",
	"-A PREROUTING -j CONNMARK --set-xmark 0x20000001/0xffffffff",
	"\t\tmeta mark 0x20000001 counter packets 0 bytes 0 drop",
	"\t\tmeta mark & 0xffff0000 == 0x20000000 accept",
	"\t\tmeta mark and 0xff000000 == 0x20000000 accept",
	"\t\tmeta mark == 0x20000001 accept",
	"\t\tmeta mark { 0x00000001, 0x20000001 } accept",
	"\t\tmeta mark { 0x00000001, 0x1ffffff0-0x20000001 } accept",
	"\t\tmeta mark 0x10000000-0x30000000 accept",
	"\t\tmeta mark vmap { 0x1 : accept, 0x20000009 : drop }",
	"\t\tmeta mark set 0x20000001 accept",
	"\t\tmeta mark set meta mark or 0x20000000",
	"\t\tmeta mark set ct mark map { 0x1 : 0x20000001 }",
	"\t\tct mark set 0x20000001",
	"\t\tct mark 0x20000001 meta mark set ct mark",
};

static const char *const unused[] = {
	"0:\tfrom all lookup local",
	"32764:\tnot from all fwmark 0xca6c lookup 51820",
	"32764:\tnot from all fwmark 0x20000001 lookup 51820",
	"32765:\tfrom all fwmark 0x10000001 lookup 100",
	"32765:\tfrom all fwmark 0x1 lookup 100",
	"32765:\tfrom all fwmark 0x80000/0xff0000 lookup 52",
	/* nothing can ever match this */
	"32765:\tfrom all fwmark 0x20000001/0xffff0000 lookup 100",
	"-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000",
	"-A OUTPUT -m mark ! --mark 0x20000001 -j ACCEPT",
	"-A OUTPUT -m mark --mark 0x0/0x0 -j ACCEPT",
	"-A OUTPUT -j MARK --set-xmark 0x0/0xffffffff",
	"-A OUTPUT -m comment --comment \"marked 0x20000001\" -j ACCEPT",
	"\t\tmeta mark != 0x20000001 accept",
	"\t\tmeta mark & 0xff000000 == 0x10000000 accept",
	"\t\tmeta mark & 0xff000000 != 0x20000000 accept",
	"\t\tmeta mark { 0x1, 0x1fffffff, 0x20010000 } accept",
	"\t\tmeta mark 0x00000001-0x1fffffff accept",
	"\t\tmeta mark set 0x1 counter packets 536870913 bytes 536870914",
	"\t\tmeta mark set ct mark",
	"\t\tudp dport 1701 counter packets 536870913 bytes 536870913",
	"\t\tct mark 0x10 accept",
};

START_TEST(rule_about_our_marks_is_seen)
{
	ck_assert_msg(marks_line_uses(used[_i], BASE), "%s", used[_i]);
}
END_TEST

START_TEST(rule_about_others_is_not)
{
	ck_assert_msg(!marks_line_uses(unused[_i], BASE), "%s", unused[_i]);
}
END_TEST

START_TEST(rule_at_the_ends_of_the_range_is_told_apart)
{
	ck_assert(marks_line_uses("fwmark 0xffff0001", 0xffff0000));
	ck_assert(marks_line_uses("meta mark 0xfffffff0-0xffffffff", 0xffff0000));
	ck_assert(!marks_line_uses("fwmark 0xfffeffff", 0xffff0000));
	ck_assert(!marks_line_uses("fwmark 0x2001ffff", 0x20000000));
	ck_assert(marks_line_uses("fwmark 0x1ffff", 0x10000));
	ck_assert(!marks_line_uses("fwmark 0xffff", 0x10000));
}
END_TEST

START_TEST(rule_that_is_nonsense_is_passed_over)
{
	static const char *const lines[] = {
		"",
		"--mark ",
		"--mark x",
		"--mark 0x",
		"--mark 0x20000001/",
		"--mark 0x20000001/zz",
		"--mark 0x120000001",
		"--mark 99999999999999999999999999999999",
		"--mark 0x20000001z0x1/0x",
		"fwmark",
		"meta mark ",
		"meta mark {",
		"meta mark { ,,, ",
		"meta mark 0x20000001-",
		"meta mark & 0xff00",
		"meta mark & == 0x20000001",
		"meta mark set",
		"meta mark set ",
		"meta mark set or or or",
		"ct mark vmap {",
		"! --mark 0x20000001",
	};

	for (size_t i = 0; i < COUNT(lines); i++)
		ck_assert_msg(!marks_line_uses(lines[i], BASE), "%s", lines[i]);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("marks");
	TCase *tc = tcase_create("marks");
	SRunner *sr;
	int failed;

	tcase_add_loop_test(tc, rule_about_our_marks_is_seen, 0, COUNT(used));
	tcase_add_loop_test(tc, rule_about_others_is_not, 0, COUNT(unused));
	tcase_add_test(tc, rule_at_the_ends_of_the_range_is_told_apart);
	tcase_add_test(tc, rule_that_is_nonsense_is_passed_over);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
