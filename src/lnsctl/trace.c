/* Control messages of a peer or user as they pass, or as they were; on the screen or in a file. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lnsctl/client.h"
#include "lnsctl/field.h"
#include "lnsctl/lnsctl.h"
#include "lnsctl/messages.h"
#include "lnsctl/pcapng.h"
#include "lnsctl/table.h"
#include "lnsctl/until.h"
#include "lnsctl/whole.h"

/* A line of the daemon's: a datagram of 2,048 bytes in hexadecimal, or a tunnel's last messages */
#define LINE_MAX_BYTES 65536

struct listener {
	const struct settings *settings;
	int fd;
	FILE *pcap;
	const char *pcap_name;
	bool greeted;
	uint64_t shown, left_out;
	char line[LINE_MAX_BYTES];
	size_t len;
};

/* ── a file ─────────────────────────────────────────────────────────────────────────────── */

static bool
take_end(struct pcapng_end *end, const json_t *object, const char *host, const char *port)
{
	const char *text = field_text(object, host);

	*end = (struct pcapng_end){.family = strchr(text, ':') ? 6 : 4,
				   .port = (uint16_t)field_number(object, port)};
	return inet_pton(end->family == 6 ? AF_INET6 : AF_INET, text, end->ip) == 1;
}

/* Whole, or the file ends before it. */
static bool
put_datagram(FILE *pcap, const struct pcapng_datagram *datagram)
{
	off_t end = ftello(pcap);
	int error;

	if (pcapng_add(pcap, datagram) && fflush(pcap) == 0)
		return true;
	error = errno;
	__fpurge(pcap);
	if (end < 0 || ftruncate(fileno(pcap), end) == 0)
		errno = error;
	return false;
}

static bool
write_pcap(struct listener *listener, const json_t *object)
{
	uint8_t bytes[MESSAGE_BYTES_MAX];
	struct pcapng_datagram datagram = {
		.time_us = (uint64_t)field_number(object, "time_us"),
		.out = strcmp(field_text(object, "direction"), "out") == 0,
		.bytes = bytes,
		.len = messages_bytes(bytes, object),
		.whole = (size_t)field_number(object, "length"),
	};
	struct pcapng_end peer, local;

	if (!take_end(&peer, object, "peer", "peer_port") ||
	    !take_end(&local, object, "local", "local_port") || peer.family != local.family)
		return true;
	datagram.from = datagram.out ? local : peer;
	datagram.to = datagram.out ? peer : local;
	return put_datagram(listener->pcap, &datagram);
}

/* A descriptor of something that is there and no file: a pipe, a device. -1: so it is none. */
static int
open_special(const char *name)
{
	struct stat st;

	if (strcmp(name, "-") == 0)
		return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
	if (stat(name, &st) < 0 || S_ISREG(st.st_mode))
		return -1;
	return open(name, O_WRONLY | O_CLOEXEC);
}

static bool
begin_pcap(struct listener *listener, int fd)
{
	listener->pcap = fd >= 0 ? fdopen(fd, "w") : NULL;
	return listener->pcap && pcapng_begin(listener->pcap) && fflush(listener->pcap) == 0;
}

/* The file that was there is gone only when there is room for the new one's head. */
static bool
begin_file(struct listener *listener)
{
	struct whole whole = {.path = ""};
	int fd, error;

	if (!realpath(listener->pcap_name, whole.path))
		snprintf(whole.path, sizeof(whole.path), "%s", listener->pcap_name);
	fd = whole_begin(&whole);
	error = fd < 0 ? -fd : begin_pcap(listener, fd) ? whole_place(&whole) : errno;
	if (error)
		whole_take_back(&whole);
	else
		whole_done(&whole);
	errno = error;
	return error == 0;
}

/* What users sent through their tunnel may stand in it: nobody else's to read. */
static bool
open_pcap(struct listener *listener)
{
	int special;

	if (!listener->pcap_name)
		return true;
	special = open_special(listener->pcap_name);
	if (special >= 0 ? begin_pcap(listener, special) : begin_file(listener))
		return true;
	complain("%s: %s", listener->pcap_name, strerror(errno));
	return false;
}

