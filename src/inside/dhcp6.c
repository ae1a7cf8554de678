/*
 * DHCPv6 (RFC 8415) for one client on its own link: name servers, the domain, and the prefix for
 * networks behind the client. There is one binding, the session's own, for as long as the session
 * lives: nothing is kept, and whatever the client asks for is answered with what it has. Addresses
 * are no matter of DHCPv6 here, but of the Router Advertisement's prefix.
 */
#include <string.h>

#include "conf.h"
#include "inside/asked.h"
#include "inside/domain.h"

enum {
	SOLICIT = 1,
	ADVERTISE = 2,
	REQUEST = 3,
	RENEW = 5,
	REBIND = 6,
	REPLY = 7,
	RELEASE = 8,
	DECLINE = 9,
	INFORMATION_REQUEST = 11
};
enum {
	OPTION_CLIENTID = 1,
	OPTION_SERVERID = 2,
	OPTION_IA_NA = 3,
	OPTION_IA_TA = 4,
	OPTION_STATUS = 13,
	OPTION_RAPID_COMMIT = 14,
	OPTION_DNS = 23,
	OPTION_DOMAINS = 24,
	OPTION_IA_PD = 25,
	OPTION_IAPREFIX = 26
};
enum { STATUS_SUCCESS = 0, STATUS_NO_ADDRESSES = 2, STATUS_NO_PREFIX = 6 };
enum { PORT_CLIENT = 546, PORT_SERVER = 547 };

#define DUID_MAX 130 /* §11.1, with the type */
#define DUID_UUID 4
#define IAS_MAX 8      /* associations in one message that are answered */
#define PREFIXES_MAX 8 /* prefixes of one that are taken back */
/* Seconds */
#define VALID 86400
#define PREFERRED 14400
#define T1 7200
#define T2 11520

enum server_id { MUST, MUST_NOT, MAY };

/* §16.2 to §16.12: who must have named whom. What is not here is not answered; Confirm is about
 * addresses. */
static const struct rule {
	uint8_t type, answer;
	bool client_id; /* must be there */
	enum server_id server_id;
	bool binds; /* is about associations */
} rules[] = {
	{SOLICIT, ADVERTISE, true, MUST_NOT, true},
	{REQUEST, REPLY, true, MUST, true},
	{RENEW, REPLY, true, MUST, true},
	{REBIND, REPLY, true, MUST_NOT, true},
	{RELEASE, REPLY, true, MUST, false},
	{DECLINE, REPLY, true, MUST, false},
	{INFORMATION_REQUEST, REPLY, false, MAY, false},
};

struct message {
	const struct rule *rule;
	const uint8_t *xid; /* 3 bytes */
	struct rd client_id, server_id;
	bool has_client_id, has_server_id, has_ia, rapid_commit;
	struct rd options; /* all of them */
};

static const struct rule *
find_rule(uint8_t type)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].type == type)
			return &rules[i];
	return NULL;
}

static void
read_option(struct message *message, uint16_t code, struct rd value)
{
	switch (code) {
	case OPTION_CLIENTID:
		message->client_id = value;
		message->has_client_id = true;
		break;
	case OPTION_SERVERID:
		message->server_id = value;
		message->has_server_id = true;
		break;
	case OPTION_RAPID_COMMIT:
		message->rapid_commit = true;
		break;
	case OPTION_IA_NA:
	case OPTION_IA_TA:
	case OPTION_IA_PD:
		message->has_ia = true;
		break;
	default:
		break;
	}
}

static void
put_duid(struct wr *w, const struct inside *inside)
{
	wr_u16(w, DUID_UUID);
	wr_bytes(w, inside->uuid, INSIDE_UUID);
}

static bool
is_us(const struct inside *inside, struct rd server_id)
{
	uint8_t duid[2 + INSIDE_UUID];
	struct wr w = wr_init(duid, sizeof(duid));

	put_duid(&w, inside);
	return rd_left(&server_id) == sizeof(duid) && memcmp(server_id.p, duid, sizeof(duid)) == 0;
}

/* §16: a message that does not name whom it must, or names others, is not answered. */
static bool
is_for_us(const struct inside *inside, const struct message *message)
{
	size_t id = rd_left(&message->client_id);

	if (message->rule->client_id && !message->has_client_id)
		return false;
	if (message->has_client_id && (id < 3 || id > DUID_MAX))
		return false;
	if (message->rule->type == INFORMATION_REQUEST && message->has_ia)
		return false;
	if (!message->has_server_id)
		return message->rule->server_id != MUST;
	return message->rule->server_id != MUST_NOT && is_us(inside, message->server_id);
}

static bool
read_message(struct message *message, struct rd *r)
{
	memset(message, 0, sizeof(*message));
	message->rule = find_rule(rd_u8(r));
	message->xid = rd_bytes(r, 3);
	message->options = *r;
	while (rd_left(r)) {
		uint16_t code = rd_u16(r);

		read_option(message, code, rd_sub(r, rd_u16(r)));
	}
	return !r->bad && message->rule;
}

/* ── the answer ─────────────────────────────────────────────────────────────────────────── */

/* The length's place; option_end() fills it in. */
static uint8_t *
option_begin(struct wr *w, uint16_t code)
{
	uint8_t *place;

	wr_u16(w, code);
	place = w->p;
	wr_u16(w, 0);
	return place;
}

