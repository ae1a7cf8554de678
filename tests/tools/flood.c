/*
 * Datagrams in numbers:
 *	flood [-n COUNT] [-r RATE] [-s SECONDS] [-f FROM] [-t TUNNEL] [-c SESSION] HOST PORT KIND
 * sends COUNT of a KIND, or for SECONDS, RATE a second or as fast as they go, and prints how many
 * have left and how many that was a second. FROM is NET/BITS or NET/BITS:PORT: each comes from
 * another address of the net, and from a random port or from this one (needs CAP_NET_RAW).
 * TUNNEL and SESSION are the ids that kinds for a live tunnel carry.
 *	flood HOST PORT size N...
 * sends one datagram of zeros of each size.
 */
#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "wire.h"

#define BATCH 64
#define DATAGRAM_MAX 65507
#define LENGTH_MAX 600 /* of random bytes */
#define HEADERS (sizeof(struct iphdr) + sizeof(struct udphdr))

/* The rest of a 32-bit word of random bytes may follow; an odd length keeps a batch of them apart
 * in the cache. */
struct packet {
	uint8_t bytes[HEADERS + DATAGRAM_MAX + 8];
};

struct flood {
	struct sockaddr_in to;
	uint64_t count, random;
	double seconds, rate;
	bool forged;
	uint32_t net, host_bits; /* host order */
	uint16_t port;		 /* 0: random */
	uint16_t tunnel, session;
	bool odd; /* every second one is its kind's other form */
	const struct kind *kind;
};

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static uint32_t
next_random(struct flood *flood)
{
	flood->random ^= flood->random << 13;
	flood->random ^= flood->random >> 7;
	flood->random ^= flood->random << 17;
	return (uint32_t)(flood->random >> 16);
}

static uint16_t
random_id(struct flood *flood)
{
	return (uint16_t)(next_random(flood) % 65535 + 1);
}

/* ── what they hold ─────────────────────────────────────────────────────────────────────── */

static __attribute__((nonnull)) struct wr
begin_control(uint8_t *bytes, uint16_t tid, uint16_t sid, uint16_t ns)
{
	struct wr w = wr_init(bytes, DATAGRAM_MAX);

	wr_u16(&w, 0xc802);
	wr_u16(&w, 0);
	wr_u16(&w, tid);
	wr_u16(&w, sid);
	wr_u16(&w, ns);
	wr_u16(&w, 0);
	return w;
}

static size_t
finish(struct wr *w)
{
	wr_patch_u16(w, w->start + 2, (uint16_t)wr_len(w));
	return wr_len(w);
}

static void
put_avp(struct wr *w, uint16_t attribute, uint32_t value, unsigned octets)
{
	wr_u16(w, (uint16_t)(0x8000 | (6 + octets)));
	wr_u16(w, 0);
	wr_u16(w, attribute);
	if (octets == 4)
		wr_u32(w, value);
	else
		wr_u16(w, (uint16_t)value);
}

/* Whole and valid: with all that RFC 2661 §6.1 asks for, something of it last. */
static size_t
fill_sccrq(struct flood *flood, uint8_t *bytes)
{
	struct wr w = begin_control(bytes, 0, 0, 0);

	put_avp(&w, 0, 1, 2);
	put_avp(&w, 2, 0x0100, 2);
	put_avp(&w, 3, 3, 4);
	put_avp(&w, 7, next_random(flood) | 0x40404040, 4);
	put_avp(&w, 10, 4, 2);
	put_avp(&w, 9, random_id(flood), 2);
	return finish(&w);
}

static size_t
fill_data(struct wr w, uint16_t tid, uint16_t sid)
{
	wr_u16(&w, 0x0002);
	wr_u16(&w, tid);
	wr_u16(&w, sid);
	wr_u32(&w, 0xff030021);
	wr_bytes(&w, "a packet that nobody has asked for", 34);
	return wr_len(&w);
}

static uint16_t
other_than(struct flood *flood, uint16_t id)
{
	uint16_t other = random_id(flood);

	return other == id ? (uint16_t)(id ^ 1) : other;
}

/* A tunnel that there is not: a control message and data in turn. */
static size_t
fill_unknown_tunnel(struct flood *flood, uint8_t *bytes)
{
	uint16_t tid = other_than(flood, flood->tunnel);
	struct wr w = begin_control(bytes, tid, 0, 1);

	if (flood->odd)
		return fill_data(wr_init(bytes, DATAGRAM_MAX), tid, random_id(flood));
	put_avp(&w, 0, 6, 2);
	return finish(&w);
}

static size_t
fill_unknown_session(struct flood *flood, uint8_t *bytes)
{
	return fill_data(wr_init(bytes, DATAGRAM_MAX), flood->tunnel,
			 other_than(flood, flood->session));
}

/* For the live session: from its own FROM a frame like any other. */
static size_t
fill_live(struct flood *flood, uint8_t *bytes)
{
	return fill_data(wr_init(bytes, DATAGRAM_MAX), flood->tunnel, flood->session);
}

static size_t
fill_session_zero(struct flood *flood, uint8_t *bytes)
{
	return fill_data(wr_init(bytes, DATAGRAM_MAX), flood->tunnel, 0);
}