/* ── the screen ─────────────────────────────────────────────────────────────────────────── */

/* An element of the one array that --json is. */
static void
print_element(struct listener *listener, const json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);

	printf("%s\n %s", listener->shown ? "," : "", text ? text : "null");
	free(text);
}

static void
show(struct listener *listener, json_t *object)
{
	const bool tunnel = json_is_array(json_object_get(object, "messages"));

	if (!tunnel)
		messages_decode(object);
	if (listener->settings->json)
		print_element(listener, object);
	else if (tunnel)
		messages_print_tunnel(object);
	else
		messages_print(object);
	fflush(stdout);
}

static void
tell_gap(struct listener *listener, json_t *object)
{
	int64_t count = field_number(object, "left_out");

	listener->left_out += (uint64_t)count;
	if (listener->pcap || listener->settings->json)
		return;
	printf("… %" PRId64 " left out: they came faster than they were shown\n", count);
	fflush(stdout);
}

static void
tell_unseen(const struct listener *listener, const json_t *object)
{
	fprintf(listener->pcap || listener->settings->json ? stderr : stdout,
		"… the data of session %s pass through the kernel and are not seen here\n",
		field_text(object, "unseen"));
	fflush(stdout);
}

/* ── lines ──────────────────────────────────────────────────────────────────────────────── */

static enum exit_code
greet(struct listener *listener, size_t len)
{
	struct answer answer;

	client_read(&answer, listener->line, len);
	json_decref(answer.data);
	listener->greeted = true;
	if (answer.code != CODE_DONE)
		complain("%s", answer.error);
	else if (isatty(STDERR_FILENO))
		fprintf(stderr, "waiting for messages, Ctrl-C ends\n");
	return answer.code;
}

static enum exit_code
take_line(struct listener *listener, size_t len)
{
	json_t *object;
	enum exit_code code = CODE_DONE;

	if (!listener->greeted)
		return greet(listener, len);
	object = json_loadb(listener->line, len, 0, NULL);
	if (json_object_get(object, "left_out")) {
		tell_gap(listener, object);
	} else if (json_object_get(object, "unseen")) {
		tell_unseen(listener, object);
	} else if (!listener->pcap && object) {
		show(listener, object);
		listener->shown++;
	} else if (json_object_get(object, "bytes")) {
		if (!write_pcap(listener, object)) {
			complain("%s: %s", listener->pcap_name, strerror(errno));
			code = CODE_REFUSED;
		}
		listener->shown++;
	}
	json_decref(object);
	return code;
}

/* What has come; *over: nothing more will. */
static enum exit_code
take_bytes(struct listener *listener, bool *over)
{
	ssize_t n = read(listener->fd, listener->line + listener->len,
			 sizeof(listener->line) - listener->len);
	char *newline;
	enum exit_code code = CODE_DONE;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return CODE_DONE;
	if (n <= 0) {
		*over = true;
		complain("lnsd hung up (see: journalctl -u lnsd)");
		return CODE_NO_DAEMON;
	}
	listener->len += (size_t)n;
	while (code == CODE_DONE &&
	       (newline = memchr(listener->line, '\n', listener->len)) != NULL) {
		size_t len = (size_t)(newline - listener->line);

		code = take_line(listener, len);
		listener->len -= len + 1;
		memmove(listener->line, newline + 1, listener->len);
	}
	if (listener->len == sizeof(listener->line))
		listener->len = 0; /* longer than any that there is: not ours to understand */
	return code;
}

static enum exit_code
listen_until(struct listener *listener, const struct until *until)
{
	enum exit_code code = CODE_DONE;
	bool over = false;

	while (code == CODE_DONE && !over) {
		switch (until_wait(until, listener->fd, -1)) {
		case UNTIL_READY:
			code = take_bytes(listener, &over);
			break;
		case UNTIL_QUIET:
			break;
		case UNTIL_OVER:
			return CODE_DONE;
		}
	}
	return code;
}

static void
sum_up(const struct listener *listener)
{
	char more[64] = "";

	if (listener->left_out)
		snprintf(more, sizeof(more), ", %" PRIu64 " left out", listener->left_out);
	if (listener->pcap_name)
		fprintf(stderr, "%" PRIu64 " datagrams in %s%s\n", listener->shown,
			listener->pcap_name, more);
}

