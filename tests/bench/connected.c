/*
 * What connected UDP sockets on one port cost: each tunnel in the kernel has one
 * (keeper/sockets.c). Nanoseconds to send a datagram over loopback and to receive it, for a peer
 * without a socket of its own, beside 0, 1, 100 … others that have one. The kernel compares them
 * one after another before Linux 6.13. Usage: connected [COUNT...]
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 21
#define ROUND 500
#define PORT 31701

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static struct sockaddr_in
place(uint32_t ip, uint16_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(ip)}};
}

/* 127.1.0.0 and on: nobody is there, and nobody has to be. */
static void
add(uint32_t i)
{
	struct sockaddr_in local = place(INADDR_LOOPBACK, PORT), peer = place(0x7f010000 + i, PORT);
	int fd = socket(AF_INET, SOCK_DGRAM, 0), on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&local, sizeof(local)) < 0 ||
	    connect(fd, (struct sockaddr *)&peer, sizeof(peer)) < 0)
		die("a connected socket");
}

static double
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static double
round_ns(int from, int to)
{
	static const uint8_t frame[100];
	uint8_t got[200];
	double start = now_ns();

	for (int i = 0; i < ROUND; i++) {
		if (send(from, frame, sizeof(frame), 0) != sizeof(frame) ||
		    recv(to, got, sizeof(got), MSG_DONTWAIT) != sizeof(frame))
			die("a datagram");
	}
	return (now_ns() - start) / ROUND;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median_ns(int from, int to)
{
	double rounds[ROUNDS];

	for (size_t i = 0; i < ROUNDS; i++)
		rounds[i] = round_ns(from, to);
	qsort(rounds, ROUNDS, sizeof(rounds[0]), compare);
	return rounds[ROUNDS / 2];
}

int
main(int argc, char **argv)
{
	static const char *const usual[] = {"0", "1", "100", "1000", "10000"};
	struct rlimit files;
	struct sockaddr_in all = place(INADDR_ANY, PORT), to = place(INADDR_LOOPBACK, PORT);
	int listener = socket(AF_INET, SOCK_DGRAM, 0), sender = socket(AF_INET, SOCK_DGRAM, 0);
	int on = 1, steps = argc > 1 ? argc - 1 : (int)(sizeof(usual) / sizeof(usual[0]));
	uint32_t there = 0;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (bind(listener, (struct sockaddr *)&all, sizeof(all)) < 0 ||
	    setsockopt(listener, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) < 0 ||
	    connect(sender, (struct sockaddr *)&to, sizeof(to)) < 0)
		die("the listening socket");
	for (int i = 0; i < steps; i++) {
		uint32_t wanted = (uint32_t)strtoul(argc > 1 ? argv[i + 1] : usual[i], NULL, 10);

		while (there < wanted)
			add(there++);
		printf("%6u connected sockets: %8.0f ns a datagram\n", there,
		       median_ns(sender, listener));
	}
	return 0;
}