/* The live tunnel's ids, data and StopCCN in turn: for a FROM that is not its own. */
static size_t
fill_stolen(struct flood *flood, uint8_t *bytes)
{
	struct wr w = begin_control(bytes, flood->tunnel, 0, 2);

	if (flood->odd)
		return fill_data(wr_init(bytes, DATAGRAM_MAX), flood->tunnel, flood->session);
	put_avp(&w, 0, 4, 2);
	put_avp(&w, 9, random_id(flood), 2);
	put_avp(&w, 1, 1, 2);
	return finish(&w);
}

/* A control message without L, S or both; with O; longer or shorter than it says. */
static size_t
fill_bad_header(struct flood *flood, uint8_t *bytes)
{
	static const uint16_t flags[] = {0x8002, 0x8802, 0xc002, 0xca02, 0xc802, 0xc802};
	unsigned which = next_random(flood) % 6;
	size_t len = fill_sccrq(flood, bytes);

	bytes[0] = (uint8_t)(flags[which] >> 8);
	if (which == 4)
		bytes[3] = 200;
	else if (which == 5)
		bytes[3] = 5;
	return len;
}

static size_t
fill_version(struct flood *flood, uint8_t *bytes, uint8_t version)
{
	size_t len = fill_sccrq(flood, bytes);

	if (flood->odd)
		bytes[0] = 0x40;
	bytes[1] = version;
	return len;
}

static size_t
fill_l2f(struct flood *flood, uint8_t *bytes)
{
	return fill_version(flood, bytes, 1);
}

static size_t
fill_l2tpv3(struct flood *flood, uint8_t *bytes)
{
	return fill_version(flood, bytes, 3);
}

/* A SCCRQ whose last AVPs are cut off, anywhere, and whose header is right about it. */
static size_t
fill_cut_avps(struct flood *flood, uint8_t *bytes)
{
	size_t len = fill_sccrq(flood, bytes);

	len = 21 + next_random(flood) % (len - 21);
	bytes[3] = (uint8_t)len;
	return len;
}

static size_t
fill_zlb(struct flood *flood, uint8_t *bytes)
{
	struct wr w = begin_control(bytes, other_than(flood, flood->tunnel), 0, 1);

	return finish(&w);
}

/* Half of them look like L2TP: the first two bytes are a plausible header's. */
static size_t
fill_random(struct flood *flood, uint8_t *bytes)
{
	static const uint16_t headers[] = {0xc802, 0x0002, 0x4802, 0x0802, 0xc803, 0x0202};
	size_t len = next_random(flood) % LENGTH_MAX;

	for (size_t i = 0; i < len; i += sizeof(uint32_t)) {
		uint32_t word = next_random(flood);

		memcpy(bytes + i, &word, sizeof(word));
	}
	if (len >= 2 && flood->odd) {
		uint16_t header = headers[next_random(flood) % 6];

		bytes[0] = (uint8_t)(header >> 8);
		bytes[1] = (uint8_t)header;
	}
	return len;
}

static size_t
fill_empty(struct flood *flood, uint8_t *bytes)
{
	(void)flood;
	(void)bytes;
	return 0;
}

/* As much as UDP holds; its beginning is a SCCRQ's. */
static size_t
fill_jumbo(struct flood *flood, uint8_t *bytes)
{
	fill_sccrq(flood, bytes);
	return DATAGRAM_MAX;
}

static const struct kind {
	const char *name;
	size_t (*fill)(struct flood *flood, uint8_t *bytes);
} kinds[] = {
	{"sccrq", fill_sccrq},
	{"unknown-tunnel", fill_unknown_tunnel},
	{"unknown-session", fill_unknown_session},
	{"session-zero", fill_session_zero},
	{"data", fill_live},
	{"stolen", fill_stolen},
	{"bad-header", fill_bad_header},
	{"l2f", fill_l2f},
	{"l2tpv3", fill_l2tpv3},
	{"cut-avps", fill_cut_avps},
	{"zlb", fill_zlb},
	{"random", fill_random},
	{"empty", fill_empty},
	{"jumbo", fill_jumbo},
};

/* ── sending ────────────────────────────────────────────────────────────────────────────── */

/* The kernel fills in the rest of the IP header; UDP may go without a checksum. */
static size_t
forge(struct flood *flood, uint8_t *packet, size_t len)
{
	struct iphdr ip = {.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP};
	struct udphdr udp = {.dest = flood->to.sin_port};
	uint32_t host = next_random(flood) & flood->host_bits;

	ip.saddr = htonl(flood->net | host);
	ip.daddr = flood->to.sin_addr.s_addr;
	ip.tot_len = htons((uint16_t)(HEADERS + len));
	udp.source = htons(flood->port ? flood->port : random_id(flood));
	udp.len = htons((uint16_t)(sizeof(udp) + len));
	memcpy(packet, &ip, sizeof(ip));
	memcpy(packet + sizeof(ip), &udp, sizeof(udp));
	return HEADERS + len;
}

