/*
 * The worker with a stand-in for its keeper, which knows no kernel and does what it is told, a line
 * each on standard input:
 *	sa MARK RENEWED      127.0.0.1 is a client with this mark
 *	gone MARK            no more
 *	end                  good-bye
 * What the worker asks for is printed: "ready", "count MARK" (answered), "drop MARK".
 * IPsec is required. Needs root and a user lnsd.
 */
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf.h"
#include "keeper/sockets.h"
#include "log.h"
#include "sink.h"
#include "wall.h"
#include "worker.h"

static const char settings[] =
	"[server]\nlisten = 127.0.0.1\ndata-path = pty\n[ipsec]\nmanage = no\n";

static struct lns_addr
loopback(uint16_t port)
{
	return (struct lns_addr){.ip = {127, 0, 0, 1}, .port = port, .family = 4};
}

static void
tell(struct wall *wall, const union wall_msg *msg)
{
	if (wall_send(wall, msg, -1) < 0)
		fputs("standin: the worker does not listen\n", stderr);
}

/* ── what the worker asks ───────────────────────────────────────────────────────────────── */

static void
send_count(struct wall *wall, const struct wall_count *asked, uint32_t in)
{
	union wall_msg msg = {.sa_count = {.kind = WALL_SA_COUNT, .ask = asked->ask}};

	msg.sa_count.in = in;
	msg.sa_count.spi = in ? 0xa001 : 0xb001;
	msg.sa_count.current = 1;
	msg.sa_count.age_s = 65;
	msg.sa_count.bytes = UINT64_C(5000000000);
	msg.sa_count.packets = 1234;
	tell(wall, &msg);
}

static void
take(struct wall *wall, const union wall_msg *msg)
{
	union wall_msg answer = {.kind = 0};

	switch (msg->kind) {
	case WALL_READY:
		puts("ready");
		break;
	case WALL_SPAWN:
		answer.spawned = (struct wall_spawned){.kind = WALL_SPAWNED, .ref = msg->spawn.ref};
		answer.spawned.cause = CAUSE_PPPD_START;
		tell(wall, &answer);
		break;
	case WALL_COUNT_SA:
		printf("count 0x%08x\n", msg->count.mark);
		send_count(wall, &msg->count, 1);
		send_count(wall, &msg->count, 0);
		answer.ask = (struct wall_ask){.kind = WALL_SA_END, .ask = msg->count.ask};
		tell(wall, &answer);
		break;
	case WALL_DROP_SA:
		printf("drop 0x%08x\n", msg->drop_sa.mark);
		break;
	default:
		break;
	}
	fflush(stdout);
}

/* ── what the test says ─────────────────────────────────────────────────────────────────── */

static void
obey(struct wall *wall, const char *line)
{
	union wall_msg msg = {.kind = 0};
	uint32_t mark, renewed;

	if (sscanf(line, "sa %i %i", (int *)&mark, (int *)&renewed) == 2) {
		msg.sa = (struct wall_sa){.kind = WALL_SA, .mark = mark, .renewed = renewed};
		msg.sa.local = loopback(1701);
		msg.sa.peer = loopback(0);
		msg.sa.spi_in = 0xa001;
		msg.sa.spi_out = 0xb001;
		msg.sa.reqid = 16389;
		msg.sa.nat_port = 4501;
		msg.sa.rekeys = 2;
		strcpy(msg.sa.cipher, "AES_GCM_16_256");
	} else if (sscanf(line, "gone %i", (int *)&mark) == 1) {
		msg.mark = (struct wall_mark){.kind = WALL_SA_GONE, .mark = mark};
	} else if (strcmp(line, "end\n") == 0) {
		msg.kind = WALL_SHUTDOWN;
	} else {
		fprintf(stderr, "standin: what is '%s'?\n", line);
		return;
	}
	tell(wall, &msg);
}

/* Until the worker hangs up. */
static void
serve(struct wall *wall)
{
	struct pollfd polls[] = {{.fd = STDIN_FILENO, .events = POLLIN},
				 {.fd = wall_fd(wall), .events = POLLIN}};
	union wall_msg msg;
	char line[128];
	int fd, got = 0;

	while (got >= 0 && poll(polls, 2, -1) > 0) {
		if (polls[0].revents && fgets(line, sizeof(line), stdin))
			obey(wall, line);
		else if (polls[0].revents)
			polls[0].fd = -1;
		while (polls[1].revents && (got = wall_recv(wall, &msg, &fd)) > 0)
			take(wall, &msg);
	}
}

static bool
begin(struct worker_start *start, int ends[2])
{
	const struct conf_file file = {
		.name = "standin", .text = settings, .len = sizeof(settings) - 1};
	const struct passwd *user = getpwnam("lnsd");
	struct conf_errors errors = {.count = 0};
	struct sockets sockets;

	start->conf = conf_parse(&file, 1, &errors);
	if (!start->conf || !user || !sockets_udp(&sockets, WORKER_GROUP, start->conf))
		return false;
	start->udp = sockets.fds;
	start->udp_count = sockets.count;
	start->udp_group = sockets.group;
	start->mark_base = sockets.mark_base;
	start->uid = user->pw_uid;
	start->gid = user->pw_gid;
	start->ctl = sockets_ctl(user->pw_gid);
	start->debug = true;
	return start->ctl >= 0 &&
	       socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0;
}

int
main(void)
{
	struct worker_start start = {.ctl = -1, .metrics = -1};
	struct wall *wall;
	int ends[2], status = 1;
	pid_t worker;

	sink_open();
	log_set_level(LVL_DEBUG);
	/* unbuffered: poll() must see what fgets() has not taken */
	if (setvbuf(stdin, NULL, _IONBF, 0) != 0 || !begin(&start, ends) || (worker = fork()) < 0)
		return 2;
	if (worker == 0) {
		close(ends[0]);
		start.wall = wall_new(ends[1], WALL_FROM_WORKER);
		return start.wall ? worker_main(&start) : 1;
	}
	close(ends[1]);
	close(start.ctl);
	wall = wall_new(ends[0], WALL_FROM_KEEPER);
	if (!wall)
		return 2;
	serve(wall);
	wall_free(wall);
	waitpid(worker, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
