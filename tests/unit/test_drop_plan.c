/* Which states of pluto go with a client's SAs: what 4.10 and 5.2 print of four clients. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "keeper/drop_plan.h"

/* 4.10: two clients of one NAT, one without, one with IKEv2; somebody else's between them */
static const char *const four[] = {
	"000 #1: \"lnsd-psk-1\"[2] 10.9.0.2:4500 STATE_MAIN_R3 (IKE SA established); EXPIRE in "
	"15825s; newest; lastdpd=-1s(seq in:0 out:0); idle;",
	"000 #2: \"lnsd-psk-1\"[2] 10.9.0.2:4500 STATE_QUICK_R2 (IPsec SA established); EXPIRE in "
	"3948s; newest; eroute owner; ISAKMP SA #1; idle;",
	"000 #2: \"lnsd-psk-1\"[2] 10.9.0.2 esp.cc659c23@10.9.0.2 esp.eeb53dcf@10.9.0.1 Traffic: "
	"ESPin=0B ESPout=0B ESPmax=2^63B ",
	"000 #3: \"lnsd-psk-1\"[3] 10.9.0.2:32634 STATE_MAIN_R3 (IKE SA established); EXPIRE in "
	"15831s; newest; lastdpd=-1s(seq in:0 out:0); idle;",
	"000 #4: \"lnsd-psk-1\"[3] 10.9.0.2:32634 STATE_QUICK_R2 (IPsec SA established); EXPIRE in "
	"3953s; newest; eroute owner; ISAKMP SA #3; idle;",
	"000 #4: \"lnsd-psk-1\"[3] 10.9.0.2 esp.c0060c3f@10.9.0.2 esp.4c05e8cd@10.9.0.1 Traffic: "
	"ESPin=0B ESPout=0B ESPmax=2^63B ",
	"000 #5: \"office\"[1] 10.9.0.7:500 STATE_MAIN_R3 (IKE SA established); newest; idle;",
	"000 #6: \"office\"[1] 10.9.0.7:500 STATE_QUICK_R2 (IPsec SA established); newest; ISAKMP "
	"SA #5; idle;",
	"000 #6: \"office\"[1] 10.9.0.7 esp.c0060c3f@10.9.0.7 esp.11111111@10.9.0.1 Traffic: ",
	"000 #7: \"lnsd-v2-1\"[2] 10.9.0.3:4500 STATE_V2_ESTABLISHED_IKE_SA (established IKE SA); "
	"EXPIRE in 86397s; newest; idle;",
	"000 #8: \"lnsd-v2-1\"[3] 10.9.0.3:4500 STATE_V2_ESTABLISHED_CHILD_SA (established Child "
	"SA); LIVENESS in 27s; EXPIRE in 86397s; newest; eroute owner; IKE SA #7; idle;",
	"000 #8: \"lnsd-v2-1\"[3] 10.9.0.3 esp.c8e98bf6@10.9.0.3 esp.58fadc07@10.9.0.1 Traffic: "
	"ESPin=0B ESPout=0B ESPmax=2^63B "};

/* 5.2: two SAs of one IKE SA (a rekey); an IKE SA that was renewed after its SA was made */
static const char *const five[] = {
	"#1: \"lnsd-psk-1\"[2] 10.9.0.2:4500 STATE_MAIN_R3 (ISAKMP SA established); newest; idle;",
	"#2: \"lnsd-psk-1\"[2] 10.9.0.2:4500 STATE_QUICK_R2 (IPsec SA established); ISAKMP SA #1; "
	"idle;",
	"#2: \"lnsd-psk-1\"[2] 10.9.0.2 esp.cfa1ef06@10.9.0.2 esp.37403e2a@10.9.0.1 Traffic: ",
	"#3: \"lnsd-psk-1\"[2] 10.9.0.2:4500 STATE_QUICK_R2 (IPsec SA established); ISAKMP SA #1; "
	"idle;",
	"#3: \"lnsd-psk-1\"[2] 10.9.0.2 esp.c018b277@10.9.0.2 esp.e745b6bb@10.9.0.1 Traffic: ",
	"#5: \"lnsd-psk-1\"[4] 10.9.0.5:500 STATE_QUICK_R2 (IPsec SA established); ISAKMP SA #4; "
	"idle;",
	"#5: \"lnsd-psk-1\"[4] 10.9.0.5 esp.c274c8a0@10.9.0.5 esp.acfac3e8@10.9.0.1 Traffic: ",
	"#9: \"lnsd-psk-1\"[4] 10.9.0.5:500 STATE_MAIN_R3 (ISAKMP SA established); newest; idle;"};

#define READ(plan, lines) read_all(plan, lines, sizeof(lines) / sizeof((lines)[0]))

static void
read_all(struct drop_plan *plan, const char *const lines[], size_t count)
{
	*plan = (struct drop_plan){.count = 0};
	for (size_t i = 0; i < count; i++)
		ck_assert(drop_plan_read(plan, lines[i]));
}

