/*
 * A stand-in for pppd where the kernel has no PPP: started by the keeper as `ppp.pppd`, it sets its
 * line up as pppd does (which throws away what came before), speaks first, logs its peer in at the
 * peer's first frame, and then sends every frame back.
 *
 * Some options of a `file` among its arguments are its own: `user NAME` and `password WORD`, what
 * the peer is taken to have said by PAP (test, test) unless pppd need not ask it (noauth); `accm
 * SEND RECEIVE`, in hexadecimal digits, what LCP is taken to have agreed on (nothing); `notes
 * FILE`, to which it writes a line with all that the keeper told it of the call; `loop`: bytes go
 * back as they come, unread, as a benchmark wants it. Frames that hold
 * the word "stall" or "crash" after their four bytes of header make it stop reading for good, or
 * die.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "hdlc.h"
#include "method.h"
#include "plink.h"

#define FRAME_MAX 2048
#define FRAME_HEADER 4 /* address, control, protocol */

/* pppd(8), exit status */
enum { STATUS_USER_REQUEST = 5, STATUS_AUTH_FAILED = 11, STATUS_HANGUP = 16, STATUS_USAGE = 2 };

struct pppd {
	int line, link, signals;
	char user[256], password[256];
	uint8_t frame[FRAME_MAX];
	struct hdlc_rx rx;
	bool proved; /* `noauth`: who the peer is, is known */
	bool up, stalled;
	bool loop;			  /* what comes goes back byte by byte */
	uint32_t send_accm, receive_accm; /* as if LCP had agreed on them */
	char notes[256];		  /* a file for what the keeper said of the peer */
};

static const uint8_t configure_request[] = {0xff, 0x03, 0xc0, 0x21, 0x01, 0x01, 0x00, 0x04};

/* ── link ───────────────────────────────────────────────────────────────────────────────── */

static void
tell(const struct pppd *pppd, const void *msg, size_t len)
{
	if (pppd->link >= 0 && send(pppd->link, msg, len, MSG_NOSIGNAL) < 0)
		perror("testpppd: link");
}

static void
leave(const struct pppd *pppd, uint32_t status, bool peer_closed)
{
	const struct plink_down down = {.kind = PLINK_DOWN,
					.status = status,
					.stage = pppd->up ? PLINK_RUNNING : PLINK_HEARD,
					.peer_closed = peer_closed};

	tell(pppd, &down, sizeof(down));
	exit((int)status);
}

/* Asks, and waits for the answer as the plugin does. */
static void
ask(const struct pppd *pppd, const void *msg, size_t len, union plink_msg *reply)
{
	ssize_t n;

	tell(pppd, msg, len);
	n = recv(pppd->link, reply, sizeof(*reply), 0);
	if (n <= 0 || !plink_valid(reply, (size_t)n, PLINK_FROM_KEEPER))
		leave(pppd, STATUS_HANGUP, false);
}

static void
prove(struct pppd *pppd)
{
	struct plink_auth auth = {.kind = PLINK_AUTH, .proof = {.method = METHOD_PAP}};
	union plink_msg reply;

	memcpy(auth.proof.user, pppd->user, sizeof(auth.proof.user));
	auth.proof.response_len = (uint32_t)strlen(pppd->password);
	memcpy(auth.proof.response, pppd->password, auth.proof.response_len);
	ask(pppd, &auth, sizeof(auth), &reply);
	if (reply.kind != PLINK_AUTH_REPLY || !reply.auth_reply.ok)
		leave(pppd, STATUS_AUTH_FAILED, false);
}

static void
take_notes(const struct pppd *pppd, const struct plink_address_reply *reply)
{
	const struct call *call = &reply->call;
	FILE *file = pppd->notes[0] ? fopen(pppd->notes, "ae") : NULL;

	if (!file)
		return;
	fprintf(file,
		"proved=%d user=%s session=%u-%u calling=%s called=%s sub_address=%s serial=%u "
		"tx=%u rx=%u\n",
		pppd->proved, reply->user, reply->tid, reply->sid, call->calling, call->called,
		call->sub_address, call->serial, call->tx_speed, call->rx_speed);
	fclose(file);
}

static void
log_in(struct pppd *pppd)
{
	struct plink_up up = {.kind = PLINK_ADDRESS};
	const struct plink_lcp lcp = {.kind = PLINK_LCP,
				      .send_accm = pppd->send_accm,
				      .receive_accm = pppd->receive_accm};
	union plink_msg reply;

	if (~lcp.send_accm || ~lcp.receive_accm)
		tell(pppd, &lcp, sizeof(lcp));
	if (!pppd->proved)
		prove(pppd);
	snprintf(up.ifname, sizeof(up.ifname), "ppp%d", getpid() % 100000);
	ask(pppd, &up, sizeof(up), &reply);
	if (reply.kind != PLINK_ADDRESS_REPLY || !reply.address_reply.ok)
		leave(pppd, STATUS_AUTH_FAILED, false);
	take_notes(pppd, &reply.address_reply);
	up.kind = PLINK_UP;
	tell(pppd, &up, sizeof(up));
	pppd->up = true;
}

