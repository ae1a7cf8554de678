#include "lnsctl/dns_probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 2000
#define DNS_PORT 53
#define SERVERS 4 /* two of each family */

/* RFC 1035 §4.1: the root's name servers, recursion desired. Whatever comes back is an answer. */
static const uint8_t question[] = {0x6c, 0x6e, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1};
#define ID_BYTES 2
#define ANSWER_BIT 0x80

union server {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static size_t
list(const struct conf *conf, union server servers[SERVERS])
{
	size_t count = 0;

	for (size_t i = 0; i < conf->network.dns_count && i < 2; i++) {
		if (conf->network.dns[i] == conf->network.gateway)
			continue;
		servers[count++].in =
			(struct sockaddr_in){.sin_family = AF_INET,
					     .sin_port = htons(DNS_PORT),
					     .sin_addr.s_addr = htonl(conf->network.dns[i])};
	}
	for (size_t i = 0; i < conf->network.dns6_count && i < 2; i++) {
		servers[count].in6 = (struct sockaddr_in6){.sin6_family = AF_INET6,
							   .sin6_port = htons(DNS_PORT)};
		memcpy(&servers[count++].in6.sin6_addr, conf->network.dns6[i], 16);
	}
	return count;
}

/* -1: there is no way there. */
static int
ask(const union server *server)
{
	socklen_t len = server->any.sa_family == AF_INET ? sizeof(server->in) : sizeof(server->in6);
	int fd = socket(server->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && (connect(fd, &server->any, len) < 0 ||
			send(fd, question, sizeof(question), 0) != sizeof(question))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static bool
is_answer(int fd)
{
	uint8_t bytes[512];
	ssize_t len = recv(fd, bytes, sizeof(bytes), 0);

	return len > ID_BYTES && memcmp(bytes, question, ID_BYTES) == 0 &&
	       bytes[ID_BYTES] & ANSWER_BIT;
}

static int
left_of(const struct timespec *begun)
{
	struct timespec now;
	int64_t spent;

	clock_gettime(CLOCK_MONOTONIC, &now);
	spent = (now.tv_sec - begun->tv_sec) * INT64_C(1000) +
		(now.tv_nsec - begun->tv_nsec) / 1000000;
	return spent < PATIENCE_MS ? (int)(PATIENCE_MS - spent) : 0;
}

/* Until each has answered, or the time is over; an fd of -1 in the list is passed over by poll().
 */
static void
listen_to(struct pollfd polls[SERVERS], bool answered[SERVERS], size_t count)
{
	struct timespec begun;
	int left;

	clock_gettime(CLOCK_MONOTONIC, &begun);
	while ((left = left_of(&begun)) > 0) {
		size_t open = 0;

		for (size_t i = 0; i < count; i++)
			open += polls[i].fd >= 0;
		if (!open || (poll(polls, count, left) < 0 && errno != EINTR))
			return;
		for (size_t i = 0; i < count; i++) {
			if (polls[i].fd < 0 || !polls[i].revents)
				continue;
			/* an error (nobody has the port) is the end, too */
			answered[i] = is_answer(polls[i].fd);
			close(polls[i].fd);
			polls[i].fd = -1;
		}
	}
}

bool
dns_probe_silent(const struct conf *conf, char *address, size_t cap)
{
	union server servers[SERVERS];
	struct pollfd polls[SERVERS];
	bool answered[SERVERS] = {false};
	size_t count = list(conf, servers), silent;

	for (size_t i = 0; i < count; i++)
		polls[i] = (struct pollfd){.fd = ask(&servers[i]), .events = POLLIN};
	listen_to(polls, answered, count);
	for (size_t i = 0; i < count; i++) {
		if (polls[i].fd >= 0)
			close(polls[i].fd);
	}
	for (silent = 0; silent < count && answered[silent]; silent++)
		;
	if (silent == count)
		return false;
	if (servers[silent].any.sa_family == AF_INET)
		inet_ntop(AF_INET, &servers[silent].in.sin_addr, address, (socklen_t)cap);
	else
		inet_ntop(AF_INET6, &servers[silent].in6.sin6_addr, address, (socklen_t)cap);
	return true;
}
