/* See aaa.h. First as root: the set-up, the sockets, the file. Then the sandbox, and a loop. */
#include "aaa.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "aaa/ledger.h"
#include "aaa/udp.h"
#include "channel.h"
#include "log.h"
#include "md5.h"
#include "radius/accept.h"
#include "radius/client.h"
#include "radius/dynamic.h"
#include "radius/request.h"
#include "sandbox.h"
#include "sink.h"

#define STATE_MS 1000 /* between two messages about the servers */
#define SETUP_WAIT_MS 5000
#define FAREWELL_MS 2000 /* for the last records, when the keeper has ended */
#define DATAGRAMS 64	 /* a turn and socket */

/* A login that a server is asked about. */
struct pending {
	TAILQ_ENTRY(pending) next;
	uint64_t ask;
	struct radius_login login;
};

struct aaa {
	struct channel *channel;
	struct radius_setup setup;
	struct nas nas;
	int udp[CONF_RADIUS_MAX][USE_COUNT];
	int listen; /* RFC 5176; -1: not at all */
	struct client client;
	struct ledger ledger;
	struct dynamic dynamic;
	TAILQ_HEAD(, pending) pending;
	uint64_t asks;
	struct radius_state told;
	mstime_t tell_at;
	struct log_limit strange, refused;
	mstime_t now;
	int64_t clock;
	mstime_t farewell; /* when the loop ends; 0: the keeper is there */
	bool over;
};

static void
read_clocks(struct aaa *aaa)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	aaa->now = (mstime_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
	aaa->clock = time(NULL);
}

static void
tell(struct aaa *aaa, const union radius_msg *msg)
{
	if (!aaa->farewell)
		channel_send(aaa->channel, msg, radius_size(msg->kind, RADIUS_FROM_PROCESS), -1);
}

/* ── logins ─────────────────────────────────────────────────────────────────────────────── */

static void
refuse_login(struct aaa *aaa, struct lns_ref ref)
{
	union radius_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.verdict.kind = RADIUS_VERDICT;
	msg.verdict.ref = ref;
	msg.verdict.cause = CAUSE_RADIUS_DOWN;
	snprintf(msg.verdict.text, sizeof(msg.verdict.text), "%s", cause_text(CAUSE_RADIUS_DOWN));
	tell(aaa, &msg);
}

static void
forget(struct aaa *aaa, struct pending *pending)
{
	TAILQ_REMOVE(&aaa->pending, pending, next);
	explicit_bzero(pending, sizeof(*pending));
	free(pending);
}

static void
rx_login(struct aaa *aaa, const struct radius_login *login)
{
	struct pending *pending = malloc(sizeof(*pending));
	uint8_t bytes[PACKET_MAX], random[AUTHENTICATOR_SIZE];
	size_t len = 0;

	if (pending && getrandom(random, sizeof(random), 0) == (ssize_t)sizeof(random))
		len = request_login(bytes, login, &aaa->nas, random);
	if (len) {
		pending->ask = ++aaa->asks;
		pending->login = *login;
		TAILQ_INSERT_TAIL(&aaa->pending, pending, next);
		if (client_ask(&aaa->client, aaa->now, USE_AUTH, pending->ask, bytes, len,
			       aaa->now + RADIUS_LOGIN_MS))
			return;
		forget(aaa, pending);
	} else {
		free(pending);
	}
	refuse_login(aaa, login->line.ref);
}

static void
decide(struct aaa *aaa, uint64_t ask, const uint8_t *answer, size_t len)
{
	struct pending *pending;
	union radius_msg msg;

	TAILQ_FOREACH(pending, &aaa->pending, next)
	{
		if (pending->ask == ask)
			break;
	}
	if (!pending)
		return;
	if (answer) {
		memset(&msg, 0, sizeof(msg));
		accept_read(&msg.verdict, &pending->login, answer, len);
		tell(aaa, &msg);
	} else {
		refuse_login(aaa, pending->login.line.ref);
	}
	forget(aaa, pending);
}

/* ── servers ────────────────────────────────────────────────────────────────────────────── */

