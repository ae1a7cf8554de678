#include "lnsctl/client.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"

static void fail(struct answer *answer, enum exit_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void
fail(struct answer *answer, enum exit_code code, const char *fmt, ...)
{
	va_list ap;

	answer->code = code;
	answer->data = NULL;
	va_start(ap, fmt);
	vsnprintf(answer->error, sizeof(answer->error), fmt, ap);
	va_end(ap);
}

static void
fail_connect(struct answer *answer, const char *path, int error)
{
	if (error == EACCES || error == EPERM)
		fail(answer, CODE_REFUSED,
		     "%s: permission denied (run this as root or as a member of the group lnsd)",
		     path);
	else
		fail(answer, CODE_NO_DAEMON,
		     "lnsd does not answer on %s: %s (start it with: systemctl start lnsd)", path,
		     strerror(error));
}

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* 0 when the descriptor is ready, else a positive errno. */
static int
wait_for(int fd, short events, int ms)
{
	struct pollfd pfd = {.fd = fd, .events = events};
	int64_t end = now_ms() + ms;
	int n;

	do {
		int64_t left = end - now_ms();

		n = poll(&pfd, 1, left > 0 ? (int)left : 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno;
	return n == 0 ? ETIMEDOUT : 0;
}

/* A unix socket whose queue is full says EAGAIN at once: the rest of the time is tried again. */
static int
connect_to(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int64_t end = now_ms() + CLIENT_CONNECT_MS;
	int fd;

	if (strlen(path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	memcpy(sun.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	while (connect(fd, (const struct sockaddr *)&sun, sizeof(sun)) < 0) {
		int error = errno;

		if (error == EAGAIN && now_ms() < end) {
			poll(NULL, 0, 50);
			continue;
		}
		close(fd);
		return error == EAGAIN ? -ETIMEDOUT : -error;
	}
	return fd;
}

static int
send_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		if (n >= 0) {
			text += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			int error = wait_for(fd, POLLOUT, CLIENT_SILENCE_MS);

			if (error)
				return error;
		} else if (errno != EINTR) {
			return errno;
		}
	}
	return 0;
}

/* Reads to the end; *text is the caller's in any case. */
static int
receive_all(int fd, int silence_ms, char **text, size_t *len)
{
	size_t room = 0;

	for (;;) {
		int error;
		ssize_t n;

		if (*len == room) {
			char *more = room < CLIENT_ANSWER_MAX
					     ? realloc(*text, room + room / 2 + 65536)
					     : NULL;

			if (!more)
				return room < CLIENT_ANSWER_MAX ? ENOMEM : EMSGSIZE;
			*text = more;
			room += room / 2 + 65536;
		}
		error = wait_for(fd, POLLIN, silence_ms);
		if (error)
			return error;
		n = recv(fd, *text + *len, room - *len, 0);
		if (n == 0)
			return 0;
		if (n > 0)
			*len += (size_t)n;
		else if (errno != EAGAIN && errno != EINTR)
			return errno;
	}
}

static void
read_answer(struct answer *answer, const char *text, size_t len)
{
	json_t *root = json_loadb(text, len, 0, NULL);
	json_t *ok = json_object_get(root, "ok"), *data = json_object_get(root, "data");
	const char *error = json_string_value(json_object_get(root, "error"));

	if (json_is_true(ok) && data) {
		answer->code = CODE_DONE;
		answer->data = json_incref(data);
	} else if (json_is_false(ok) && error) {
		fail(answer, CODE_REFUSED, "%s", error);
	} else {
		fail(answer, CODE_REFUSED,
		     "lnsd's answer is not understood (are lnsd and lnsctl of one version?)");
	}
	json_decref(root);
}

static void
fail_silent(struct answer *answer, const struct settings *settings, int error)
{
	fail(answer, CODE_NO_DAEMON, "lnsd does not answer on %s: %s (see: systemctl status lnsd)",
	     settings->socket, strerror(error));
}

int
client_open(const struct settings *settings, json_t *request, struct answer *answer)
{
	char *line = request ? json_dumps(request, JSON_COMPACT) : NULL;
	int fd = -1, error;

	json_decref(request);
	memset(answer, 0, sizeof(*answer));
	if (!line || strlen(line) >= CTL_REQUEST_MAX) {
		fail(answer, CODE_USAGE, "the argument is too long, or not UTF-8");
		goto out;
	}
	fd = connect_to(settings->socket);
	if (fd < 0) {
		fail_connect(answer, settings->socket, -fd);
		goto out;
	}
	error = send_all(fd, line, strlen(line));
	if (!error)
		error = send_all(fd, "\n", 1);
	if (error) {
		fail_silent(answer, settings, error);
		close(fd);
		fd = -1;
	}
out:
	free(line);
	return fd;
}

void
client_read(struct answer *answer, const char *text, size_t len)
{
	memset(answer, 0, sizeof(*answer));
	if (len == 0)
		fail(answer, CODE_NO_DAEMON,
		     "lnsd hung up without an answer (see: journalctl -u lnsd)");
	else
		read_answer(answer, text, len);
}

void
client_request(const struct settings *settings, json_t *request, int silence_ms,
	       struct answer *answer)
{
	int fd = client_open(settings, request, answer), error;
	char *text = NULL;
	size_t len = 0;

	if (fd < 0)
		return;
	error = receive_all(fd, silence_ms, &text, &len);
	if (error)
		fail_silent(answer, settings, error);
	else
		client_read(answer, text, len);
	close(fd);
	free(text);
}

void
client_ask(const struct settings *settings, const char *verb, const char *arg,
	   struct answer *answer)
{
	client_request(settings, json_pack("{s:s, s:s*}", "verb", verb, "arg", arg),
		       CLIENT_SILENCE_MS, answer);
}

json_t *
client_fetch(const struct settings *settings, const char *verb, const char *arg,
	     enum exit_code *code)
{
	struct answer answer;

	client_ask(settings, verb, arg, &answer);
	*code = answer.code;
	if (answer.code != CODE_DONE)
		complain("%s", answer.error);
	return answer.data;
}
