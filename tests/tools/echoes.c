/*
 * Numbered ICMP echo requests, and what became of each:
 *	echoes ADDRESS COUNT INTERVAL-MICROSECONDS
 * What ping does, but the last answers are waited for as long as the others: a machine that stands
 * still for a moment loses nothing by that. One line, like ping's; exit 0 when all were answered.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define COUNT_MAX 60000
#define WAIT_US 3000000
#define DATA_BYTES 56 /* as ping sends */

struct run {
	int fd;
	uint16_t id;
	unsigned count, sent, received, doubled;
	uint8_t answered[COUNT_MAX];
};

static int64_t
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* RFC 1071 */
static uint16_t
checksum(const uint16_t *words, size_t count)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += words[i];
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t) ~(sum + (sum >> 16));
}

static void
ask(struct run *run)
{
	union {
		struct icmphdr hdr;
		uint16_t words[(sizeof(struct icmphdr) + DATA_BYTES) / 2];
	} packet;

	memset(&packet, 0, sizeof(packet));
	packet.hdr.type = ICMP_ECHO;
	packet.hdr.un.echo.id = run->id;
	packet.hdr.un.echo.sequence = htons((uint16_t)run->sent);
	packet.hdr.checksum = checksum(packet.words, sizeof(packet.words) / 2);
	if (send(run->fd, &packet, sizeof(packet), 0) < 0)
		fprintf(stderr, "echoes: %s\n", strerror(errno));
	run->sent++; /* what could not leave is lost, too */
}

static void
hear(struct run *run)
{
	uint8_t bytes[2048];
	ssize_t len;

	while ((len = recv(run->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0) {
		size_t header = (size_t)(bytes[0] & 0x0f) * 4;
		struct icmphdr hdr;

		if ((size_t)len < header + sizeof(hdr))
			continue;
		memcpy(&hdr, bytes + header, sizeof(hdr));
		if (hdr.type != ICMP_ECHOREPLY || hdr.un.echo.id != run->id ||
		    ntohs(hdr.un.echo.sequence) >= run->sent)
			continue;
		if (run->answered[ntohs(hdr.un.echo.sequence)]++)
			run->doubled++;
		else
			run->received++;
	}
}

static void
converse(struct run *run, int64_t interval)
{
	int64_t next = now_us(), end = INT64_MAX;

	while (now_us() < end && !(run->sent == run->count && run->received == run->count)) {
		struct pollfd poll_fd = {.fd = run->fd, .events = POLLIN};
		int64_t left = (run->sent < run->count ? next : end) - now_us();

		poll(&poll_fd, 1, left > 0 ? (int)(left / 1000) + 1 : 0);
		hear(run);
		if (run->sent == run->count || now_us() < next)
			continue;
		ask(run);
		next += interval;
		if (run->sent == run->count)
			end = now_us() + WAIT_US;
	}
}

int
main(int argc, char **argv)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	struct run run = {.id = (uint16_t)getpid()};
	int64_t interval = argc == 4 ? atoll(argv[3]) : 0;

	if (argc == 4)
		run.count = (unsigned)strtoul(argv[2], NULL, 10);
	if (interval < 1000 || run.count == 0 || run.count > COUNT_MAX ||
	    inet_pton(AF_INET, argv[1], &to.sin_addr) != 1) {
		fputs("usage: echoes ADDRESS COUNT INTERVAL-MICROSECONDS (from 1000 on)\n", stderr);
		return 2;
	}
	run.fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
	if (run.fd < 0 || connect(run.fd, (const struct sockaddr *)&to, sizeof(to)) < 0) {
		fprintf(stderr, "echoes: %s: %s\n", argv[1], strerror(errno));
		return 2;
	}
	converse(&run, interval);
	close(run.fd);
	printf("%u packets transmitted, %u received, +%u duplicates\n", run.sent, run.received,
	       run.doubled);
	return run.received != run.count;
}