static void
on_send(void *ctx, size_t server, enum client_use use, const uint8_t *bytes, size_t len)
{
	struct aaa *aaa = ctx;

	/* what does not leave is as good as lost on the way: it is sent again in time */
	if (send(aaa->udp[server][use], bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		log_debug("radius: not sent: %s", strerror(errno));
}

static void
on_done(void *ctx, enum client_use use, uint64_t ask, const uint8_t *answer, size_t len)
{
	struct aaa *aaa = ctx;

	if (use == USE_AUTH)
		decide(aaa, ask, answer, len);
	else
		ledger_done(&aaa->ledger, aaa->now, aaa->clock, ask, answer != NULL);
}

/* A server that is older than BlastRADIUS has to be told to sign what it answers. */
static void
note_strange(struct aaa *aaa, size_t server, enum client_input input)
{
	char text[RADIUS_TEXT_MAX];
	uint32_t held;

	if (!log_limit_pass(&aaa->strange, aaa->now, &held))
		return;
	radius_station(text, &aaa->setup.servers[server].addr);
	log_warning("radius: dropped an answer of %s held_back=%" PRIu32 ": %s", text, held,
		    input == INPUT_UNPROVEN
			    ? "it has no Message-Authenticator (lnsd.conf(5), auth.radius)"
			    : "it was not asked for, or auth.radius-secret-file is not its secret");
}

static void
rx_answers(struct aaa *aaa, size_t server, enum client_use use)
{
	uint8_t bytes[PACKET_MAX];

	for (int i = 0; i < DATAGRAMS; i++) {
		ssize_t n = recv(aaa->udp[server][use], bytes, sizeof(bytes), MSG_DONTWAIT);
		enum client_input input;

		if (n < 0)
			return;
		input = client_input(&aaa->client, aaa->now, server, use, bytes, (size_t)n);
		if (input != INPUT_TAKEN)
			note_strange(aaa, server, input);
	}
}

/* ── orders (RFC 5176) ──────────────────────────────────────────────────────────────────── */

static void
send_answer(const struct aaa *aaa, const struct dynamic_entry *entry)
{
	struct udp_address to = udp_address(&entry->from);

	if (sendto(aaa->listen, entry->answer, entry->answer_len, MSG_DONTWAIT | MSG_NOSIGNAL,
		   &to.any, to.len) < 0)
		log_debug("radius: not answered: %s", strerror(errno));
}

static void
rx_order(struct aaa *aaa, const struct lns_addr *from, const uint8_t *bytes, size_t len)
{
	const struct dynamic_entry *entry;
	union radius_msg msg;
	char peer[RADIUS_TEXT_MAX];
	const char *why;
	uint32_t held;

	memset(&msg, 0, sizeof(msg));
	switch (dynamic_input(&aaa->dynamic, aaa->clock, from, bytes, len, &msg.order, &entry,
			      &why)) {
	case DYNAMIC_ORDER:
		tell(aaa, &msg);
		break;
	case DYNAMIC_ANSWER:
		send_answer(aaa, entry);
		break;
	case DYNAMIC_DROP:
		radius_station(peer, from);
		if (why && log_limit_pass(&aaa->refused, aaa->now, &held))
			log_warning("radius: dropped a request of %s held_back=%" PRIu32 ": %s",
				    peer, held, why);
		break;
	}
}

static void
rx_orders(struct aaa *aaa)
{
	uint8_t bytes[PACKET_MAX];

	for (int i = 0; i < DATAGRAMS; i++) {
		struct udp_address from = {.len = sizeof(from.ip6)};
		struct lns_addr addr;
		ssize_t n = recvfrom(aaa->listen, bytes, sizeof(bytes), MSG_DONTWAIT, &from.any,
				     &from.len);

		if (n < 0)
			return;
		if (udp_read_address(&addr, &from))
			rx_order(aaa, &addr, bytes, (size_t)n);
	}
}

/* ── the keeper ─────────────────────────────────────────────────────────────────────────── */

static void
rx_done(struct aaa *aaa, const struct radius_done *done)
{
	const struct dynamic_entry *entry = dynamic_done(&aaa->dynamic, done->ask, done->error);

	if (entry)
		send_answer(aaa, entry);
}

static void
rx_keeper(struct aaa *aaa)
{
	union radius_msg msg;
	int fd;

	for (int i = 0; i < DATAGRAMS && !aaa->over && !aaa->farewell; i++) {
		ssize_t n = channel_recv(aaa->channel, &msg, sizeof(msg), &fd);

		if (n == 0)
			return;
		if (fd >= 0)
			close(fd);
		if (n == -EPIPE)
			aaa->farewell = aaa->now + FAREWELL_MS;
		else if (n < 0 || !radius_valid(&msg, (size_t)n, RADIUS_FROM_KEEPER))
			aaa->over = true;
		else if (msg.kind == RADIUS_LOGIN)
			rx_login(aaa, &msg.login);
		else if (msg.kind == RADIUS_RECORD)
			ledger_add(&aaa->ledger, aaa->now, aaa->clock, &msg.record, &aaa->nas);
		else if (msg.kind == RADIUS_DONE)
			rx_done(aaa, &msg.done);
		explicit_bzero(&msg, sizeof(msg.login));
	}
}

/* When something has changed, and not all the time. */
static void
tell_state(struct aaa *aaa)
{
	union radius_msg msg;

	if (aaa->now < aaa->tell_at)
		return;
	memset(&msg, 0, sizeof(msg));
	msg.state.kind = RADIUS_STATE;
	msg.state.count = aaa->setup.server_count;
	msg.state.waiting = aaa->ledger.spool.count;
	msg.state.lost = aaa->ledger.lost;
	memcpy(msg.state.servers, aaa->client.servers, sizeof(msg.state.servers));
	if (memcmp(&msg.state, &aaa->told, sizeof(msg.state)) == 0)
		return;
	aaa->told = msg.state;
	aaa->tell_at = aaa->now + STATE_MS;
	tell(aaa, &msg);
}

/* ── the loop ───────────────────────────────────────────────────────────────────────────── */

static int
wait_ms(const struct aaa *aaa)
{
	mstime_t when = aaa->now + STATE_MS; /* for tell_state() */
	mstime_t client = client_deadline(&aaa->client), ledger = ledger_deadline(&aaa->ledger);

	if (client < when)
		when = client;
	if (ledger < when)
		when = ledger;
	return when > aaa->now ? (int)(when - aaa->now) : 0;
}

static void
turn(struct aaa *aaa)
{
	struct pollfd fds[2 + CONF_RADIUS_MAX * USE_COUNT];
	size_t servers = aaa->setup.server_count, count = 2;
	bool more = channel_wants_write(aaa->channel);

	fds[0] = (struct pollfd){.fd = aaa->farewell ? -1 : channel_fd(aaa->channel),
				 .events = (short)(POLLIN | (more ? POLLOUT : 0))};
	fds[1] = (struct pollfd){.fd = aaa->listen, .events = POLLIN};
	for (size_t i = 0; i < servers; i++) {
		fds[count++] = (struct pollfd){.fd = aaa->udp[i][USE_AUTH], .events = POLLIN};
		fds[count++] = (struct pollfd){.fd = aaa->udp[i][USE_ACCT], .events = POLLIN};
	}
	if (poll(fds, count, wait_ms(aaa)) < 0 && errno != EINTR)
		aaa->over = true;
	read_clocks(aaa);
	if (fds[0].revents & POLLOUT)
		channel_flush(aaa->channel);
	for (size_t i = 0; i < 2 * servers; i++) {
		if (fds[2 + i].revents)
			rx_answers(aaa, i / 2, i % 2 ? USE_ACCT : USE_AUTH);
	}
	if (fds[1].revents)
		rx_orders(aaa);
	if (fds[0].revents & ~POLLOUT)
		rx_keeper(aaa);
	client_tick(&aaa->client, aaa->now);
	ledger_run(&aaa->ledger, aaa->now, aaa->clock);
	tell_state(aaa);
	if (aaa->farewell && (aaa->now >= aaa->farewell || !aaa->ledger.spool.count))
		aaa->over = true;
}

/* ── life ───────────────────────────────────────────────────────────────────────────────── */

/* The first message, which the keeper sends at once. */
static bool
read_setup(struct aaa *aaa)
{
	struct pollfd fd = {.fd = AAA_FD, .events = POLLIN};
	union radius_msg msg;
	int pass_fd;
	ssize_t n = 0;

	aaa->channel = channel_new(AAA_FD);
	if (aaa->channel && poll(&fd, 1, SETUP_WAIT_MS) == 1)
		n = channel_recv(aaa->channel, &msg, sizeof(msg), &pass_fd);
	if (n <= 0 || !radius_valid(&msg, (size_t)n, RADIUS_FROM_KEEPER) ||
	    msg.kind != RADIUS_SETUP)
		return false;
	aaa->setup = msg.setup;
	explicit_bzero(&msg, sizeof(msg));
	return true;
}

static bool
open_sockets(struct aaa *aaa)
{
	for (size_t i = 0; i < aaa->setup.server_count; i++) {
		const struct conf_radius *server = &aaa->setup.servers[i];
		struct lns_addr acct = server->addr;

		acct.port = server->acct_port;
		aaa->udp[i][USE_AUTH] = udp_to(&server->addr);
		aaa->udp[i][USE_ACCT] = udp_to(&acct);
		if (aaa->udp[i][USE_AUTH] < 0 || aaa->udp[i][USE_ACCT] < 0)
			return false;
		aaa->dynamic.servers[i] = server->addr;
	}
	udp_own_address(aaa->udp[0][USE_AUTH], &aaa->nas.addr);
	aaa->dynamic.server_count = aaa->setup.server_count;
	aaa->listen = aaa->setup.listen.family ? udp_at(&aaa->setup.listen) : -1;
	return true;
}

/* False: the process before us has not said good-bye yet. */
static bool
open_records(struct aaa *aaa)
{
	int fd = open(AAA_RECORDS, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		log_error("accounting: %s cannot be opened: %s: records are not kept while no "
			  "server answers",
			  AAA_RECORDS, strerror(errno));
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		close(fd);
		return false;
	}
	ledger_open(&aaa->ledger, &aaa->client, fd);
	return true;
}

static void
set_up(struct aaa *aaa)
{
	aaa->nas.secret = (struct secret){aaa->setup.secret, aaa->setup.secret_len};
	memcpy(aaa->nas.id, aaa->setup.nas, sizeof(aaa->nas.id));
	aaa->dynamic.nas = aaa->nas;
	aaa->client.calls = (struct client_calls){on_send, on_done, aaa};
	aaa->client.secret = aaa->nas.secret;
	aaa->client.server_count = aaa->setup.server_count;
	aaa->client.timeout = (mstime_t)aaa->setup.timeout;
	aaa->client.dead_time = (mstime_t)aaa->setup.dead_time;
	client_init(&aaa->client);
	TAILQ_INIT(&aaa->pending);
}

/* What libraries load at their first use, and could not any more. */
static void
wake_libraries(void)
{
	const uint8_t nothing[PACKET_HEADER] = {0};
	uint8_t bytes[PACKET_HEADER];

	memcpy(bytes, nothing, sizeof(bytes));
	packet_sign_request(bytes, sizeof(bytes), 0, &(struct secret){nothing, 1});
	tzset();
}

static bool
close_sandbox(const struct aaa *aaa)
{
	static const int calls[] = {SCMP_SYS(poll),	SCMP_SYS(ppoll),     SCMP_SYS(ppoll_time64),
				    SCMP_SYS(pwrite64), SCMP_SYS(ftruncate), SCMP_SYS(ftruncate64),
				    SCMP_SYS(fdatasync)};
	const struct sandbox sandbox = {.name = "radius",
					.uid = aaa->setup.uid,
					.gid = aaa->setup.gid,
					.calls = calls,
					.count = sizeof(calls) / sizeof(calls[0])};

	return sandbox_drop(&sandbox) && sandbox_seal(&sandbox);
}

static int
live(struct aaa *aaa)
{
	if (!read_setup(aaa))
		return 1;
	log_set_level((enum log_level)aaa->setup.level);
	set_up(aaa);
	if (!open_records(aaa) || !open_sockets(aaa))
		return 1;
	aaa->dynamic.nas.addr = aaa->nas.addr;
	wake_libraries();
	if (!close_sandbox(aaa))
		return 1;
	read_clocks(aaa);
	while (!aaa->over)
		turn(aaa);
	spool_close(&aaa->ledger.spool);
	client_fini(&aaa->client);
	return 0;
}

int
aaa_main(void)
{
	struct aaa *aaa = calloc(1, sizeof(*aaa));
	int code;

	prctl(PR_SET_NAME, "lnsd: radius");
	code = aaa ? live(aaa) : 1;
	free(aaa);
	return code;
}
