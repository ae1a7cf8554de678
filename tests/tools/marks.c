/*
 * The worker's sockets, and what they know of marks, on loopback: datagrams of one address and port
 * under many marks come in with theirs, and the answers leave with it. Needs root (SO_MARK). Says
 * what is wrong; 0: nothing.
 */
#include <arpa/inet.h>
#include <event2/event.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "conf.h"
#include "keeper/sockets.h"
#include "log.h"
#include "worker.h"
#include "worker/udp.h"

#define BASE 0x20000000u
#define PORT 21701
#define WAIT_MS 2000

struct test {
	struct event_base *base;
	struct udp *udp;
	size_t group;
	uint32_t seen;	/* mark of the last datagram */
	unsigned count; /* of datagrams */
};

static void
on_line(enum log_level level, const char *line)
{
	(void)level;
	fprintf(stderr, "%s\n", line);
}

/* Echoes. */
static void
on_datagram(void *ctx, const struct lns_path *path, uint8_t *bytes, size_t len)
{
	struct test *test = ctx;
	const struct udp_manner plain = {0};

	test->seen = path->mark;
	test->count++;
	udp_send(test->udp, path, &plain, bytes, len);
}

static void
on_batch_end(void *ctx)
{
	struct test *test = ctx;

	udp_flush(test->udp);
}

static bool
open_test(struct test *test, uint16_t port)
{
	const struct udp_calls calls = {on_datagram, on_batch_end, test};
	struct udp_sockets taken;
	struct sockets sockets;
	struct conf *conf = calloc(1, sizeof(*conf));
	bool ok;

	if (!conf)
		return false;
	conf->server.port = port;
	conf->server.listen_count = 2;
	conf->server.listen[0] = (struct conf_addr){.family = 4};
	conf->server.listen[1] = (struct conf_addr){.family = 6};
	conf->ipsec.mark_base = BASE;
	conf->ipsec.require = true;
	ok = sockets_udp(&sockets, WORKER_GROUP, conf);
	free(conf);
	if (!ok)
		return false;
	taken = (struct udp_sockets){.fds = sockets.fds,
				     .count = sockets.count,
				     .group = sockets.group,
				     .mark_base = sockets.mark_base};
	test->group = sockets.group;
	test->base = event_base_new();
	test->udp = test->base ? udp_new(test->base, &taken, &calls) : NULL;
	return test->udp != NULL;
}

/* ── one question ───────────────────────────────────────────────────────────────────────── */

/* A socket that hears only what carries the mark: so that it tells without SO_RCVMARK, too. */
static int
asker(const struct sockaddr_storage *from, socklen_t len, uint32_t mark)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_MARK)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, mark, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = {.len = 4, .filter = code};
	int fd = socket(from->ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ||
	    bind(fd, (const struct sockaddr *)from, len) < 0)
		perror("marks: socket");
	return fd;
}

static struct sockaddr_storage
loopback(int family, uint16_t port, socklen_t *len)
{
	struct sockaddr_storage storage = {.ss_family = (sa_family_t)family};

	if (family == AF_INET6) {
		struct sockaddr_in6 *in6 = (void *)&storage;

		in6->sin6_addr = in6addr_loopback;
		in6->sin6_port = htons(port);
		*len = sizeof(*in6);
	} else {
		struct sockaddr_in *in = (void *)&storage;

		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		in->sin_port = htons(port);
		*len = sizeof(*in);
	}
	return storage;
}

static long
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000L + ts.tv_nsec;
}

/* Asks under a mark, always from the same address and port; must be seen with `seen`, and answered
 * under `answered`. */
static bool
ask(struct test *test, int family, uint32_t mark, uint32_t seen, uint32_t answered)
{
	socklen_t len;
	struct sockaddr_storage from = loopback(family, PORT + 1, &len);
	struct sockaddr_storage to = loopback(family, PORT, &len);
	int fd = asker(&from, len, answered);
	long until = now_ns() + WAIT_MS * 1000000L;
	unsigned before = test->count;
	uint32_t got = 0, said = mark ^ 0x5a5a5a5a;

	setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark));
	if (sendto(fd, &said, sizeof(said), 0, (struct sockaddr *)&to, len) < 0)
		perror("marks: sendto");
	while (recv(fd, &got, sizeof(got), 0) < 0 && now_ns() < until)
		event_base_loop(test->base, EVLOOP_NONBLOCK);
	close(fd);
	if (test->count == before + 1 && test->seen == seen && got == said)
		return true;
	printf("IPv%d mark 0x%08x: %u datagrams came, the last with 0x%08x, answer under 0x%08x "
	       "%s\n",
	       family == AF_INET6 ? 6 : 4, mark, test->count - before, test->seen, answered,
	       got == said ? "came" : "did not come");
	return false;
}

static bool
ask_all(struct test *test, int family)
{
	bool ok = true;

	/* in a random order, so that no socket's turn helps it */
	for (uint32_t i = 0; ok && i < 2 * WORKER_GROUP; i++) {
		uint32_t n = i * 613 % WORKER_GROUP;
		uint32_t mark = n ? BASE + n : 0;

		ok = ask(test, family, mark, mark, mark);
	}
	/* marks that are none of ours: a group takes them for none */
	for (int i = 0; i < 3; i++) {
		static const uint32_t others[] = {1, BASE - 1, BASE + 0x10000};
		uint32_t seen = test->group == 1 ? others[i] : 0;

		ok = ask(test, family, others[i], seen, seen) && ok;
	}
	if (test->group == 1)
		ok = ask(test, family, BASE + 0xffff, BASE + 0xffff, BASE + 0xffff) && ok;
	return ok;
}

int
main(void)
{
	struct test test = {.seen = 0};
	bool ok;

	log_set_sink(on_line);
	log_set_level(LVL_NOTICE);
	if (!open_test(&test, PORT))
		return 2;
	ok = ask_all(&test, AF_INET) && ask_all(&test, AF_INET6);
	printf("%s: %zu socket(s) an address, %u datagrams\n", ok ? "passed" : "failed", test.group,
	       test.count);
	udp_free(test.udp);
	event_base_free(test.base);
	return !ok;
}