/* The numbers picked are these, up to a 0. */
static void
expect(const struct drop_plan *plan, const struct spi_pair *pairs, size_t count,
       const unsigned *want)
{
	unsigned numbers[16];
	size_t n = drop_plan_pick(plan, pairs, count, numbers, 16), i;

	for (i = 0; i < n && want[i]; i++)
		ck_assert_uint_eq(numbers[i], want[i]);
	ck_assert_uint_eq(i, n);
	ck_assert_uint_eq(want[i], 0);
}

START_TEST(pick_takes_the_sa_and_then_its_ike_sa)
{
	static const struct spi_pair second = {.in = 0x4c05e8cd, .out = 0xc0060c3f};
	static const struct spi_pair both[] = {{.in = 0xeeb53dcf}, {.out = 0xc8e98bf6}};
	struct drop_plan plan;

	READ(&plan, four);
	expect(&plan, &second, 1, (unsigned[]){4, 3, 0});
	expect(&plan, both, 2, (unsigned[]){2, 8, 1, 7, 0});
	drop_plan_fini(&plan);
}
END_TEST

START_TEST(pick_leaves_an_ike_sa_that_others_came_from)
{
	static const struct spi_pair one = {.in = 0x37403e2a, .out = 0xcfa1ef06};
	static const struct spi_pair all[] = {{0x37403e2a, 0xcfa1ef06}, {0xe745b6bb, 0xc018b277}};
	struct drop_plan plan;

	READ(&plan, five);
	expect(&plan, &one, 1, (unsigned[]){2, 0});
	expect(&plan, all, 2, (unsigned[]){2, 3, 1, 0});
	drop_plan_fini(&plan);
}
END_TEST

START_TEST(pick_takes_an_ike_sa_that_replaced_the_parent)
{
	static const struct spi_pair pair = {.in = 0xacfac3e8, .out = 0xc274c8a0};
	struct drop_plan plan;

	READ(&plan, five);
	expect(&plan, &pair, 1, (unsigned[]){5, 9, 0});
	drop_plan_fini(&plan);
}
END_TEST

START_TEST(pick_of_unknown_or_foreign_spis_is_empty)
{
	static const struct spi_pair pairs[] = {
		{.in = 0x11111111}, {.in = 0x12345678, .out = 0x9abcdef0}, {0, 0}};
	struct drop_plan plan;

	READ(&plan, four);
	expect(&plan, pairs, 3, (unsigned[]){0});
	drop_plan_fini(&plan);
	READ(&plan, ((const char *const[]){"whack: is Pluto running?", "", "000 "}));
	expect(&plan, pairs, 3, (unsigned[]){0});
	drop_plan_fini(&plan);
}
END_TEST

START_TEST(pick_stops_at_its_bound)
{
	static const struct spi_pair pairs[] = {{.in = 0xeeb53dcf}, {.in = 0x4c05e8cd}};
	struct drop_plan plan;
	unsigned numbers[3] = {0, 0, 77};

	READ(&plan, four);
	ck_assert_uint_eq(drop_plan_pick(&plan, pairs, 2, numbers, 2), 2);
	ck_assert(numbers[0] == 2 && numbers[1] == 4 && numbers[2] == 77);
	drop_plan_fini(&plan);
}
END_TEST

START_TEST(read_of_many_states_goes_on)
{
	struct drop_plan plan = {.count = 0};
	struct spi_pair pair = {.in = 0x20001387};
	char line[160];

	for (unsigned i = 0; i < 5000; i++) {
		snprintf(line, sizeof(line),
			 "#%u: \"lnsd-psk-1\"[%u] 10.9.0.2:4500 STATE_QUICK_R2; ISAKMP SA #%u; "
			 "idle;",
			 i + 1, i + 1, 10000 + i);
		ck_assert(drop_plan_read(&plan, line));
		snprintf(
			line, sizeof(line),
			"#%u: \"lnsd-psk-1\"[%u] 10.9.0.2 esp.%x@10.9.0.2 esp.%x@10.9.0.1 Traffic:",
			i + 1, i + 1, 0x10000000 + i, 0x20000000 + i);
		ck_assert(drop_plan_read(&plan, line));
	}
	ck_assert_uint_eq(plan.count, 5000);
	expect(&plan, &pair, 1, (unsigned[]){5000, 0});
	drop_plan_fini(&plan);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("drop_plan");
	TCase *tc = tcase_create("drop_plan");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, pick_takes_the_sa_and_then_its_ike_sa);
	tcase_add_test(tc, pick_leaves_an_ike_sa_that_others_came_from);
	tcase_add_test(tc, pick_takes_an_ike_sa_that_replaced_the_parent);
	tcase_add_test(tc, pick_of_unknown_or_foreign_spis_is_empty);
	tcase_add_test(tc, pick_stops_at_its_bound);
	tcase_add_test(tc, read_of_many_states_goes_on);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
