/*
 * Runs a command on a kernel that lacks something:
 *	without THING[,THING...] COMMAND [ARGUMENT...]
 * rcvmark: SO_RCVMARK, as before Linux 5.19; groups: SO_ATTACH_REUSEPORT_CBPF, as before 4.5;
 * processes: room for one more, when a program is to be started; l2tp: PPPoL2TP sockets, as without
 * their module; lines: one that can be set up.
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
#ifndef AF_PPPOX
#define AF_PPPOX 24
#endif

/* The call fails with this error when its arguments from the first on are these; 0: any. */
static const struct {
	const char *name;
	int call, error;
	scmp_datum_t args[3];
} things[] = {
	{"rcvmark", SCMP_SYS(setsockopt), ENOPROTOOPT, {0, SOL_SOCKET, SO_RCVMARK}},
	{"groups", SCMP_SYS(setsockopt), ENOPROTOOPT, {0, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF}},
	{"l2tp", SCMP_SYS(socket), EAFNOSUPPORT, {AF_PPPOX}},
	{"lines", SCMP_SYS(setsockopt), EPERM, {0, SOL_PPPOL2TP}},
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

static bool
take_away(scmp_filter_ctx filter, const char *name)
{
	if (strcmp(name, "processes") == 0)
		return take_processes(filter);
	for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++) {
		struct scmp_arg_cmp args[3];
		unsigned count = 0;

		if (strcmp(name, things[i].name) != 0)
			continue;
		for (unsigned arg = 0; arg < 3; arg++)
			if (things[i].args[arg])
				args[count++] = SCMP_CMP(arg, SCMP_CMP_EQ, things[i].args[arg], 0);
		return seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(things[i].error),
					      things[i].call, count, args) == 0;
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