static enum exit_code
listen_to(struct listener *listener, const char *who)
{
	const struct settings *settings = listener->settings;
	struct answer answer;
	struct until until;
	enum exit_code code;

	if (!until_open(&until, settings->of[OPT_FOR]))
		return CODE_USAGE;
	listener->fd = client_open(settings,
				   json_pack("{s:s, s:s, s:b}", "verb", "trace", "arg", who, "data",
					     settings->of[OPT_DATA] != NULL),
				   &answer);
	code = answer.code;
	if (listener->fd < 0) {
		complain("%s", answer.error);
	} else {
		const bool array = settings->json && !listener->pcap_name;

		if (array)
			putchar('[');
		code = open_pcap(listener) ? listen_until(listener, &until) : CODE_REFUSED;
		if (array)
			puts("\n]");
		if (listener->greeted)
			sum_up(listener);
		close(listener->fd);
	}
	until_close(&until);
	return code;
}

static enum exit_code
run_live(const struct settings *settings, const char *who)
{
	struct listener *listener = calloc(1, sizeof(*listener));
	enum exit_code code = CODE_REFUSED;

	if (!listener) {
		complain("memory is short");
		return CODE_REFUSED;
	}
	listener->settings = settings;
	listener->pcap_name = settings->of[OPT_PCAP];
	code = listen_to(listener, who);
	if (listener->pcap && fclose(listener->pcap) != 0 && code == CODE_DONE) {
		complain("%s: %s", listener->pcap_name, strerror(errno));
		code = CODE_REFUSED;
	}
	free(listener);
	return code;
}

/* ── what has been ──────────────────────────────────────────────────────────────────────── */

static enum exit_code
run_past(const struct settings *settings, const char *who)
{
	enum exit_code code;
	json_t *tunnels = client_fetch(settings, "messages", who, &code);
	const json_t *tunnel;
	size_t i;

	if (tunnels && settings->json) {
		code = print_json(tunnels);
	} else if (tunnels) {
		json_array_foreach(tunnels, i, tunnel)
		{
			messages_print_tunnel(tunnel);
		}
		if (!i)
			printf("No tunnel %s.\n",
			       who ? "of that name is there or died badly" : "died badly");
	}
	json_decref(tunnels);
	return code;
}

static enum exit_code
run(const struct settings *settings, char *const *args)
{
	const bool live = settings->of[OPT_PCAP] || settings->of[OPT_DATA] || settings->of[OPT_FOR];

	if (settings->of[OPT_PAST] && !live)
		return run_past(settings, args[0]);
	if (settings->of[OPT_PAST] || !args[0]) {
		complain(args[0] ? "--past goes with none of --pcap, --data and --for"
				 : "whose messages? A user, a peer's address or an ID is needed");
		return CODE_USAGE;
	}
	return run_live(settings, args[0]);
}

const struct verb verb_trace = {
	.name = "trace",
	.arg = "USER|PEER|ID [--data] [--pcap FILE] [--for TIME] | --past [USER|PEER|ID]",
	.most = 1,
	.options = OPT_BIT(OPT_DATA) | OPT_BIT(OPT_PCAP) | OPT_BIT(OPT_FOR) | OPT_BIT(OPT_PAST),
	.summary = "a client's L2TP messages as they pass",
	.help = "Shows each control message of a user's or peer's tunnels with its AVPs until "
		"Ctrl-C. Of\n"
		"a user who is not connected, what was said before the log-in follows when he "
		"comes.\n"
		"Secrets and hidden AVPs are masked, in files, too.\n\n"
		"  --data       data messages as well\n"
		"  --pcap FILE  write a pcapng file, for wireshark and tcpdump; '-' is standard "
		"output\n"
		"  --for TIME   end after 30s, 10m, 2h\n"
		"  --past       the last 32 control messages, without their AVPs: of those who "
		"are\n"
		"               connected and of tunnels that died badly; alone, of all that "
		"died\n",
	.prints = true,
	.run = run,
};
