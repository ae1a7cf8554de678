/* See lac.h: tunnels and calls. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lac.h"
#include "md5.h"

/* ── tunnels ────────────────────────────────────────────────────────────────────────────── */

/* §5.1.1: with the type of the message that it is for. */
static void
put_response(const struct lac *lac, struct wr *w, enum message type)
{
	uint8_t id = (uint8_t)type, response[MD5_SIZE];
	const struct md5_part parts[] = {{&id, 1},
					 {lac->secret, strlen(lac->secret)},
					 {lac->avps.challenge, lac->avps.challenge_len}};

	if (lac->avps.challenge_len && md5(response, parts, 3))
		lac_put(w, CHALLENGE_RESPONSE, response, sizeof(response));
}

static void
put_challenge(struct lac *lac, struct wr *w)
{
	if (!lac->secret[0] || getrandom(lac->challenge, sizeof(lac->challenge), 0) < 0)
		return;
	lac_put(w, CHALLENGE, lac->challenge, sizeof(lac->challenge));
}

/* What SCCRQ and SCCRP say alike. */
static void
put_self(struct lac *lac, struct wr *w)
{
	lac_put_u16(w, PROTOCOL_VERSION, 0x0100);
	lac_put_u32(w, FRAMING_CAPABILITIES, 3);
	lac_put_u32(w, BEARER_CAPABILITIES, 3);
	lac_put(w, HOST_NAME, "lac.test", 8);
	lac_put_u16(w, TUNNEL_ID, lac->tid);
	lac_put_u16(w, WINDOW, 4);
	put_challenge(lac, w);
}

bool
lac_tunnel(struct lac *lac, const char *arg)
{
	uint8_t bytes[DATAGRAM];
	struct wr w = lac_begin(lac, bytes, 0, SCCRQ);

	(void)arg;
	lac->began_ms = lac_now_ms();
	put_self(lac, &w);
	lac_send(lac, &w);
	if (!lac_await(lac, SCCRP) || (lac->secret[0] && !lac->avps.response))
		return false;
	w = lac_begin(lac, bytes, 0, SCCCN);
	put_response(lac, &w, SCCCN);
	lac_send(lac, &w);
	printf("tunnel %u after_ms=%ld\n", lac->peer_tid, lac_now_ms() - lac->began_ms);
	return true;
}

/* The socket to another, bound, which the other end can find. */
static bool
bind_to(struct lac *lac, const char *text)
{
	char host[INET_ADDRSTRLEN];
	struct sockaddr_in here = {.sin_family = AF_INET};
	struct sockaddr_storage there;
	socklen_t len = sizeof(there);
	unsigned port;
	int fd;

	if (sscanf(text, "%15[0-9.]:%u", host, &port) != 2 || port > UINT16_MAX ||
	    inet_pton(AF_INET, host, &here.sin_addr) != 1 ||
	    getpeername(lac->fd, (struct sockaddr *)&there, &len) < 0)
		return false;
	here.sin_port = htons((uint16_t)port);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof(here)) < 0 ||
	    connect(fd, (struct sockaddr *)&there, len) < 0) {
		perror("lac: listen");
		return false;
	}
	close(lac->fd);
	lac->fd = fd;
	return true;
}

bool
lac_listen(struct lac *lac, const char *arg)
{
	uint8_t bytes[DATAGRAM];
	struct wr w;

	if (!bind_to(lac, arg))
		return false;
	printf("listening\n");
	if (!lac_await(lac, SCCRQ))
		return false;
	w = lac_begin(lac, bytes, 0, SCCRP);
	put_self(lac, &w);
	put_response(lac, &w, SCCRP);
	lac_send(lac, &w);
	if (!lac_await(lac, SCCCN) || (lac->secret[0] && !lac->avps.response))
		return false;
	printf("tunnel %u\n", lac->peer_tid);
	return true;
}

bool
lac_stop(struct lac *lac, const char *arg)
{
	uint8_t bytes[DATAGRAM];
	struct wr w = lac_begin(lac, bytes, 0, STOPCCN);

	(void)arg;
	lac_put_u16(&w, TUNNEL_ID, lac->tid);
	lac_put_u16(&w, RESULT_CODE, 1);
	lac_send(lac, &w);
	for (int i = 0; i < 5 && !lac_take(lac, lac->again_ms); i++)
		;
	return true;
}

