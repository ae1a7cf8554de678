#include "lnsctl_fixture.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

char tool_dir[64];
char tool_output[65536];

static char program[512];

void
tool_begin(void)
{
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 32);

	ck_assert_int_gt(n, 0);
	program[n] = '\0';
	strcpy(strrchr(program, '/'), "/../lnsctl");
	ck_assert_msg(access(program, X_OK) == 0, "%s is not there: run make first", program);
	strcpy(tool_dir, "/tmp/lnsd-lnsctl-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(tool_dir));
}

void
tool_end(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", tool_dir);
	ck_assert_int_eq(system(command), 0);
}

void
tool_file(const char *name, mode_t mode, const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", tool_dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

int
tool_run(const char *arguments)
{
	char command[2048];
	FILE *pipe;
	size_t len;
	int status;

	snprintf(command, sizeof(command), "PATH=%s:$PATH %s 2>&1 --socket %s/ctl %s", tool_dir,
		 program, tool_dir, arguments);
	pipe = popen(command, "re");
	ck_assert_ptr_nonnull(pipe);
	len = fread(tool_output, 1, sizeof(tool_output) - 1, pipe);
	tool_output[len] = '\0';
	status = pclose(pipe);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}