static void
option_end(struct wr *w, uint8_t *place)
{
	wr_patch_u16(w, place, (uint16_t)(w->p - place - 2));
}

static void
put_status(struct wr *w, uint16_t status)
{
	wr_u16(w, OPTION_STATUS);
	wr_u16(w, 2);
	wr_u16(w, status);
}

static void
put_prefix(struct wr *w, const uint8_t *ip, uint8_t bits, bool ours)
{
	wr_u16(w, OPTION_IAPREFIX);
	wr_u16(w, 25);
	wr_u32(w, ours ? PREFERRED : 0);
	wr_u32(w, ours ? VALID : 0);
	wr_u8(w, bits);
	wr_bytes(w, ip, 16);
}

/* §18.3.4: prefixes that the client thinks are its own and that are not have come to their end. */
static void
put_others(struct wr *w, struct rd options, const struct lns_prefix *ours)
{
	for (int i = 0; rd_left(&options) && i < PREFIXES_MAX;) {
		uint16_t code = rd_u16(&options);
		struct rd value = rd_sub(&options, rd_u16(&options));
		const uint8_t *ip;
		uint8_t bits;

		if (code != OPTION_IAPREFIX)
			continue;
		rd_u64(&value);
		bits = rd_u8(&value);
		ip = rd_bytes(&value, 16);
		/* a hint at a length has no address */
		if (!ip || bits > 128 || !(ip[0] | ip[1]))
			continue;
		if (bits != ours->bits || memcmp(ip, ours->ip, 16) != 0)
			put_prefix(w, ip, bits, false);
		i++;
	}
}

static void
put_ia_pd(const struct inside *inside, struct wr *w, struct rd value, bool first)
{
	const struct lns_prefix *ours = &inside->link->delegated6;
	bool has = first && ours->family == 6;
	uint8_t *place = option_begin(w, OPTION_IA_PD);

	wr_u32(w, rd_u32(&value));
	rd_u64(&value);
	wr_u32(w, has ? T1 : 0);
	wr_u32(w, has ? T2 : 0);
	if (has) {
		put_prefix(w, ours->ip, (uint8_t)ours->bits, true);
		put_others(w, value, ours);
	} else {
		put_status(w, STATUS_NO_PREFIX);
	}
	option_end(w, place);
}

static void
put_no_addresses(struct wr *w, uint16_t code, struct rd value)
{
	uint8_t *place = option_begin(w, code);

	wr_u32(w, rd_u32(&value));
	if (code == OPTION_IA_NA)
		wr_u64(w, 0);
	put_status(w, STATUS_NO_ADDRESSES);
	option_end(w, place);
}

/* The first association for a prefix has it. */
static void
put_associations(const struct inside *inside, struct wr *w, struct rd options)
{
	bool first = true;

	for (int i = 0; rd_left(&options) && i < IAS_MAX;) {
		uint16_t code = rd_u16(&options);
		struct rd value = rd_sub(&options, rd_u16(&options));

		if (code != OPTION_IA_PD && code != OPTION_IA_NA && code != OPTION_IA_TA)
			continue;
		if (code == OPTION_IA_PD) {
			put_ia_pd(inside, w, value, first);
			first = false;
		} else {
			put_no_addresses(w, code, value);
		}
		i++;
	}
}

static void
put_facts(const struct conf *conf, struct wr *w)
{
	const char *domain = conf->network.search_domain;

	if (conf->network.dns6_count) {
		wr_u16(w, OPTION_DNS);
		wr_u16(w, (uint16_t)(16 * conf->network.dns6_count));
		wr_bytes(w, conf->network.dns6, 16 * conf->network.dns6_count);
	}
	if (domain[0]) {
		wr_u16(w, OPTION_DOMAINS);
		wr_u16(w, (uint16_t)domain_size(domain));
		domain_write(w, domain);
	}
}

static void
put_message(const struct inside *inside, const struct message *message, struct wr *w)
{
	bool at_once = message->rule->type == SOLICIT && message->rapid_commit;

	wr_u8(w, at_once ? REPLY : message->rule->answer);
	wr_bytes(w, message->xid, 3);
	if (message->has_client_id) {
		wr_u16(w, OPTION_CLIENTID);
		wr_u16(w, (uint16_t)rd_left(&message->client_id));
		wr_bytes(w, message->client_id.p, rd_left(&message->client_id));
	}
	wr_u16(w, OPTION_SERVERID);
	wr_u16(w, 2 + INSIDE_UUID);
	put_duid(w, inside);
	if (at_once) {
		wr_u16(w, OPTION_RAPID_COMMIT);
		wr_u16(w, 0);
	}
	if (message->rule->binds)
		put_associations(inside, w, message->options);
	else if (message->rule->type != INFORMATION_REQUEST)
		put_status(w, STATUS_SUCCESS);
	put_facts(inside->conf, w);
}

bool
dhcp6_answer(const struct inside *inside, const uint8_t from[16], struct rd bytes,
	     struct wr *answer)
{
	struct ip_out packet;
	struct message message;

	if (!read_message(&message, &bytes) || !is_for_us(inside, &message))
		return false;
	ip_begin6(&packet, answer, PROTO_UDP, ip_our_link_local, from);
	ip_udp(&packet, PORT_SERVER, PORT_CLIENT);
	put_message(inside, &message, answer);
	return ip_end(&packet);
}
