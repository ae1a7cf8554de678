/*
 * See lac.h: a caller's own PPP, where a pppd would take more time than what is measured: LCP (RFC
 * 1661), CHAP with MD5 (RFC 1994), IPCP (RFC 1332), no options but the needed ones, and a ping.
 */
#include <stdio.h>

#include "lac.h"
#include "md5.h"

#define RESTART_MS 3000 /* RFC 1661 §4.6 */
#define PING_MS 10
#define ECHO_REPLY_AT 20 /* in an IP packet without options */

enum protocol { IP = 0x0021, IPCP = 0x8021, LCP = 0xc021, CHAP = 0xc223 };

enum code {
	CONF_REQ = 1,
	CONF_ACK,
	CONF_NAK,
	CONF_REJ,
	TERM_REQ,
	TERM_ACK,
	PROTOCOL_REJ = 8,
	ECHO_REQ,
	ECHO_REP,
};

enum { CHAP_CHALLENGE = 1, CHAP_RESPONSE, CHAP_SUCCESS, CHAP_FAILURE };

/* Options: of IPCP the address has the number of LCP's authentication. */
enum { OPTION_AUTH = 3, OPTION_MAGIC = 5, OPTION_ADDRESS = 3 };

static void
put_head(struct wr *w, uint16_t protocol, uint8_t code, uint8_t id)
{
	wr_u16(w, 0xff03);
	wr_u16(w, protocol);
	wr_u8(w, code);
	wr_u8(w, id);
	wr_u16(w, 0); /* the length, by send_packet() */
}

static void
send_packet(struct lac *lac, const struct session *session, struct wr *w)
{
	wr_patch_u16(w, w->start + 6, (uint16_t)(wr_len(w) - 4));
	lac_send_data(lac, session, w->start, wr_len(w));
}

static void
say(struct lac *lac, const struct session *session, uint16_t protocol, uint8_t code, uint8_t id,
    struct rd data)
{
	uint8_t bytes[DATAGRAM];
	struct wr w = wr_init(bytes, sizeof(bytes));

	put_head(&w, protocol, code, id);
	wr_bytes(&w, data.p, rd_left(&data));
	send_packet(lac, session, &w);
}

/* What we want of this protocol: a magic number, or an address. */
static void
request(struct lac *lac, struct session *session, enum protocol protocol)
{
	struct ppp *ppp = &session->ppp;
	uint8_t bytes[DATAGRAM];
	struct wr w = wr_init(bytes, sizeof(bytes));

	put_head(&w, protocol, CONF_REQ, ++ppp->id);
	wr_u8(&w, protocol == LCP ? OPTION_MAGIC : OPTION_ADDRESS);
	wr_u8(&w, 6);
	wr_u32(&w, protocol == LCP ? 0x6c61632eu + session->sid : ppp->address);
	send_packet(lac, session, &w);
	ppp->asked_ms = lac_now_ms();
}

/* ── what the gateway wants ─────────────────────────────────────────────────────────────── */

/* Its address, or an authentication that we know. All else is rejected but its magic number. */
static bool
is_wanted(struct ppp *ppp, enum protocol protocol, uint8_t type, struct rd value)
{
	if (protocol == IPCP && type == OPTION_ADDRESS) {
		ppp->gateway = rd_u32(&value);
		return !value.bad;
	}
	if (protocol == LCP && type == OPTION_AUTH)
		return rd_u16(&value) == CHAP && rd_u8(&value) == 5 && !value.bad;
	return protocol == LCP && type == OPTION_MAGIC;
}

static void
answer_request(struct lac *lac, struct session *session, enum protocol protocol, uint8_t id,
	       struct rd r)
{
	uint8_t bytes[DATAGRAM];
	struct wr rejected = wr_init(bytes, sizeof(bytes));
	struct rd all = r;

