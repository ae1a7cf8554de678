#include "lnsctl_fixture.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

char tool_dir[64];
char tool_output[65536];

static char program[512];
static pid_t daemon_pid; /* 0: none */

void
tool_begin(void)
{
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 32);
	char leaks[128];

	ck_assert_int_gt(n, 0);
	program[n] = '\0';
	strcpy(strrchr(program, '/'), "/../lnsctl");
	ck_assert_msg(access(program, X_OK) == 0, "%s is not there: run make first", program);
	strcpy(tool_dir, "/tmp/lnsd-lnsctl-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(tool_dir));
	/* OpenSSL's legacy provider, which hashes passwords, keeps what it has */
	tool_file("leaks", 0600, "leak:libcrypto\n");
	snprintf(leaks, sizeof(leaks), "print_suppressions=0:suppressions=%s/leaks", tool_dir);
	setenv("LSAN_OPTIONS", leaks, 1);
	daemon_pid = 0;
}

void
tool_end(void)
{
	char command[128];

	if (daemon_pid > 0) {
		kill(daemon_pid, SIGKILL);
		waitpid(daemon_pid, NULL, 0);
	}
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

void
tool_no_rules(void)
{
	static const char *const names[] = {"ip",
					    "nft",
					    "iptables-save",
					    "ip6tables-save",
					    "iptables-legacy-save",
					    "ip6tables-legacy-save"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		tool_file(names[i], 0700, "#!/bin/sh\n");
}

static void
serve(int listener, const char *answer)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	char request[8192] = "";
	size_t len = 0;

	while (len < sizeof(request) - 1 && !strchr(request, '\n')) {
		ssize_t n = read(fd, request + len, sizeof(request) - 1 - len);

		if (n <= 0)
			break;
		len += (size_t)n;
		request[len] = '\0';
	}
	tool_file("request", 0600, request);
	if (write(fd, answer, strlen(answer)) < 0)
		_exit(1);
	_exit(0);
}

void
tool_daemon(const char *answer)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/ctl", tool_dir);
	unlink(sun.sun_path);
	ck_assert_int_eq(bind(fd, (const struct sockaddr *)&sun, sizeof(sun)), 0);
	ck_assert_int_eq(listen(fd, 4), 0);
	daemon_pid = fork();
	ck_assert_int_ge(daemon_pid, 0);
	if (daemon_pid == 0)
		serve(fd, answer);
	close(fd);
}

void
tool_daemon_ended(void)
{
	int status;

	ck_assert_int_eq(waitpid(daemon_pid, &status, 0), daemon_pid);
	daemon_pid = 0;
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

char *
tool_text(const char *name)
{
	static char text[16384];
	char path[128];
	size_t len = 0;
	FILE *in;

	snprintf(path, sizeof(path), "%s/%s", tool_dir, name);
	in = fopen(path, "re");
	if (in) {
		len = fread(text, 1, sizeof(text) - 1, in);
		fclose(in);
	}
	text[len] = '\0';
	return text;
}