/* ── line ───────────────────────────────────────────────────────────────────────────────── */

static void
write_all(const struct pppd *pppd, const uint8_t *p, size_t left)
{
	while (left) {
		ssize_t n = write(pppd->line, p, left);

		if (n <= 0)
			leave(pppd, STATUS_HANGUP, false);
		p += n;
		left -= (size_t)n;
	}
}

static void
write_frame(const struct pppd *pppd, const uint8_t *frame, size_t len)
{
	uint8_t bytes[HDLC_ENCODED_MAX(FRAME_MAX)];

	write_all(pppd, bytes, hdlc_encode(bytes, sizeof(bytes), frame, len));
}

static bool
says(const uint8_t *frame, size_t len, const char *word)
{
	return len == FRAME_HEADER + strlen(word) &&
	       memcmp(frame + FRAME_HEADER, word, strlen(word)) == 0;
}

static void
take_frame(struct pppd *pppd, const uint8_t *frame, size_t len)
{
	if (!pppd->up && pppd->link >= 0)
		log_in(pppd);
	if (says(frame, len, "stall"))
		pppd->stalled = true;
	else if (says(frame, len, "crash"))
		abort();
	else
		write_frame(pppd, frame, len);
}

static void
read_line(struct pppd *pppd)
{
	uint8_t bytes[4096];
	ssize_t n = read(pppd->line, bytes, sizeof(bytes));
	const uint8_t *p = bytes;
	size_t len;

	if (n <= 0)
		leave(pppd, STATUS_HANGUP, false);
	if (pppd->loop) {
		if (!pppd->up && pppd->link >= 0)
			log_in(pppd);
		write_all(pppd, bytes, (size_t)n);
		return;
	}
	while (!pppd->stalled && (len = hdlc_decode(&pppd->rx, &p, bytes + n)) > 0)
		take_frame(pppd, pppd->frame, len);
}

static void
open_line(struct pppd *pppd, const char *device)
{
	const struct plink_plain started = {.kind = PLINK_STARTED};
	struct termios raw;

	pppd->line = device ? open(device, O_RDWR | O_NOCTTY | O_CLOEXEC) : STDIN_FILENO;
	if (pppd->line < 0 || tcgetattr(pppd->line, &raw) < 0) {
		fprintf(stderr, "testpppd: %s: %s\n", device ? device : "standard input",
			strerror(errno));
		exit(STATUS_USAGE);
	}
	cfmakeraw(&raw);
	tcsetattr(pppd->line, TCSAFLUSH, &raw); /* what came before is lost, as with pppd */
	tell(pppd, &started, sizeof(started));
}

/* ── options ────────────────────────────────────────────────────────────────────────────── */

static void
read_file(struct pppd *pppd, const char *path)
{
	FILE *file = fopen(path, "re");
	char line[600], value[256];

	if (!file) {
		perror(path);
		exit(STATUS_USAGE);
	}
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "user %255s", value) == 1)
			snprintf(pppd->user, sizeof(pppd->user), "%s", value);
		else if (sscanf(line, "password %255s", value) == 1)
			snprintf(pppd->password, sizeof(pppd->password), "%s", value);
		else if (sscanf(line, "notes %255s", value) == 1)
			snprintf(pppd->notes, sizeof(pppd->notes), "%s", value);
		else if (strcmp(line, "loop\n") == 0)
			pppd->loop = true;
		else
			(void)sscanf(line, "accm %" SCNx32 " %" SCNx32, &pppd->send_accm,
				     &pppd->receive_accm);
	}
	fclose(file);
}

/* Gives the device; NULL: standard input. */
static const char *
read_options(struct pppd *pppd, int argc, char **argv)
{
	const char *device = NULL;

	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "/dev/", 5) == 0)
			device = argv[i];
		else if (strcmp(argv[i], "lnsd-fd") == 0 && i + 1 < argc)
			pppd->link = atoi(argv[++i]);
		else if (strcmp(argv[i], "file") == 0 && i + 1 < argc)
			read_file(pppd, argv[++i]);
		else if (strcmp(argv[i], "noauth") == 0)
			pppd->proved = true;
	}
	return device;
}

static int
watch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

int
main(int argc, char **argv)
{
	struct pppd pppd = {.line = -1,
			    .link = -1,
			    .user = "test",
			    .password = "test",
			    .send_accm = UINT32_MAX,
			    .receive_accm = UINT32_MAX};
	const char *device = read_options(&pppd, argc, argv);

	pppd.rx = (struct hdlc_rx){.buf = pppd.frame, .cap = sizeof(pppd.frame)};
	pppd.signals = watch_signals();
	open_line(&pppd, device);
	write_frame(&pppd, configure_request, sizeof(configure_request));
	for (;;) {
		struct pollfd fds[] = {
			{.fd = pppd.signals, .events = POLLIN},
			{.fd = pppd.line, .events = pppd.stalled ? 0 : POLLIN},
		};

		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[0].revents)
			leave(&pppd, STATUS_USER_REQUEST, false);
		if (fds[1].revents & POLLIN)
			read_line(&pppd);
		else if (fds[1].revents)
			leave(&pppd, STATUS_HANGUP, false);
	}
}
