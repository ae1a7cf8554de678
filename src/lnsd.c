/*
 * lnsd: options, the first configuration, everything that must hold before a process is worth
 * starting, then the fork into keeper and worker. The fork comes before the keeper reads a user's
 * password or the pre-shared key, so that the worker's memory never held one.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "aaa.h"
#include "bundle.h"
#include "ctl.h"
#include "keeper.h"
#include "keeper/ipsec_load.h"
#include "keeper/ipsec_show.h"
#include "keeper/reload.h"
#include "keeper/sockets.h"
#include "keeper/xfrm.h"
#include "log.h"
#include "secret.h"
#include "sink.h"
#include "worker.h"

#define USER_NAME "lnsd"

struct options {
	const char *conf_path;
	bool test, print, debug;
};

static const char usage[] =
	"usage: lnsd [-c FILE] [-t | -p] [-d]\n"
	"  -c, --config FILE  the configuration (" LNSD_SYSCONFDIR "/lnsd/lnsd.conf)\n"
	"  -t, --test         test the configuration, exit 0 or 1\n"
	"  -p, --print        print as JSON what would be written for libreswan, without the key\n"
	"  -d, --debug        log everything\n"
	"  -V, --version      print the version\n"
	"  -h, --help         print this\n";

/* -1: go on; else the exit code */
static int
read_options(struct options *options, int argc, char **argv)
{
	static const struct option longs[] = {{"config", required_argument, NULL, 'c'},
					      {"test", no_argument, NULL, 't'},
					      {"print", no_argument, NULL, 'p'},
					      {"debug", no_argument, NULL, 'd'},
					      {"version", no_argument, NULL, 'V'},
					      {"help", no_argument, NULL, 'h'},
					      {NULL, 0, NULL, 0}};
	int c;

	while ((c = getopt_long(argc, argv, "c:tpdVh", longs, NULL)) != -1) {
		if (c == 'c')
			options->conf_path = optarg;
		else if (c == 't')
			options->test = true;
		else if (c == 'p')
			options->print = true;
		else if (c == 'd')
			options->debug = true;
		else if (c == 'V')
			return puts("lnsd " LNSD_VERSION) < 0;
		else if (c == 'h')
			return fputs(usage, stdout) < 0;
		else
			return fputs(usage, stderr), 2;
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "lnsd: unexpected argument '%s'\n%s", argv[optind], usage);
	return 2;
}

static void
print_errors(const struct conf_errors *errors)
{
	for (size_t i = 0; i < errors->kept; i++) {
		const struct conf_error *error = &errors->list[i];

		if (error->line)
			fprintf(stderr, "%s:%d: %s\n", error->file, error->line, error->text);
		else
			fprintf(stderr, "%s: %s\n", error->file, error->text);
	}
	if (errors->count > errors->kept)
		fprintf(stderr, "and %zu more errors\n", errors->count - errors->kept);
}

/* The bundle is the caller's in any case. */
static struct conf *
read_conf(const char *path, struct bundle *bundle, struct conf_errors *errors)
{
	struct conf *conf = NULL;

	if (bundle_read(bundle, path, errors))
		conf = conf_parse(bundle->files, bundle->count, errors);
	if (conf)
		ipsec_check_proposals(conf, path, errors);
	return conf;
}

static const char *
plugin_path(void)
{
	const char *other = secure_getenv("LNSD_PLUGIN");

	return other && other[0] ? other : LNSD_LIBDIR "/lnsd-pppd.so";
}

static bool
check_pppd(const struct conf *conf)
{
	if (access(conf->ppp.pppd, X_OK) == 0)
		return true;
	log_error("ppp.pppd: %s cannot be executed: %s (apt install ppp)", conf->ppp.pppd,
		  strerror(errno));
	return false;
}

static bool
check_options_file(const struct conf *conf)
{
	if (!conf->ppp.options_file[0] || access(conf->ppp.options_file, R_OK) == 0)
		return true;
	log_error("ppp.options-file: %s cannot be read: %s", conf->ppp.options_file,
		  strerror(errno));
	return false;
}

static bool
check_plugin(const struct conf *conf)
{
	(void)conf;
	if (access(plugin_path(), R_OK) == 0)
		return true;
	log_error("pppd's plugin %s cannot be read: %s (make install puts it there)", plugin_path(),
		  strerror(errno));
	return false;
}