/* ── calls ──────────────────────────────────────────────────────────────────────────────── */

/* A new session with an id of ours; NULL when there are too many. */
static struct session *
add_session(struct lac *lac)
{
	struct session *session = &lac->sessions[lac->count];

	if (lac->count == SESSIONS)
		return NULL;
	session->sid = (uint16_t)(1000 + lac->count++);
	return session;
}

/* Its first frame, until what the other end says by itself has come, and the echo. */
static bool
session_up(struct lac *lac, struct session *session, long began)
{
	session->up = true;
	lac_send_frame(lac, session, "first", 5);
	while (session->up && (!session->said || !session->back) &&
	       lac_now_ms() < began + lac->wait_ms) {
		if (!lac_take(lac, lac->again_ms))
			lac_send_frame(lac, session, "first", 5);
	}
	printf("session %u-%u after_ms=%ld\n", lac->peer_tid, session->peer_sid,
	       lac_now_ms() - began);
	return session->up && session->said && session->back;
}

static void
put_connected(const struct lac *lac, struct wr *w)
{
	lac_put_u32(w, TX_SPEED, 1000000);
	lac_put_u32(w, FRAMING_TYPE, lac->framing ? lac->framing : 1);
}

/* §4.4.5: PAP's password goes as it is, CHAP's is hashed with a challenge of ours. */
static void
put_proxy(const struct lac *lac, struct wr *w)
{
	static const uint8_t asked[] = {0x05, 0x06, 1, 2, 3, 4}; /* a magic number */
	static const uint8_t pap[] = {0x03, 0x04, 0xc0, 0x23, 0x05, 0x06, 1, 2, 3, 4};
	static const uint8_t chap[] = {0x03, 0x05, 0xc2, 0x23, 0x05, 0x05, 0x06, 1, 2, 3, 4};
	static const uint8_t challenge[] = "of sixteen bytes";
	const struct proxy *proxy = &lac->proxy;
	uint8_t id = 7, response[MD5_SIZE];
	const struct md5_part parts[] = {{&id, 1},
					 {proxy->password, strlen(proxy->password)},
					 {challenge, sizeof(challenge) - 1}};
	bool by_chap = proxy->type == 2;

	if (!proxy->type || !md5(response, parts, 3))
		return;
	lac_put(w, INITIAL_LCP, asked, sizeof(asked));
	lac_put(w, LAST_SENT_LCP, by_chap ? chap : pap, by_chap ? sizeof(chap) : sizeof(pap));
	lac_put(w, LAST_RECEIVED_LCP, asked, sizeof(asked));
	lac_put_u16(w, PROXY_TYPE, proxy->type);
	lac_put(w, PROXY_NAME, proxy->name, strlen(proxy->name));
	lac_put_u16(w, PROXY_ID, id);
	if (by_chap) {
		lac_put(w, PROXY_CHALLENGE, challenge, sizeof(challenge) - 1);
		lac_put(w, PROXY_RESPONSE, response, sizeof(response));
	} else {
		lac_put(w, PROXY_RESPONSE, proxy->password, strlen(proxy->password));
	}
}

bool
lac_proxy(struct lac *lac, const char *arg)
{
	struct proxy *proxy = &lac->proxy;
	char type[8];

	if (sscanf(arg, "%7[^:]:%63[^:]:%63s", type, proxy->name, proxy->password) != 3)
		return false;
	proxy->type = strcmp(type, "chap") == 0 ? 2 : 3; /* §4.4.5, Proxy Authen Type */
	return true;
}

bool
lac_calling(struct lac *lac, const char *arg)
{
	snprintf(lac->calling, sizeof(lac->calling), "%s", arg);
	return true;
}

bool
lac_called(struct lac *lac, const char *arg)
{
	snprintf(lac->called, sizeof(lac->called), "%s", arg);
	return true;
}

bool
lac_sub_address(struct lac *lac, const char *arg)
{
	snprintf(lac->sub_address, sizeof(lac->sub_address), "%s", arg);
	return true;
}

bool
lac_framing(struct lac *lac, const char *arg)
{
	lac->framing = (uint32_t)atoi(arg);
	return lac->framing > 0;
}

static void
put_number(struct wr *w, enum attribute attribute, const char *number)
{
	if (*number)
		lac_put(w, attribute, number, strlen(number));
}

