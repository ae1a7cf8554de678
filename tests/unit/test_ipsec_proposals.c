/* Which proposals go into libreswan's file, by what `ipsec algparse` says, or does not say. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "keeper/ipsec_proposals.h"
#include "unit.h"

/* What stands in for the program: the answer about proposals with this word in them; 0 for all
 * others. */
static struct {
	const char *word;
	int code; /* as command_run() gives it */
	unsigned asked;
} algparse;

/* What the linker calls in place of the real one. */
#define WRAP(name, ...)                                                                            \
	int __wrap_##name(__VA_ARGS__);                                                            \
	int __wrap_##name(__VA_ARGS__)

WRAP(command_run, const char *const argv[], int ms, command_line_fn *fn, void *ctx)
{
	ck_assert_str_eq(argv[1], "algparse");
	ck_assert_int_gt(ms, 0);
	algparse.asked++;
	if (!strstr(argv[3], algparse.word))
		return 0;
	if (algparse.code > 0)
		fn(ctx, "ipsec algparse: ERROR: it is not built in");
	return algparse.code;
}

static bool
pick(struct ipsec_plan *plan, const char *ike, const char *esp, const char *word, int code)
{
	struct conf conf = {.ipsec = {.profile = PROFILE_COMPATIBLE}};

	snprintf(conf.ipsec.ike, sizeof(conf.ipsec.ike), "%s", ike);
	snprintf(conf.ipsec.esp, sizeof(conf.ipsec.esp), "%s", esp);
	algparse.word = word;
	algparse.code = code;
	*plan = (struct ipsec_plan){.count = 1};
	return ipsec_pick_proposals(plan, "/sbin/ipsec", &conf);
}

START_TEST(proposals_that_are_supported_all_stay)
{
	struct ipsec_plan plan;

	ck_assert(pick(&plan, "aes256-sha2, aes128-sha1", "aes_gcm", "none", 0));
	ck_assert_str_eq(plan.v1.ike, "aes256-sha2,aes128-sha1");
	ck_assert_str_eq(plan.v1.esp, "aes_gcm");
}
END_TEST

START_TEST(proposal_that_is_refused_is_left_out)
{
	struct ipsec_plan plan;

	ck_assert(pick(&plan, "aes256-sha2,3des-sha1", "aes_gcm", "3des", 1));
	ck_assert_str_eq(plan.v1.ike, "aes256-sha2");
}
END_TEST

START_TEST(proposals_that_are_all_refused_make_no_plan)
{
	struct ipsec_plan plan;

	ck_assert(!pick(&plan, "3des-sha1", "aes_gcm", "3des", 1));
}
END_TEST

/* A shorter list would be another file, and loading it would end everybody's SAs. */
START_TEST(proposal_without_an_answer_in_time_makes_no_plan)
{
	struct ipsec_plan plan;

	ck_assert(!pick(&plan, "aes256-sha2,3des-sha1", "aes_gcm", "3des", -ETIMEDOUT));
	ck_assert(!pick(&plan, "3des-sha1,aes256-sha2", "aes_gcm", "3des", -ETIMEDOUT));
	ck_assert(!pick(&plan, "aes256-sha2", "aes_gcm,3des", "3des", -ETIMEDOUT));
}
END_TEST

START_TEST(proposal_whose_check_was_killed_makes_no_plan)
{
	struct ipsec_plan plan;

	ck_assert(!pick(&plan, "aes256-sha2,3des-sha1", "aes_gcm", "3des", 128 + 9));
}
END_TEST

START_TEST(proposal_of_the_administrator_that_is_refused_is_an_error)
{
	struct conf_errors errors = {0};

	algparse.word = "3des";
	algparse.code = 1;
	ipsec_try_proposals("/sbin/ipsec", "ike", "aes256-sha2,3des-sha1", "lnsd.conf", &errors);
	ck_assert_uint_eq(errors.kept, 1);
	ck_assert_str_eq(errors.list[0].text, "[ipsec] ike: '3des-sha1' is refused by libreswan: "
					      "it is not built in");
	conf_errors_fini(&errors);
}
END_TEST

START_TEST(proposal_of_the_administrator_without_an_answer_is_not_called_refused)
{
	struct conf_errors errors = {0};

	algparse.word = "3des";
	algparse.code = -ETIMEDOUT;
	ipsec_try_proposals("/sbin/ipsec", "ike", "aes256-sha2,3des-sha1", "lnsd.conf", &errors);
	ck_assert_uint_eq(errors.kept, 1);
	ck_assert_ptr_null(strstr(errors.list[0].text, "refused"));
	ck_assert_ptr_nonnull(strstr(errors.list[0].text, "'3des-sha1'"));
	conf_errors_fini(&errors);
}
END_TEST

static bool
legacy_refused(const char *ike, int code, char why[IPSEC_WHY_MAX])
{
	struct conf conf = {.ipsec = {.profile = PROFILE_LEGACY}};

	snprintf(conf.ipsec.ike, sizeof(conf.ipsec.ike), "%s", ike);
	algparse.word = "modp1024";
	algparse.code = code;
	return ipsec_profile_refused("/sbin/ipsec", &conf, why);
}

START_TEST(profile_that_libreswan_was_built_without_is_refused)
{
	char why[IPSEC_WHY_MAX];

	ck_assert(legacy_refused("", 1, why));
	ck_assert_str_eq(why, "'legacy' is of no use with this libreswan, which refuses "
			      "ike=aes256-sha1;modp1024: it is not built in");
	ck_assert(!legacy_refused("", 0, why));
	/* nothing was said */
	ck_assert(!legacy_refused("", -ETIMEDOUT, why));
	ck_assert(!legacy_refused("aes256-sha2", 1, why));
}
END_TEST

START_TEST(profile_with_all_that_it_has_makes_a_plan)
{
	struct conf conf = {.ipsec = {.profile = PROFILE_LEGACY}};
	struct ipsec_plan plan = {.count = 1};

	algparse.word = "none";
	algparse.code = 0;
	ck_assert(ipsec_pick_proposals(&plan, "/sbin/ipsec", &conf));
	ck_assert_str_eq(plan.v1.ike, conf_profile_ike(PROFILE_LEGACY));
	ck_assert_str_eq(plan.v1.esp, conf_profile_esp(PROFILE_LEGACY));
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		proposals_that_are_supported_all_stay,
		proposal_that_is_refused_is_left_out,
		proposals_that_are_all_refused_make_no_plan,
		proposal_without_an_answer_in_time_makes_no_plan,
		proposal_whose_check_was_killed_makes_no_plan,
		proposal_of_the_administrator_that_is_refused_is_an_error,
		proposal_of_the_administrator_without_an_answer_is_not_called_refused,
		profile_that_libreswan_was_built_without_is_refused,
		profile_with_all_that_it_has_makes_a_plan,
	};

	return unit_run("ipsec_proposals", tests, sizeof(tests) / sizeof(tests[0]));
}