static size_t
fill(struct flood *flood, uint8_t *packet)
{
	size_t ahead = flood->forged ? HEADERS : 0;
	size_t len = flood->kind->fill(flood, packet + ahead);

	flood->odd = !flood->odd;
	return flood->forged ? forge(flood, packet, len) : len;
}

/* Gives how many left this host. */
static uint64_t
send_all(struct flood *flood, int fd, struct packet *packets)
{
	struct mmsghdr hdr[BATCH] = {0};
	struct iovec iov[BATCH];
	uint64_t sent = 0;
	double began = now();

	while (sent < flood->count && now() < began + flood->seconds) {
		unsigned wanted =
			flood->count - sent < BATCH ? (unsigned)(flood->count - sent) : BATCH;
		int n;

		if ((double)sent > (now() - began) * flood->rate) {
			usleep(100);
			continue;
		}
		for (size_t i = 0; i < wanted; i++) {
			iov[i] = (struct iovec){packets[i].bytes, fill(flood, packets[i].bytes)};
			hdr[i].msg_hdr = (struct msghdr){.msg_name = &flood->to,
							 .msg_namelen = sizeof(flood->to),
							 .msg_iov = &iov[i],
							 .msg_iovlen = 1};
		}
		n = sendmmsg(fd, hdr, wanted, 0);
		if (n > 0) /* else an ICMP error of one before, or no room at the moment */
			sent += (unsigned)n;
	}
	return sent;
}

static int
run(struct flood *flood)
{
	int fd = flood->forged ? socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW)
			       : socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct packet *packets = calloc(BATCH, sizeof(*packets));
	double began = now();
	uint64_t sent;

	if (!packets) {
		fputs("flood: out of memory\n", stderr);
		return 1;
	}
	if (fd < 0 || getrandom(&flood->random, sizeof(flood->random), 0) < 0) {
		perror("flood");
		free(packets);
		return 1;
	}
	flood->random |= 1;
	sent = send_all(flood, fd, packets);
	printf("%llu %.0f\n", (unsigned long long)sent, (double)sent / (now() - began));
	close(fd);
	free(packets);
	return 0;
}

static int
send_sizes(const struct flood *flood, char **sizes, int count)
{
	static const uint8_t zeros[DATAGRAM_MAX];
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int result = 0;

	for (int i = 0; i < count; i++) {
		size_t size = strtoul(sizes[i], NULL, 10);

		if (size > sizeof(zeros) ||
		    sendto(fd, zeros, size, 0, (const struct sockaddr *)&flood->to,
			   sizeof(flood->to)) != (ssize_t)size) {
			perror(sizes[i]);
			result = 1;
		}
	}
	close(fd);
	return result;
}

/* ── options ────────────────────────────────────────────────────────────────────────────── */

static bool
read_from(struct flood *flood, const char *text)
{
	char net[INET_ADDRSTRLEN];
	struct in_addr addr;
	unsigned bits, port = 0;

	if (sscanf(text, "%15[0-9.]/%u:%u", net, &bits, &port) < 2 || bits < 1 || bits > 32 ||
	    port > UINT16_MAX || inet_pton(AF_INET, net, &addr) != 1)
		return false;
	flood->host_bits = bits == 32 ? 0 : UINT32_MAX >> bits;
	flood->net = ntohl(addr.s_addr) & ~flood->host_bits;
	flood->port = (uint16_t)port;
	flood->forged = true;
	return true;
}

static bool
read_option(struct flood *flood, int option, const char *value)
{
	switch (option) {
	case 'n':
		flood->count = strtoull(value, NULL, 10);
		return flood->count > 0;
	case 'r':
		flood->rate = strtod(value, NULL);
		return flood->rate > 0;
	case 's':
		flood->seconds = strtod(value, NULL);
		return flood->seconds > 0;
	case 'f':
		return read_from(flood, value);
	case 't':
		flood->tunnel = (uint16_t)strtoul(value, NULL, 10);
		return true;
	case 'c':
		flood->session = (uint16_t)strtoul(value, NULL, 10);
		return true;
	default:
		return false;
	}
}

static const struct kind *
find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	}
	return NULL;
}

int
main(int argc, char **argv)
{
	struct flood flood = {
		.to = {.sin_family = AF_INET}, .count = UINT64_MAX, .seconds = 600, .rate = 1e12};
	bool ok = true;
	int option;

	while (ok && (option = getopt(argc, argv, "+n:r:s:f:t:c:")) != -1)
		ok = read_option(&flood, option, optarg);
	argv += optind;
	argc -= optind;
	if (ok && argc >= 3 && inet_pton(AF_INET, argv[0], &flood.to.sin_addr) == 1) {
		flood.to.sin_port = htons((uint16_t)atoi(argv[1]));
		flood.kind = find_kind(argv[2]);
		if (flood.kind)
			return run(&flood);
		if (strcmp(argv[2], "size") == 0)
			return send_sizes(&flood, argv + 3, argc - 3);
	}
	fprintf(stderr, "usage: flood [-n COUNT] [-r RATE] [-s SECONDS] [-f NET/BITS[:PORT]] "
			"[-t TUNNEL] [-c SESSION] HOST PORT KIND | flood HOST PORT size N...\n");
	return 2;
}