/* Up to ICCN; NULL when it came to nothing. */
static struct session *
place_call(struct lac *lac)
{
	struct session *session = add_session(lac);
	uint8_t bytes[DATAGRAM];
	struct wr w = lac_begin(lac, bytes, 0, ICRQ);

	if (!session)
		return NULL;
	lac_put_u16(&w, SESSION_ID, session->sid);
	lac_put_u32(&w, CALL_SERIAL, lac->count);
	put_number(&w, CALLING_NUMBER, lac->calling);
	put_number(&w, CALLED_NUMBER, lac->called);
	put_number(&w, SUB_ADDRESS, lac->sub_address);
	lac_send(lac, &w);
	if (!lac_await(lac, ICRP))
		return NULL;
	session->peer_sid = lac->avps.assigned;
	w = lac_begin(lac, bytes, session->peer_sid, ICCN);
	put_connected(lac, &w);
	put_proxy(lac, &w);
	lac_send(lac, &w);
	session->up = true;
	return session;
}

bool
lac_session(struct lac *lac, const char *arg)
{
	long began = lac_now_ms();
	struct session *session = place_call(lac);

	(void)arg;
	return session && session_up(lac, session, began);
}

bool
lac_call(struct lac *lac, const char *arg)
{
	const struct session *session = place_call(lac);

	(void)arg;
	if (session)
		printf("call %u-%u\n", lac->peer_tid, session->peer_sid);
	return session != NULL;
}

static void
send_cdn(struct lac *lac, const struct session *session, uint16_t result)
{
	uint8_t bytes[DATAGRAM];
	struct wr w = lac_begin(lac, bytes, session->peer_sid, CDN);

	lac_put_u16(&w, RESULT_CODE, result);
	lac_put_u16(&w, SESSION_ID, session->sid);
	lac_send(lac, &w);
}

/* Up to OCCN; NULL when nobody asked, or when there are too many. */
static struct session *
take_call(struct lac *lac)
{
	struct session *session = add_session(lac);
	uint8_t bytes[DATAGRAM];
	struct wr w;

	if (!session || !lac_await(lac, OCRQ))
		return NULL;
	session->peer_sid = lac->avps.assigned;
	printf("asked to dial %s\n", lac->avps.called);
	w = lac_begin(lac, bytes, session->peer_sid, OCRP);
	lac_put_u16(&w, SESSION_ID, session->sid);
	lac_send(lac, &w);
	w = lac_begin(lac, bytes, session->peer_sid, OCCN);
	put_connected(lac, &w);
	lac_send(lac, &w);
	session->up = true;
	return session;
}

bool
lac_accept(struct lac *lac, const char *arg)
{
	(void)arg;
	return take_call(lac) != NULL;
}

static bool
refuse_call(struct lac *lac, uint16_t result)
{
	struct session session = {.sid = 999};

	if (!lac_await(lac, OCRQ))
		return false;
	session.peer_sid = lac->avps.assigned;
	printf("asked to dial %s\n", lac->avps.called);
	send_cdn(lac, &session, result);
	return true;
}

bool
lac_answer(struct lac *lac, const char *arg)
{
	struct session *session;

	if (*arg)
		return refuse_call(lac, (uint16_t)atoi(arg));
	session = take_call(lac);
	return session && session_up(lac, session, lac_now_ms());
}

bool
lac_refused(struct lac *lac, const char *arg)
{
	uint8_t bytes[DATAGRAM];
	int i;

	for (i = 0; i < atoi(arg); i++) {
		struct wr w = lac_begin(lac, bytes, 0, ICRQ);

		lac_put_u16(&w, SESSION_ID, 999);
		lac_put_u32(&w, CALL_SERIAL, (uint32_t)i);
		lac_send(lac, &w);
		if (!lac_await(lac, CDN))
			break;
	}
	printf("refused %d\n", i);
	return i == atoi(arg);
}

void
lac_hang_up(struct lac *lac, struct session *session, uint16_t result)
{
	send_cdn(lac, session, result);
	session->up = false;
}

bool
lac_cdn(struct lac *lac, const char *arg)
{
	struct session *session = lac_last(lac);

	(void)arg;
	if (!session)
		return false;
	lac_hang_up(lac, session, 3);
	return true;
}
