/*
 * Runs a command on a kernel that lacks something:
 *	without THING[,THING...] COMMAND [ARGUMENT...]
 * rcvmark: SO_RCVMARK, as before Linux 5.19; groups: SO_ATTACH_REUSEPORT_CBPF, as before 4.5;
 * processes: room for one more, when a program is to be started.
 */
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SO_RCVMARK
#define SO_RCVMARK 75
#endif

static const struct {
	const char *name;
	int option;
} things[] = {
	{"rcvmark", SO_RCVMARK},
	{"groups", SO_ATTACH_REUSEPORT_CBPF},
};

/* posix_spawn() fails with EAGAIN, and fork() does not. The flags of clone3() are in memory, where
 * no filter sees them: without it, libc calls clone(). */
static bool
take_processes(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp vfork = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_VFORK, CLONE_VFORK);

	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 &&
	       seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAGAIN), SCMP_SYS(clone), 1, vfork) == 0;
}

/* setsockopt() of it fails with ENOPROTOOPT. */
static bool
take_away(scmp_filter_ctx filter, const char *name)
{
	if (strcmp(name, "processes") == 0)
		return take_processes(filter);
	for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++) {
		const struct scmp_arg_cmp level = SCMP_A1(SCMP_CMP_EQ, SOL_SOCKET, 0);
		const struct scmp_arg_cmp option =
			SCMP_A2(SCMP_CMP_EQ, (scmp_datum_t)things[i].option, 0);

		if (strcmp(name, things[i].name) == 0)
			return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOPROTOOPT),
						SCMP_SYS(setsockopt), 2, level, option) == 0;
	}
	fprintf(stderr, "without: what is '%s'?\n", name);
	return false;
}

int
main(int argc, char **argv)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	char *rest = argc > 2 ? argv[1] : NULL, *name;

	if (!filter || !rest) {
		fputs("usage: without THING[,THING...] COMMAND [ARGUMENT...]\n", stderr);
		return 2;
	}
	/* root stays root: pppd and others change their user */
	if (geteuid() == 0)
		seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);
	while ((name = strsep(&rest, ",")) != NULL)
		if (!take_away(filter, name))
			return 2;
	if (seccomp_load(filter) < 0) {
		fputs("without: the filter cannot be loaded\n", stderr);
		return 2;
	}
	seccomp_release(filter);
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 127;
}