static bool
check_dev_ppp(const struct conf *conf)
{
	int fd = open("/dev/ppp", O_RDWR | O_CLOEXEC | O_NONBLOCK);

	(void)conf;
	if (fd >= 0) {
		close(fd);
		return true;
	}
	log_error("/dev/ppp cannot be opened: %s (modprobe ppp_generic; cloud kernels have no PPP, "
		  "on "
		  "Debian: apt install linux-image-amd64)",
		  strerror(errno));
	return false;
}

static bool
check_user(const struct conf *conf)
{
	const struct passwd *user = getpwnam(USER_NAME);

	(void)conf;
	if (user && user->pw_uid != 0)
		return true;
	if (user)
		log_error("user " USER_NAME
			  " has uid 0: the worker never runs as root; give the user a "
			  "uid of its own");
	else
		log_error("there is no user " USER_NAME " (systemd-sysusers, or: useradd --system "
			  "--no-create-home --shell /usr/sbin/nologin " USER_NAME ")");
	return false;
}

/* Of a tunnel secret that is not there only the peers suffer that need it. */
static void
read_secrets(struct conf *conf)
{
	struct conf_errors faults = {.count = 0};

	secrets_read(conf, &faults);
	for (size_t i = 0; i < faults.kept; i++)
		log_warning("%s: %s", faults.list[i].file, faults.list[i].text);
	conf_errors_fini(&faults);
}

typedef bool check_fn(const struct conf *conf);

/* What must hold, each with a line of its own where it does not. */
static check_fn *const test_checks[] = {check_pppd, check_options_file};
static check_fn *const start_checks[] = {check_pppd, check_options_file, check_plugin,
					 check_dev_ppp, check_user};

static bool
run_checks(check_fn *const *checks, size_t count, const struct conf *conf)
{
	bool ok = true;

	for (size_t i = 0; i < count; i++)
		ok = checks[i](conf) && ok;
	return ok;
}

static int
test(const struct options *options)
{
	struct conf_errors errors = {.count = 0};
	struct bundle bundle;
	struct conf *conf = read_conf(options->conf_path, &bundle, &errors);
	struct users *users = conf ? reload_users(conf, true, &errors, NULL) : NULL;
	bool ok;

	if (conf)
		read_secrets(conf);
	ok = conf && run_checks(test_checks, sizeof(test_checks) / sizeof(test_checks[0]), conf) &&
	     errors.count == 0;

	print_errors(&errors);
	if (ok)
		puts("configuration ok");
	users_free(users);
	conf_free(conf);
	bundle_fini(&bundle);
	conf_errors_fini(&errors);
	return ok ? 0 : 1;
}

static int
print(const struct options *options)
{
	struct conf_errors errors = {.count = 0};
	struct bundle bundle;
	struct conf *conf = read_conf(options->conf_path, &bundle, &errors);
	bool ok = conf && errors.count == 0;

	print_errors(&errors);
	/* on standard output there is nothing but the document */
	log_set_level(LVL_ERROR);
	ok = ok && ipsec_show(conf);
	conf_free(conf);
	bundle_fini(&bundle);
	conf_errors_fini(&errors);
	return ok ? 0 : 1;
}

/* Everything that the two processes start from. */
struct start {
	struct worker_start worker;
	struct keeper_start keeper;
	int wall[2];
	struct conf_socket metrics; /* of the start, as a reload cannot change it */
};

static void
close_worker_fds(const struct worker_start *worker)
{
	for (size_t i = 0; i < worker->udp_count; i++)
		close(worker->udp[i]);
	free(worker->udp);
	close(worker->ctl);
	if (worker->metrics >= 0)
		close(worker->metrics);
}

static bool
open_udp(struct start *start, const struct conf *conf)
{
	struct sockets sockets;

	if (!sockets_udp(&sockets, WORKER_GROUP, conf))
		return false;
	start->worker.udp = sockets.fds;
	start->worker.udp_count = sockets.count;
	start->worker.udp_group = sockets.group;
	start->worker.mark_base = sockets.mark_base;
	start->keeper.marks = sockets.marks;
	return true;
}

/* A second lnsd ends here, before it takes anything from the one that runs. */
static bool
open_control(struct start *start)
{
	const struct passwd *user = getpwnam(USER_NAME);

	start->worker.uid = user->pw_uid;
	start->worker.gid = start->keeper.group = user->pw_gid;
	start->worker.ctl = sockets_ctl(user->pw_gid);
	return start->worker.ctl >= 0;
}

