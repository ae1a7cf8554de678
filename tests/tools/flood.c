/*
 * flood HOST PORT RATE SECONDS: datagrams of random length and bytes, RATE a second, for SECONDS.
 * flood HOST PORT size N...: one datagram of zeros of each size.
 * Half of the random ones look like L2TP: the first two bytes are a plausible header's.
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 50
#define LENGTH_MAX 600
#define SECONDS_MAX 60
#define RATE_MAX 1000000

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static uint64_t
next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static size_t
fill(uint8_t *bytes, uint64_t *state)
{
	static const uint16_t headers[] = {0xc802, 0x0002, 0x4802, 0x0802, 0xc803, 0x0202};
	size_t len = next_random(state) % LENGTH_MAX;

	for (size_t i = 0; i < len; i += sizeof(uint64_t)) {
		uint64_t word = next_random(state);

		memcpy(bytes + i, &word, sizeof(word));
	}
	if (len >= 2 && next_random(state) & 1) {
		uint16_t header = headers[next_random(state) % 6];

		bytes[0] = (uint8_t)(header >> 8);
		bytes[1] = (uint8_t)header;
	}
	return len;
}

/* Gives how many left this host. */
static uint64_t
send_random(int fd, unsigned rate, unsigned seconds)
{
	static uint8_t bytes[BATCH][LENGTH_MAX + sizeof(uint64_t)];
	struct mmsghdr hdr[BATCH];
	struct iovec iov[BATCH];
	uint64_t state = 0, sent = 0;
	double began = now();

	if (getrandom(&state, sizeof(state), 0) < 0 || !state)
		state = 4711;
	memset(hdr, 0, sizeof(hdr));
	while (now() < began + seconds) {
		int n;

		if ((double)sent > (now() - began) * rate) {
			usleep(200);
			continue;
		}
		for (size_t i = 0; i < BATCH; i++) {
			iov[i] = (struct iovec){bytes[i], fill(bytes[i], &state)};
			hdr[i].msg_hdr.msg_iov = &iov[i];
			hdr[i].msg_hdr.msg_iovlen = 1;
		}
		n = sendmmsg(fd, hdr, BATCH, 0);
		sent += n > 0 ? (unsigned)n : 1; /* an ICMP error of the one before */
	}
	return sent;
}

static uint64_t
send_sizes(int fd, char **sizes, int count)
{
	static uint8_t zeros[65507];
	uint64_t sent = 0;

	for (int i = 0; i < count; i++) {
		size_t size = strtoul(sizes[i], NULL, 10);

		if (size <= sizeof(zeros) && send(fd, zeros, size, 0) == (ssize_t)size)
			sent++;
		else
			perror(sizes[i]);
	}
	return sent;
}

static int
usage(void)
{
	fprintf(stderr, "usage: flood HOST PORT RATE SECONDS | flood HOST PORT size N...\n");
	return 2;
}

int
main(int argc, char **argv)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	uint64_t sent;
	int fd;

	if (argc < 5 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
		return usage();
	to.sin_port = htons((uint16_t)atoi(argv[2]));
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
		perror("flood");
		return 1;
	}
	if (strcmp(argv[3], "size") == 0) {
		sent = send_sizes(fd, argv + 4, argc - 4);
	} else {
		unsigned rate = (unsigned)atoi(argv[3]), seconds = (unsigned)atoi(argv[4]);

		if (!rate || rate > RATE_MAX || !seconds || seconds > SECONDS_MAX)
			return usage();
		sent = send_random(fd, rate, seconds);
	}
	close(fd);
	printf("%llu\n", (unsigned long long)sent);
	return 0;
}
