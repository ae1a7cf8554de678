/* What is taken for pluto's state: `ipsec whack --status` to its end, or nothing. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "command.h"
#include "keeper/ipsec_host.h"
#include "unit.h"

#define VERSION "000 pluto_version=4.10, pluto_vendorid=OE-Libreswan-4.10, audit-log=yes"
#define CONN "000 \"lnsd-psk-1\": 10.9.0.1/32:UDP/1701===10.9.0.1...%any; unrouted;"
#define TOTAL "000 Total IPsec connections: loaded 1, active 0"

/* What stands in for the program. */
static struct {
	const char *status[4];
	int code; /* of --status, as command_run() gives it */
} whack;

/* What the linker calls in place of the real one. */
#define WRAP(name, ...)                                                                            \
	int __wrap_##name(__VA_ARGS__);                                                            \
	int __wrap_##name(__VA_ARGS__)

WRAP(command_run, const char *const argv[], int ms, command_line_fn *fn, void *ctx)
{
	bool status = strcmp(argv[2], "--status") == 0;

	ck_assert_int_gt(ms, 0);
	ck_assert_str_eq(argv[1], "whack");
	for (size_t i = 0; status && whack.status[i]; i++)
		fn(ctx, whack.status[i]);
	return status ? whack.code : 0;
}

START_TEST(status_that_is_whole_is_taken)
{
	struct pluto_state pluto;

	whack.status[0] = VERSION;
	whack.status[1] = CONN;
	whack.status[2] = TOTAL;
	ck_assert(ipsec_host_pluto("/sbin/ipsec", &pluto));
	ck_assert(pluto_conns_have(&pluto.conns, 0));
}
END_TEST

/* A conn that is there already would be taken for missing and added, which ends its clients' SAs.
 */
START_TEST(status_that_stops_half_way_is_no_answer)
{
	struct pluto_state pluto;

	whack.status[0] = VERSION;
	ck_assert(!ipsec_host_pluto("/sbin/ipsec", &pluto));
	whack.status[1] = CONN;
	ck_assert(!ipsec_host_pluto("/sbin/ipsec", &pluto));
}
END_TEST

START_TEST(status_that_ends_badly_is_no_answer)
{
	static const int codes[] = {1, 128 + 9, -ETIMEDOUT};
	struct pluto_state pluto;

	whack.status[0] = VERSION;
	whack.status[1] = TOTAL;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		whack.code = codes[i];
		ck_assert(!ipsec_host_pluto("/sbin/ipsec", &pluto));
	}
}
END_TEST

START_TEST(status_of_nobody_is_no_answer)
{
	struct pluto_state pluto;

	whack.status[0] = TOTAL;
	ck_assert(!ipsec_host_pluto("/sbin/ipsec", &pluto));
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		status_that_is_whole_is_taken,
		status_that_stops_half_way_is_no_answer,
		status_that_ends_badly_is_no_answer,
		status_of_nobody_is_no_answer,
	};

	return unit_run("ipsec_host", tests, sizeof(tests) / sizeof(tests[0]));
}
