/* DHCPINFORM (RFC 2131 §3.4, §4.3.5): a client that has its address asks for the rest. Nothing else
 * of DHCP is served: addresses come by IPCP. */
#include <string.h>

#include "conf.h"
#include "inside/asked.h"

enum { REQUEST = 1, REPLY = 2, INFORM = 8, ACK = 5 };
enum {
	OPTION_PAD = 0,
	OPTION_MASK = 1,
	OPTION_DNS = 6,
	OPTION_DOMAIN = 15,
	OPTION_NETBIOS = 44,
	OPTION_TYPE = 53,
	OPTION_SERVER = 54,
	OPTION_LIST = 55,
	OPTION_MAX_SIZE = 57,
	OPTION_ROUTES = 121,	/* RFC 3442 */
	OPTION_ROUTES_MS = 249, /* the same, as Windows asked for it before */
	OPTION_END = 255
};
enum { NAMES = 64 + 128, HEADERS = 28, SIZE_LEAST = 576, PORT_SERVER = 67, PORT_CLIENT = 68 };
#define COOKIE 0x63825363u

/* What counts of a request. */
struct request {
	const uint8_t *xid;    /* with secs and flags: 8 bytes */
	const uint8_t *chaddr; /* 16 bytes */
	uint8_t htype, hlen;
	uint32_t ciaddr;
	uint8_t type;
	const uint8_t *wanted; /* NULL: it does not say */
	size_t wanted_count;
	size_t max_size; /* of the IP packet */
};

static void
read_option(struct request *request, uint8_t code, struct rd value)
{
	size_t len = rd_left(&value);

	if (code == OPTION_TYPE && len == 1) {
		request->type = rd_u8(&value);
	} else if (code == OPTION_LIST) {
		request->wanted = value.p;
		request->wanted_count = len;
	} else if (code == OPTION_MAX_SIZE && len == 2) {
		request->max_size = rd_u16(&value);
	}
}

static bool
read_request(struct request *request, struct rd *r)
{
	uint8_t op = rd_u8(r);

	*request = (struct request){.max_size = SIZE_LEAST};
	request->htype = rd_u8(r);
	request->hlen = rd_u8(r);
	rd_u8(r);
	request->xid = rd_bytes(r, 8);
	request->ciaddr = rd_u32(r);
	rd_bytes(r, 12);
	request->chaddr = rd_bytes(r, 16);
	rd_bytes(r, NAMES);
	if (rd_u32(r) != COOKIE || r->bad || op != REQUEST || request->hlen > 16)
		return false;
	while (rd_left(r)) {
		uint8_t code = rd_u8(r);

		if (code == OPTION_END)
			break;
		if (code != OPTION_PAD)
			read_option(request, code, rd_sub(r, rd_u8(r)));
	}
	return !r->bad && request->type == INFORM;
}

/* ── the answer's options ───────────────────────────────────────────────────────────────── */

/* Writes an option's value; nothing when there is none. */
typedef void value_fn(const struct inside *inside, struct wr *w);

static void
put_addresses(struct wr *w, const uint32_t *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		wr_u32(w, list[i]);
}

static void
value_dns(const struct inside *inside, struct wr *w)
{
	put_addresses(w, inside->link->dns, inside->link->dns_count);
}

static void
value_netbios(const struct inside *inside, struct wr *w)
{
	put_addresses(w, inside->conf->network.wins, inside->conf->network.wins_count);
}

static void
value_domain(const struct inside *inside, struct wr *w)
{
	const char *domain = inside->conf->network.search_domain;

	wr_bytes(w, domain, strlen(domain));
}

/* The link has two ends and no network. */
static void
value_mask(const struct inside *inside, struct wr *w)
{
	(void)inside;
	wr_u32(w, UINT32_MAX);
}

