/* See spawn_fault.h. The same errno says different things of a pty, a process and a descriptor. */
#include <errno.h>
#include <stddef.h>

#include "keeper/spawn_fault.h"

#define AT_LINE (1u << SPAWN_LINE)
#define AT_PROGRAM (1u << SPAWN_PROGRAM)
#define AT_WATCH (1u << SPAWN_WATCH)
#define ANYWHERE (AT_LINE | AT_PROGRAM | AT_WATCH)

struct fault_row {
	unsigned steps;
	int error;
	struct spawn_fault fault;
};

static const struct fault_row rows[] = {
	{AT_LINE,
	 ENOSPC,
	 {CAUSE_NO_RESOURCES, "no pseudo terminal is left: raise kernel.pty.max "
			      "(/proc/sys/kernel/pty/max)"}},
	{AT_LINE,
	 ENOENT,
	 {CAUSE_PPPD_START, "there are no pseudo terminals: mount devpts on /dev/pts"}},
	{ANYWHERE,
	 EMFILE,
	 {CAUSE_NO_RESOURCES, "lnsd has no descriptor left: raise LimitNOFILE of the unit"}},
	{ANYWHERE,
	 ENFILE,
	 {CAUSE_NO_RESOURCES, "the system has no descriptor left: raise fs.file-max"}},
	{AT_PROGRAM,
	 EAGAIN,
	 {CAUSE_NO_RESOURCES, "no more processes are allowed: raise TasksMax or LimitNPROC of the "
			      "unit, or kernel.pid_max"}},
	{AT_PROGRAM,
	 ENOENT,
	 {CAUSE_PPPD_START, "check ppp.pppd: no such program, or none that its first line names"}},
	{AT_PROGRAM, EACCES, {CAUSE_PPPD_START, "check ppp.pppd: it may not be executed"}},
	{AT_PROGRAM, ENOEXEC, {CAUSE_PPPD_START, "check ppp.pppd: it is no program"}},
	{AT_WATCH,
	 ENOSPC,
	 {CAUSE_NO_RESOURCES, "too much is watched: raise fs.epoll.max_user_watches"}},
	{ANYWHERE, ENOMEM, {CAUSE_NO_RESOURCES, "memory is short"}},
};

static const struct spawn_fault other = {CAUSE_PPPD_START, "check ppp.pppd"};

const struct spawn_fault *
spawn_fault_find(enum spawn_step step, int error)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].steps & 1u << step && rows[i].error == -error)
			return &rows[i].fault;
	return &other;
}