static bool
open_descriptors(struct start *start, const struct conf *conf)
{
	return open_udp(start, conf) &&
	       sockets_metrics(&start->worker.metrics, &start->metrics, start->worker.gid) &&
	       socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, start->wall) ==
		       0;
}

static int
run_worker(struct start *start)
{
	prctl(PR_SET_NAME, "lnsd: worker");
	close(start->wall[0]);
	close(start->keeper.conf_fd);
	start->worker.wall = wall_new(start->wall[1], WALL_FROM_WORKER);
	return start->worker.wall ? worker_main(&start->worker) : 1;
}

static int
run_keeper(struct start *start)
{
	int code;

	close_worker_fds(&start->worker);
	close(start->wall[1]);
	start->keeper.wall = wall_new(start->wall[0], WALL_FROM_KEEPER);
	code = start->keeper.wall ? keeper_main(&start->keeper) : 1;
	sockets_metrics_gone(&start->metrics);
	return code;
}

static bool
guard(const struct conf *conf)
{
	const struct guard policies = xfrm_guard(conf);
	int error = guard_up(&policies);

	/* without IPsec there is nothing to guard */
	if (error == -EPROTONOSUPPORT && !conf->ipsec.require)
		return true;
	if (error == -EPROTONOSUPPORT)
		log_error(
			"the kernel has no XFRM, so L2TP without IPsec cannot be refused: modprobe "
			"xfrm_user, or set ipsec.require = no");
	else if (error)
		log_error("the policies that guard L2TP cannot be installed: %s", strerror(-error));
	return error == 0;
}

static int
serve(const struct options *options, struct conf *conf, int conf_fd)
{
	struct start start = {
		.worker = {.conf = conf, .metrics = -1, .debug = options->debug},
		.keeper = {.conf_path = options->conf_path,
			   .plugin = plugin_path(),
			   .conf = conf,
			   .conf_fd = conf_fd,
			   .debug = options->debug},
		.metrics = conf->metrics.listen,
	};
	const struct guard policies = xfrm_guard(conf);
	pid_t pid;

	if (!open_control(&start))
		return 1;
	/* the guard before the ports: no datagram without ESP ever reaches a socket of ours */
	if (guard(conf)) {
		pid = open_descriptors(&start, conf) ? fork() : -1;
		if (pid == 0)
			return run_worker(&start);
		if (pid > 0) {
			start.keeper.worker_pid = pid;
			return run_keeper(&start);
		}
		guard_down(&policies);
		if (start.worker.metrics >= 0)
			sockets_metrics_gone(&start.metrics);
	}
	close_worker_fds(&start.worker);
	unlink(CTL_PATH);
	return 1;
}

static int
start(const struct options *options)
{
	struct conf_errors errors = {.count = 0};
	struct bundle bundle;
	struct conf *conf = read_conf(options->conf_path, &bundle, &errors);
	bool ok = conf && errors.count == 0;
	int conf_fd;

	print_errors(&errors);
	conf_errors_fini(&errors);
	if (!ok)
		return 1;
	log_set_level(options->debug ? LVL_DEBUG : conf->log.level);
	if (!run_checks(start_checks, sizeof(start_checks) / sizeof(start_checks[0]), conf))
		return 1;
	read_secrets(conf);
	conf_fd = bundle_to_memfd(&bundle, conf);
	bundle_fini(&bundle);
	if (conf_fd < 0) {
		log_error("the configuration cannot be kept: %s", strerror(-conf_fd));
		return 1;
	}
	return serve(options, conf, conf_fd);
}

int
main(int argc, char **argv)
{
	struct options options = {.conf_path = LNSD_SYSCONFDIR "/lnsd/lnsd.conf"};
	int code, null;

	/* started by the keeper, which sees to all the rest */
	if (argc == 2 && strcmp(argv[1], AAA_ARGUMENT) == 0) {
		sink_open();
		return aaa_main();
	}
	code = read_options(&options, argc, argv);

	if (code >= 0)
		return code;
	/* descriptors 0 to 2 must be something harmless: nothing of ours may become them */
	do
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (null >= 0 && null <= STDERR_FILENO);
	if (null >= 0)
		close(null);
	if (geteuid() != 0) {
		fputs("lnsd: must be started as root: systemctl start lnsd\n", stderr);
		return 1;
	}
	sink_open();
	log_set_level(options.debug ? LVL_DEBUG : LVL_INFO);
	signal(SIGPIPE, SIG_IGN);
	if (options.print)
		return print(&options);
	return options.test ? test(&options) : start(&options);
}
