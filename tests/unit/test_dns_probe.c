/* Name servers that answer, and one that does not. */
#include "lnsctl/dns_probe.h"

#include <check.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A name server of this machine that answers once; false: port 53 is somebody's, or not for us. */
static bool
name_server(pid_t *pid)
{
	struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(53)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (const struct sockaddr *)&here, sizeof(here)) < 0) {
		close(fd);
		return false;
	}
	*pid = fork();
	if (*pid == 0) {
		struct sockaddr_in from;
		socklen_t len = sizeof(from);
		unsigned char bytes[512];
		ssize_t n = recvfrom(fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &len);

		bytes[2] |= 0x80;
		_exit(n < 12 ||
		      sendto(fd, bytes, (size_t)n, 0, (struct sockaddr *)&from, len) != n);
	}
	close(fd);
	return true;
}

static struct conf *
conf_with(uint32_t address)
{
	struct conf_errors errors = {.count = 0};
	struct conf *conf = conf_parse(NULL, 0, &errors);

	ck_assert_ptr_nonnull(conf);
	conf_errors_fini(&errors);
	conf->network.dns[0] = address;
	conf->network.dns_count = 1;
	return conf;
}

START_TEST(dns_probe_hears_who_answers_and_who_does_not)
{
	struct conf *conf = conf_with(INADDR_LOOPBACK);
	char address[64] = "";
	pid_t pid;

	if (name_server(&pid)) {
		ck_assert(!dns_probe_silent(conf, address, sizeof(address)));
		ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
		ck_assert(dns_probe_silent(conf, address, sizeof(address)));
		ck_assert_str_eq(address, "127.0.0.1");
	}
	conf_free(conf);
}
END_TEST

/* It is there only while a session is. */
START_TEST(dns_probe_does_not_ask_the_gateway_itself)
{
	struct conf *conf = conf_with(0x0a630001);
	char address[64];

	ck_assert_uint_eq(conf->network.gateway, 0x0a630001);
	ck_assert(!dns_probe_silent(conf, address, sizeof(address)));
	conf->network.dns_count = 0;
	ck_assert(!dns_probe_silent(conf, address, sizeof(address)));
	conf_free(conf);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("dns_probe");
	TCase *tc = tcase_create("dns_probe");
	SRunner *sr;
	int failed;

	tcase_add_test(tc, dns_probe_hears_who_answers_and_who_does_not);
	tcase_add_test(tc, dns_probe_does_not_ask_the_gateway_itself);
	suite_add_tcase(s, tc);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? 1 : 0;
}
