/*
 * A scripted LAC for tests:
 *	lac HOST PORT STEP...
 * Each step is done in turn; what happens is printed, one line an event. 0: all came to their end.
 * See tests/lac/lac.h.
 */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lac/lac.h"

static volatile sig_atomic_t told_to_end; /* by a signal; a test program's only global */

static void
on_signal(int number)
{
	(void)number;
	told_to_end = 1;
}

/* Forgets the last session without a word. */
static bool
do_forget(struct lac *lac, const char *arg)
{
	(void)arg;
	if (lac->count)
		lac->count--;
	return true;
}

/* Answers until the other end or a signal ends it. */
static bool
do_serve(struct lac *lac, const char *arg)
{
	(void)arg;
	printf("serving\n");
	while (!told_to_end && !lac->stopped)
		lac_take(lac, 200);
	return true;
}

static bool
do_sleep(struct lac *lac, const char *arg)
{
	long until = lac_now_ms() + atoi(arg);

	while (lac_now_ms() < until && !lac->stopped)
		lac_take(lac, until - lac_now_ms());
	return true;
}

/* Answers until there is such a file. */
static bool
do_until(struct lac *lac, const char *arg)
{
	while (access(arg, F_OK) < 0 && !told_to_end && !lac->stopped)
		lac_take(lac, 50);
	return !told_to_end && !lac->stopped;
}

/* Sends again after so many milliseconds. */
static bool
do_again(struct lac *lac, const char *arg)
{
	lac->again_ms = atoi(arg);
	return lac->again_ms > 0;
}

/* Waits so many milliseconds for an answer. */
static bool
do_patience(struct lac *lac, const char *arg)
{
	lac->wait_ms = atoi(arg);
	return lac->wait_ms > 0;
}

/* Is so many milliseconds away. */
static bool
do_away(struct lac *lac, const char *arg)
{
	lac->away_ms = atoi(arg);
	return lac->away_ms > 0;
}

/* The tunnel's; from here on. */
static bool
do_secret(struct lac *lac, const char *arg)
{
	snprintf(lac->secret, sizeof(lac->secret), "%s", arg);
	return *arg != 0;
}

static const struct step {
	const char *name; /* "name" or "name:ARG" */
	bool (*fn)(struct lac *lac, const char *arg);
} steps[] = {
	{"tunnel", lac_tunnel},	   {"listen", lac_listen},
	{"session", lac_session},  {"call", lac_call},
	{"pppd", lac_pppd},	   {"calling", lac_calling},
	{"called", lac_called},	   {"answer", lac_answer},
	{"accept", lac_accept},	   {"refused", lac_refused},
	{"proxy", lac_proxy},	   {"echo", lac_echo},
	{"flow", lac_flow},	   {"say", lac_say},
	{"push", lac_push},	   {"cdn", lac_cdn},
	{"stop", lac_stop},	   {"forget", do_forget},
	{"serve", do_serve},	   {"sleep", do_sleep},
	{"until", do_until},	   {"again", do_again},
	{"patience", do_patience}, {"away", do_away},
	{"secret", do_secret},	   {"sub-address", lac_sub_address},
	{"framing", lac_framing},  {"dial", lac_dial},
	{"ping", lac_ping},
};

static bool
run_step(struct lac *lac, const char *text)
{
	size_t len = strcspn(text, ":");
	const char *arg = text[len] ? text + len + 1 : "";

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (strlen(steps[i].name) == len && strncmp(steps[i].name, text, len) == 0)
			return steps[i].fn(lac, arg);
	}
	fprintf(stderr, "lac: no step '%s'\n", text);
	exit(2);
}

static int
connect_to(const char *host, const char *port)
{
	/* on a busy machine it has to wait for its turn: what comes meanwhile is not the server's
	 * loss */
	const int room = 8 << 20;
	const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_DGRAM};
	struct addrinfo *found;
	int fd = -1;

	if (getaddrinfo(host, port, &hints, &found) != 0)
		return -1;
	fd = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) < 0) {
		close(fd);
		fd = -1;
	}
	freeaddrinfo(found);
	return fd;
}

int
main(int argc, char **argv)
{
	struct lac lac = {.again_ms = 400, .wait_ms = 5000, .told_to_end = &told_to_end};
	bool ok = true;

	if (argc < 4) {
		fprintf(stderr, "usage: lac HOST PORT STEP...\n");
		return 2;
	}
	signal(SIGTERM, on_signal);
	lac.tid = (uint16_t)(getpid() % 60000 + 1);
	lac.fd = connect_to(argv[1], argv[2]);
	if (lac.fd < 0) {
		perror("lac");
		return 1;
	}
	for (int i = 3; ok && i < argc; i++) {
		ok = run_step(&lac, argv[i]);
		if (!ok)
			printf("failed %s\n", argv[i]);
	}
	close(lac.fd);
	return !ok;
}
