/* See lac.h: frames, and what comes back of them. */
#include <stdio.h>
#include <stdlib.h>

#include "lac.h"

#define FLOW_FRAME 200
#define LAST_MS 2000 /* after the last numbered frame */

/* ── echoes ─────────────────────────────────────────────────────────────────────────────── */

static uint8_t
pattern(size_t i)
{
	return (uint8_t)(i * 7);
}

bool
lac_is_pattern(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] != pattern(i))
			return false;
	}
	return true;
}

static bool
echo(struct lac *lac, struct session *session, uint32_t wanted)
{
	uint32_t sent = 0, lost = 0, base = session->back;
	long until = lac_now_ms() + lac->wait_ms + wanted / 10;
	uint8_t payload[1400];

	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = pattern(i);
	while (session->back - base < wanted && lac_now_ms() < until) {
		uint32_t done = session->back - base + lost;

		for (; sent < done + 16 && sent < wanted + lost; sent++)
			lac_send_frame(lac, session, payload, ECHO_MIN + sent * 13 % 1300);
		if (!lac_take(lac, lac->again_ms))
			lost = sent - (session->back - base);
	}
	printf("echo session=%u sent=%u back=%u wrong=%u\n", session->peer_sid, sent,
	       session->back - base, session->wrong);
	return session->back - base >= wanted && session->wrong == 0;
}

bool
lac_echo(struct lac *lac, const char *arg)
{
	bool ok = true;

	lac->echoing = true;
	for (unsigned i = 0; i < lac->count; i++) {
		if (lac->sessions[i].up)
			ok = echo(lac, &lac->sessions[i], (uint32_t)atoi(arg)) && ok;
	}
	lac->echoing = false;
	return ok;
}

/* ── a flow ─────────────────────────────────────────────────────────────────────────────── */

void
lac_count_numbered(struct lac *lac, struct session *session, uint32_t number)
{
	uint8_t bit = (uint8_t)(1u << number % 8);

	if (number >= lac->flow || !session->seen)
		return;
	if (session->seen[number / 8] & bit)
		session->doubled++;
	else
		session->numbered++;
	session->seen[number / 8] |= bit;
}

static void
send_numbered(struct lac *lac, const struct session *session, uint32_t number)
{
	uint8_t payload[FLOW_FRAME] = {0};
	struct wr w = wr_init(payload, sizeof(payload));

	wr_u32(&w, FLOW_MAGIC);
	wr_u32(&w, number);
	lac_send_frame(lac, session, payload, sizeof(payload));
}

/* Gives how many were sent on each session. */
static uint32_t
send_flow(struct lac *lac, unsigned rate)
{
	long began = lac_now_ms();
	uint32_t sent = 0;

	while (sent < lac->flow && !*lac->told_to_end && !lac->stopped) {
		long due = began + (long)((uint64_t)sent * lac->count * 1000 / rate);

		if (lac_now_ms() < due) {
			lac_take(lac, due - lac_now_ms());
			continue;
		}
		for (unsigned i = 0; i < lac->count; i++)
			send_numbered(lac, &lac->sessions[i], sent);
		sent++;
	}
	return sent;
}

static uint32_t
came_back(const struct lac *lac)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < lac->count; i++)
		sum += lac->sessions[i].numbered;
	return sum;
}

bool
lac_flow(struct lac *lac, const char *arg)
{
	unsigned rate, seconds;
	uint32_t sent, doubled = 0;
	long until;

	if (sscanf(arg, "%u:%u", &rate, &seconds) != 2 || !rate || !lac->count)
		return false;
	lac->flow = rate * seconds / lac->count + 1;
	for (unsigned i = 0; i < lac->count; i++)
		lac->sessions[i].seen = calloc(1, lac->flow / 8 + 1);
	printf("flowing\n");
	sent = send_flow(lac, rate) * lac->count;
	*lac->told_to_end = 0;
	for (until = lac_now_ms() + LAST_MS; came_back(lac) < sent && lac_now_ms() < until;)
		lac_take(lac, until - lac_now_ms());
	for (unsigned i = 0; i < lac->count; i++) {
		doubled += lac->sessions[i].doubled;
		free(lac->sessions[i].seen);
		lac->sessions[i].seen = NULL;
	}
	printf("flow sent=%u back=%u doubled=%u\n", sent, came_back(lac), doubled);
	lac->flow = 0;
	return came_back(lac) > 0 && !lac->stopped;
}

/* ── single ones ────────────────────────────────────────────────────────────────────────── */

bool
lac_say(struct lac *lac, const char *arg)
{
	if (lac->count)
		lac_send_frame(lac, lac_last(lac), arg, strlen(arg));
	return lac->count > 0;
}

bool
lac_push(struct lac *lac, const char *arg)
{
	uint8_t payload[1000] = {0};

	for (int i = 0; lac->count && i < atoi(arg); i++) {
		lac_send_frame(lac, lac_last(lac), payload, sizeof(payload));
		while (i % 16 == 0 && lac_take(lac, 1))
			;
	}
	return lac->count > 0;
}