	while (rd_left(&r) && !r.bad) {
		struct rd option = r;
		uint8_t type = rd_u8(&r), len = rd_u8(&r);
		struct rd value = rd_sub(&r, len >= 2 ? len - 2u : SIZE_MAX);

		if (!r.bad && !is_wanted(&session->ppp, protocol, type, value))
			wr_bytes(&rejected, option.p, len);
	}
	if (wr_len(&rejected)) {
		say(lac, session, protocol, CONF_REJ, id, rd_init(bytes, wr_len(&rejected)));
		return;
	}
	say(lac, session, protocol, CONF_ACK, id, all);
	*(protocol == LCP ? &session->ppp.lcp_theirs : &session->ppp.ipcp_theirs) = true;
}

/* ── what comes ─────────────────────────────────────────────────────────────────────────── */

static void
take_conf(struct lac *lac, struct session *session, enum protocol protocol, uint8_t code,
	  uint8_t id, struct rd r)
{
	struct ppp *ppp = &session->ppp;

	if (code == CONF_REQ) {
		answer_request(lac, session, protocol, id, r);
	} else if (id == ppp->id && code == CONF_ACK) {
		*(protocol == LCP ? &ppp->lcp_ours : &ppp->ipcp_ours) = true;
	} else if (id == ppp->id && code == CONF_NAK && protocol == IPCP) {
		rd_u16(&r);
		ppp->address = rd_u32(&r);
		request(lac, session, IPCP);
	}
}

static void
take_lcp(struct lac *lac, struct session *session, uint8_t code, uint8_t id, struct rd r)
{
	if (code == ECHO_REQ) {
		say(lac, session, LCP, ECHO_REP, id, r);
	} else if (code == TERM_REQ) {
		say(lac, session, LCP, TERM_ACK, id, r);
		session->ppp.ended = true;
	} else {
		take_conf(lac, session, LCP, code, id, r);
	}
}

/* RFC 1994 §4.1: MD5 of the identifier, the secret and the challenge. */
static void
answer_challenge(struct lac *lac, const struct session *session, uint8_t id, struct rd r)
{
	const struct ppp *ppp = &session->ppp;
	size_t len = rd_u8(&r);
	struct rd challenge = rd_sub(&r, len);
	uint8_t response[MD5_SIZE], bytes[DATAGRAM];
	const struct md5_part parts[] = {
		{&id, 1}, {ppp->password, strlen(ppp->password)}, {challenge.p, len}};
	struct wr w = wr_init(bytes, sizeof(bytes));

	if (r.bad || !md5(response, parts, 3))
		return;
	wr_u8(&w, MD5_SIZE);
	wr_bytes(&w, response, MD5_SIZE);
	wr_bytes(&w, ppp->name, strlen(ppp->name));
	say(lac, session, CHAP, CHAP_RESPONSE, id, rd_init(bytes, wr_len(&w)));
}

static void
take_chap(struct lac *lac, struct session *session, uint8_t code, uint8_t id, struct rd r)
{
	if (code == CHAP_CHALLENGE)
		answer_challenge(lac, session, id, r);
	session->ppp.welcome |= code == CHAP_SUCCESS;
	session->ppp.ended |= code == CHAP_FAILURE;
}

static void
take_packet(struct lac *lac, struct session *session, uint16_t protocol, struct rd *r)
{
	uint8_t code = rd_u8(r), id = rd_u8(r);
	uint16_t len = rd_u16(r);
	struct rd data = rd_sub(r, len >= 4 ? len - 4u : SIZE_MAX);

	if (data.bad)
		return;
	if (protocol == LCP)
		take_lcp(lac, session, code, id, data);
	else if (protocol == CHAP)
		take_chap(lac, session, code, id, data);
	else
		take_conf(lac, session, IPCP, code, id, data);
}

void
lac_ppp_take(struct lac *lac, struct session *session, struct rd r)
{
	struct rd whole = r;
	uint16_t protocol;

	rd_u16(&r); /* address, control */
	protocol = rd_u16(&r);
	if (r.bad)
		return;
	if (protocol == IP) {
		rd_bytes(&r, ECHO_REPLY_AT);
		session->ppp.ponged |= rd_u8(&r) == 0 && !r.bad;
	} else if (protocol == LCP || protocol == CHAP || protocol == IPCP) {
		take_packet(lac, session, protocol, &r);
	} else {
		rd_u16(&whole);
		say(lac, session, LCP, PROTOCOL_REJ, ++session->ppp.id, whole);
	}
}