/* RFC 3442: the prefix's length, as many bytes of it as that takes, the router */
static void
value_routes(const struct inside *inside, struct wr *w)
{
	const struct conf *conf = inside->conf;

	for (size_t i = 0; i < conf->network.route_count; i++) {
		const struct lns_prefix *route = &conf->network.routes[i];

		if (route->family != 4)
			continue;
		wr_u8(w, (uint8_t)route->bits);
		wr_bytes(w, route->ip, (route->bits + 7u) / 8);
		wr_u32(w, inside->link->gateway);
	}
}

/* The most important first: what does not fit is left out. */
static const struct {
	uint8_t code;
	value_fn *value;
} options[] = {
	{OPTION_ROUTES, value_routes}, {OPTION_DNS, value_dns},
	{OPTION_DOMAIN, value_domain}, {OPTION_NETBIOS, value_netbios},
	{OPTION_MASK, value_mask},     {OPTION_ROUTES_MS, value_routes},
};

/* Who sends no list gets all. */
static bool
wants(const struct request *request, uint8_t code)
{
	return !request->wanted || memchr(request->wanted, code, request->wanted_count);
}

static void
put_option(const struct inside *inside, struct wr *w, uint8_t code, value_fn *value)
{
	uint8_t bytes[UINT8_MAX];
	struct wr v = wr_init(bytes, sizeof(bytes));

	value(inside, &v);
	/* one byte stays for the end */
	if (wr_len(&v) == 0 || (size_t)(w->end - w->p) < wr_len(&v) + 3)
		return;
	wr_u8(w, code);
	wr_u8(w, (uint8_t)wr_len(&v));
	wr_bytes(w, bytes, wr_len(&v));
}

static void
put_options(const struct inside *inside, const struct request *request, struct wr *w)
{
	wr_u8(w, OPTION_TYPE);
	wr_u8(w, 1);
	wr_u8(w, ACK);
	wr_u8(w, OPTION_SERVER);
	wr_u8(w, 4);
	wr_u32(w, inside->link->gateway);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (wants(request, options[i].code))
			put_option(inside, w, options[i].code, options[i].value);
	wr_u8(w, OPTION_END);
}

/* yiaddr and the lease time stay away: the address is the client's already. */
static void
put_message(const struct inside *inside, const struct request *request, struct wr *w)
{
	static const uint8_t zeros[NAMES] = {0};

	wr_u8(w, REPLY);
	wr_u8(w, request->htype);
	wr_u8(w, request->hlen);
	wr_u8(w, 0);
	wr_bytes(w, request->xid, 8);
	wr_u32(w, request->ciaddr);
	wr_bytes(w, zeros, 12);
	wr_bytes(w, request->chaddr, 16);
	wr_bytes(w, zeros, sizeof(zeros));
	wr_u32(w, COOKIE);
	put_options(inside, request, w);
}

/* The room that both the client and the link have for the whole packet. */
static void
bound(struct wr *w, const struct ip_out *packet, const struct request *request, size_t mtu)
{
	size_t most = request->max_size > SIZE_LEAST ? request->max_size : SIZE_LEAST;

	if (most > mtu)
		most = mtu;
	if (!w->bad && packet->ip + most < w->end)
		w->end = packet->ip + most;
}

bool
dhcp4_knows(const struct inside *inside)
{
	const struct conf *conf = inside->conf;

	return conf->network.route_count || conf->network.wins_count || inside->link->dns_count ||
	       conf->network.search_domain[0];
}

bool
dhcp4_answer(const struct inside *inside, struct rd message, struct wr *answer)
{
	const struct inside_link *link = inside->link;
	struct ip_out packet;
	struct request request;
	uint8_t from[4], to[4];
	struct wr w = wr_init(from, sizeof(from));

	if (!read_request(&request, &message) || request.ciaddr != link->address)
		return false;
	wr_u32(&w, link->gateway);
	w = wr_init(to, sizeof(to));
	wr_u32(&w, link->address);
	ip_begin4(&packet, answer, from, to);
	ip_udp(&packet, PORT_SERVER, PORT_CLIENT);
	bound(answer, &packet, &request, inside->conf->network.mtu);
	put_message(inside, &request, answer);
	return ip_end(&packet);
}
