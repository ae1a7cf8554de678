/*
 * A conn alone has no mark yet, only its instances have, and those are made by clients. To initiate
 * from here would be another path through pluto, and not a safe one in every version; to answer is
 * what it does for anybody on the network.
 */
#include "keeper/ipsec_probe.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "command.h"
#include "keeper/ipsec_host.h"
#include "log.h"

#define COMMAND_MS 10000
#define ANSWER_MS 2000
#define PROBE_FILE "/run/lnsd/ipsec-probe.conf"
#define COOKIE_BYTES 8

/* RFC 2408 §3 and RFC 2409 §5: the first message of Main Mode, with one transform */
static const uint8_t main_mode[] = {
	/* header: the initiator's cookie (filled in), no responder's; SA follows, Main Mode */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x10, 2, 0, 0, 0, 0, 0, 0, 0, 0, 84,
	/* SA: IPsec DOI, identity only */
	0, 0, 0, 56, 0, 0, 0, 1, 0, 0, 0, 1,
	/* proposal 1: ISAKMP, no SPI, one transform */
	0, 0, 0, 44, 1, 1, 0, 1,
	/* transform 1: KEY_IKE */
	0, 0, 0, 36, 1, 1, 0, 0,
	/* AES-CBC, 128 bits, SHA2-256, pre-shared key, group 14, 3600 seconds */
	0x80, 1, 0, 7, 0x80, 14, 0, 128, 0x80, 2, 0, 4, 0x80, 3, 0, 1, 0x80, 4, 0, 14, 0x80, 11, 0,
	1, 0x80, 12, 0x0e, 0x10};

static bool
exchange(int fd, uint32_t from)
{
	struct sockaddr_in local = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(from)};
	struct sockaddr_in pluto = {.sin_family = AF_INET,
				    .sin_port = htons(500),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct pollfd answer = {.fd = fd, .events = POLLIN};
	uint8_t packet[sizeof(main_mode)], reply[2048];

	memcpy(packet, main_mode, sizeof(packet));
	return getrandom(packet, COOKIE_BYTES, GRND_NONBLOCK) == COOKIE_BYTES &&
	       bind(fd, (void *)&local, sizeof(local)) == 0 &&
	       connect(fd, (void *)&pluto, sizeof(pluto)) == 0 &&
	       send(fd, packet, sizeof(packet), 0) == (ssize_t)sizeof(packet) &&
	       poll(&answer, 1, ANSWER_MS) == 1 && recv(fd, reply, sizeof(reply), 0) > 0;
}

/* Begins Main Mode from a loopback address; true when pluto answered, and so made an instance. */
static bool
knock(uint32_t from)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool answered = fd >= 0 && exchange(fd, from);

	if (fd >= 0)
		close(fd);
	return answered;
}

static void
read_marks(void *ctx, const char *line)
{
	pluto_read_marks(ctx, line);
}

/* False when pluto does not take the conn, or does not show it. */
static bool
look(struct pluto_marks *marks, const char *ipsec, const struct pluto_version *version,
     enum ipsec_apart apart)
{
	const char *const addconn[] = {ipsec,	   "addconn",	     "--config",
				       PROBE_FILE, IPSEC_PROBE_CONN, NULL};
	const char *const status[] = {ipsec, "whack", "--status", NULL};
	const char *const delete[] = {ipsec, "whack", "--delete", "--name", IPSEC_PROBE_CONN, NULL};
	char text[1024];
	bool ok;

	*marks = (struct pluto_marks){.conn = IPSEC_PROBE_CONN};
	ok = ipsec_host_write(PROBE_FILE, ipsec_probe_text(text, sizeof(text), version, apart),
			      0600) == 0 &&
	     command_run(addconn, COMMAND_MS, NULL, NULL) == 0;
	if (ok && apart == IPSEC_APART_MARK)
		ok = knock(INADDR_LOOPBACK + 1) && knock(INADDR_LOOPBACK + 2);
	ok = ok && command_run(status, COMMAND_MS, read_marks, marks) >= 0;
	command_run(delete, COMMAND_MS, NULL, NULL);
	unlink(PROBE_FILE);
	return ok;
}

enum ipsec_apart
ipsec_probe(const char *ipsec, const struct pluto_version *version)
{
	struct pluto_marks marks;

	if (!look(&marks, ipsec, version, IPSEC_APART_MARK) || marks.count < 2) {
		log_notice("ipsec: libreswan did not answer on 127.0.0.1; whether it can tell "
			   "clients behind one NAT apart is taken from its version");
		return ipsec_apart_guess(version);
	}
	if (marks.marks[0] != marks.marks[1])
		return IPSEC_APART_MARK;
	if (look(&marks, ipsec, version, IPSEC_APART_OVERLAP) && marks.overlaps)
		return IPSEC_APART_OVERLAP;
	return IPSEC_APART_NOTHING;
}