/* ── a call ─────────────────────────────────────────────────────────────────────────────── */

static uint16_t
checksum(const uint8_t *bytes, size_t len)
{
	struct rd r = rd_init(bytes, len);
	uint32_t sum = 0;

	while (rd_left(&r))
		sum += rd_u16(&r);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t) ~((sum & 0xffff) + (sum >> 16));
}

/* An ICMP echo to the gateway: IP header, ICMP header (RFC 791, RFC 792). */
static void
ping(struct lac *lac, const struct session *session)
{
	uint8_t packet[28];
	struct wr w = wr_init(packet, sizeof(packet));

	wr_u32(&w, 0x45000000u + sizeof(packet));
	wr_u32(&w, 0);
	wr_u32(&w, 0x40010000u);
	wr_u32(&w, session->ppp.address);
	wr_u32(&w, session->ppp.gateway);
	wr_u32(&w, 0x08000000u);
	wr_u32(&w, 0);
	wr_patch_u16(&w, packet + 10, checksum(packet, 20));
	wr_patch_u16(&w, packet + 22, checksum(packet + 20, 8));
	lac_send_frame(lac, session, packet, sizeof(packet));
}

/* Takes what comes until this holds; our request is sent again when it is time to, but for CHAP,
 * where the gateway asks. */
static bool
comes(struct lac *lac, struct session *session, enum protocol protocol, const bool *what)
{
	const struct ppp *ppp = &session->ppp;
	long until = lac_now_ms() + lac->wait_ms;

	while (!*what) {
		long now = lac_now_ms();

		if (now >= until || !session->up || ppp->ended || lac->stopped)
			return false;
		if (protocol != CHAP && now >= ppp->asked_ms + RESTART_MS)
			request(lac, session, protocol);
		lac_take(lac, RESTART_MS);
	}
	return true;
}

/* RFC 1661 §3: link, authentication, network. */
static bool
comes_up(struct lac *lac, struct session *session)
{
	const struct ppp *ppp = &session->ppp;

	request(lac, session, LCP);
	if (!comes(lac, session, LCP, &ppp->lcp_ours) ||
	    !comes(lac, session, LCP, &ppp->lcp_theirs) ||
	    !comes(lac, session, CHAP, &ppp->welcome))
		return false;
	request(lac, session, IPCP);
	return comes(lac, session, IPCP, &ppp->ipcp_ours) &&
	       comes(lac, session, IPCP, &ppp->ipcp_theirs);
}

bool
lac_dial(struct lac *lac, const char *arg)
{
	struct session *session = lac_last(lac);
	struct ppp *ppp = session ? &session->ppp : NULL;

	if (!session || sscanf(arg, "%63[^:]:%63s", ppp->name, ppp->password) != 2)
		return false;
	ppp->dialling = true;
	if (!comes_up(lac, session))
		return false;
	printf("address %u.%u.%u.%u after_ms=%ld\n", ppp->address >> 24, ppp->address >> 16 & 255,
	       ppp->address >> 8 & 255, ppp->address & 255, lac_now_ms() - lac->began_ms);
	return true;
}

bool
lac_ping(struct lac *lac, const char *arg)
{
	struct session *session = lac_last(lac);
	long until = lac_now_ms() + lac->wait_ms, asked = 0;

	(void)arg;
	while (session && !session->ppp.ponged && session->up && lac_now_ms() < until) {
		if (lac_now_ms() >= asked + PING_MS) {
			ping(lac, session);
			asked = lac_now_ms();
		}
		lac_take(lac, PING_MS);
	}
	if (!session || !session->ppp.ponged)
		return false;
	printf("answered after_ms=%ld\n", lac_now_ms() - lac->began_ms);
	return true;
}
