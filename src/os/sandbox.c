/* Privileges, and the filter of system calls. */
#include "sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/ppp-ioctl.h>
#include <netinet/udp.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"

/* ── identity ───────────────────────────────────────────────────────────────────────────── */

/* As many descriptors as there may be: one for each session. Must come before the privileges go. */
static void
set_limits(void)
{
	const struct rlimit none = {0, 0};
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_NPROC, &none);
}

/* All sets empty (but the one capability), the user not changeable: what the kernel says, not what
 * we asked for. */
static bool
holds(const struct sandbox *sandbox)
{
	uid_t r, e, s;
	gid_t rg, eg, sg;

	if (getresuid(&r, &e, &s) < 0 || r != sandbox->uid || e != r || s != r)
		return false;
	if (getresgid(&rg, &eg, &sg) < 0 || rg != sandbox->gid || eg != rg || sg != rg)
		return false;
	if (getgroups(0, NULL) != 0 || setuid(0) == 0 || setgid(0) == 0)
		return false;
	if (capng_get_caps_process() != 0 ||
	    (capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_RAW) != 0) != sandbox->raw)
		return false;
	capng_update(CAPNG_DROP, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_RAW);
	return capng_have_capabilities(CAPNG_SELECT_ALL) == CAPNG_NONE &&
	       prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

bool
sandbox_drop(const struct sandbox *sandbox)
{
	int error;

	if (sandbox->uid == 0) {
		log_error("user lnsd has uid 0: the %s never runs as root; give the user "
			  "'lnsd' a uid of its own (systemd-sysusers, or useradd --system lnsd)",
			  sandbox->name);
		return false;
	}
	set_limits();
	capng_clear(CAPNG_SELECT_ALL);
	if (sandbox->raw)
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_RAW);
	error = capng_change_id((int)sandbox->uid, (int)sandbox->gid,
				CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING);
	if (error) {
		log_error("%s: cannot give up root's privileges (libcap-ng %d, %s): run lnsd as "
			  "root with CAP_SETUID, CAP_SETGID and CAP_SETPCAP",
			  sandbox->name, error, strerror(errno));
		return false;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    !holds(sandbox)) {
		log_error("%s: root's privileges are not all gone, refusing to run", sandbox->name);
		return false;
	}
	return true;
}

/* ── system calls ───────────────────────────────────────────────────────────────────────── */

/* What every process does, and what libc and libcrypto do for it. */
static const int allowed[] = {
	/* the other processes, the log */
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendmsg),
	SCMP_SYS(recvfrom),
	SCMP_SYS(sendto),
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(close),
	SCMP_SYS(fcntl),
	/* time */
	SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(restart_syscall),
	/* files that are open; newfstatat has a rule of its own below */
	SCMP_SYS(fstat),
	SCMP_SYS(lseek),
	SCMP_SYS(pread64),
	/* memory; mmap and mprotect have rules of their own below */
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(getrandom),
	SCMP_SYS(sysinfo), /* qsort() of a long list asks how much memory there is */
	/* the end, also by abort() */
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(tgkill),
	/* what some of these are called on 32-bit machines */
	SCMP_SYS(clock_gettime64),
	SCMP_SYS(futex_time64),
	SCMP_SYS(fcntl64),
	SCMP_SYS(fstat64),
	SCMP_SYS(_llseek),
};

#if defined(__has_feature)
#define HAS_FEATURE(x) __has_feature(x)
#else
#define HAS_FEATURE(x) 0
#endif

/* A sanitizer's runtime reads its maps and names its findings: for tests only. */
static const int allowed_sanitized[] = {
#if defined(__SANITIZE_ADDRESS__) || HAS_FEATURE(address_sanitizer)
	SCMP_SYS(openat),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(stat),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(sched_yield),
	SCMP_SYS(getrusage),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(prlimit64),
	SCMP_SYS(ioctl),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(access),
#endif
	SCMP_SYS(exit_group),
};

/* A call that this machine's kernel does not have needs no rule. */
static int
allow_if(scmp_filter_ctx filter, int call, unsigned count, const struct scmp_arg_cmp *args)
{
	int error = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, count, args);

	return error == -EDOM ? 0 : error;
}

static int
allow_all(scmp_filter_ctx filter, const int *calls, size_t count)
{
	int error = 0;

	for (size_t i = 0; i < count && !error; i++)
		error = allow_if(filter, calls[i], 0, NULL);
	return error;
}

static int
allow_some(scmp_filter_ctx filter)
{
	/* memory for data, never for code */
	const struct scmp_arg_cmp data = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	/* how libc says fstat() */
	const struct scmp_arg_cmp by_fd = SCMP_A3(SCMP_CMP_EQ, AT_EMPTY_PATH, 0);
	/* what has passed through a session in the kernel */
	const struct scmp_arg_cmp counters = SCMP_A1(SCMP_CMP_EQ, PPPIOCGL2TPSTATS, 0);
	/* checksums off and on */
	const struct scmp_arg_cmp no_check[] = {SCMP_A1(SCMP_CMP_EQ, SOL_SOCKET, 0),
						SCMP_A2(SCMP_CMP_EQ, SO_NO_CHECK, 0)};
	/* and trains of datagrams */
	const struct scmp_arg_cmp trains[] = {SCMP_A1(SCMP_CMP_EQ, SOL_UDP, 0),
					      SCMP_A2(SCMP_CMP_EQ, UDP_GRO, 0)};
	int error = allow_if(filter, SCMP_SYS(mmap), 1, &data);

	if (!error)
		error = allow_if(filter, SCMP_SYS(mmap2), 1, &data);
	if (!error)
		error = allow_if(filter, SCMP_SYS(mprotect), 1, &data);
	if (!error)
		error = allow_if(filter, SCMP_SYS(newfstatat), 1, &by_fd);
	if (!error)
		error = allow_if(filter, SCMP_SYS(setsockopt), 2, no_check);
	if (!error)
		error = allow_if(filter, SCMP_SYS(setsockopt), 2, trains);
	if (!error)
		error = allow_if(filter, SCMP_SYS(ioctl), 1, &counters);
	return error;
}

/* evhttp asks how much there is to read. And it wants the name of each client's address, which with
 * an IPv6 link-local one makes libc ask a socket for the interface: it gets an error for it. */
static int
allow_http(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp how_much = SCMP_A1(SCMP_CMP_EQ, FIONREAD, 0);
	int error = allow_if(filter, SCMP_SYS(ioctl), 1, &how_much);

	if (!error)
		error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(socket), 0);
	return error;
}

bool
sandbox_seal(const struct sandbox *sandbox)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int error = filter ? 0 : -ENOMEM;

	if (!error)
		error = allow_all(filter, allowed, sizeof(allowed) / sizeof(allowed[0]));
	if (!error)
		error = allow_all(filter, sandbox->calls, sandbox->count);
	if (!error)
		error = allow_all(filter, allowed_sanitized,
				  sizeof(allowed_sanitized) / sizeof(allowed_sanitized[0]));
	if (!error)
		error = allow_some(filter);
	if (!error && sandbox->http)
		error = allow_http(filter);
	if (!error)
		error = seccomp_load(filter);
	seccomp_release(filter);
	if (error)
		log_error("%s: cannot close the sandbox (seccomp: %s): the kernel needs "
			  "CONFIG_SECCOMP_FILTER",
			  sandbox->name, strerror(-error));
	return !error;
}
