#include "aaa/ledger.h"

#include <inttypes.h>
#include <string.h>

#include "log.h"
#include "radius/attribute.h"

/* Of a record that the file did not take: sent all the same, but once. */
#define ASK_UNKEPT UINT64_MAX

void
ledger_open(struct ledger *ledger, struct client *client, int fd)
{
	*ledger = (struct ledger){.client = client};
	spool_open(&ledger->spool, fd);
	if (ledger->spool.count)
		log_notice("accounting: %" PRIu64 " records wait to be sent", ledger->spool.count);
}

static void
note_loss(struct ledger *ledger, mstime_t now)
{
	uint32_t held;

	ledger->lost++;
	if (log_limit_pass(&ledger->lost_lines, now, &held))
		log_error("accounting: a record is lost held_back=%" PRIu32
			  ": its file is full or cannot be written, and no server takes it",
			  held);
}

static void
session_of(char id[RADIUS_ID_MAX], const uint8_t *bytes, size_t len)
{
	struct attrs attrs = attrs_of(bytes, len);
	struct attr attr;

	memset(id, 0, RADIUS_ID_MAX);
	while (attrs_next(&attrs, &attr)) {
		if (!attr.vendor && attr.type == ATTR_ACCT_SESSION_ID && attr.len < RADIUS_ID_MAX)
			memcpy(id, attr.value, attr.len);
	}
}

static bool
is_under_way(const struct ledger *ledger, const char *id)
{
	for (size_t i = 0; i < ledger->flight_count; i++) {
		if (!ledger->flights[i].acknowledged && strcmp(ledger->flights[i].id, id) == 0)
			return true;
	}
	return false;
}

/* Sends a record as of now. */
static bool
ask(struct ledger *ledger, mstime_t now, int64_t clock, uint64_t number, int64_t when,
    uint8_t *bytes, size_t len)
{
	int64_t delay = clock - when;

	len = request_delay(bytes, len, delay > 0 ? (uint32_t)delay : 0);
	return len && client_ask(ledger->client, now, USE_ACCT, number, bytes, len, MSTIME_NEVER);
}

/* The place of the first record that is not under way */
static uint64_t
first_resting(const struct ledger *ledger)
{
	return ledger->flight_count ? ledger->flights[ledger->flight_count - 1].next
				    : ledger->spool.head;
}

static void
hold(struct ledger *ledger, mstime_t now)
{
	ledger->flight_count = 0;
	ledger->resume = now + LEDGER_PAUSE_MS;
	client_drop(ledger->client, USE_ACCT);
}

void
ledger_run(struct ledger *ledger, mstime_t now, int64_t clock)
{
	uint8_t bytes[PACKET_MAX];
	int64_t when;

	if (now < ledger->resume)
		return;
	ledger->resume = 0;
	while (ledger->flight_count < LEDGER_FLIGHTS) {
		struct ledger_flight *flight = &ledger->flights[ledger->flight_count];
		size_t len;

		flight->place = first_resting(ledger);
		len = spool_read(&ledger->spool, flight->place, &when, bytes, &flight->next);
		if (!len)
			return;
		session_of(flight->id, bytes, len);
		if (is_under_way(ledger, flight->id))
			return;
		flight->acknowledged = false;
		if (!ask(ledger, now, clock, flight->place, when, bytes, len)) {
			hold(ledger, now);
			return;
		}
		ledger->flight_count++;
	}
}

void
ledger_add(struct ledger *ledger, mstime_t now, int64_t clock, const struct radius_record *record,
	   const struct nas *nas)
{
	uint8_t bytes[PACKET_MAX];
	size_t len = request_record(bytes, record, nas);

	if (!len) {
		note_loss(ledger, now);
		return;
	}
	if (spool_append(&ledger->spool, record->when, bytes, len,
			 record->status == STATUS_INTERIM))
		ledger_run(ledger, now, clock);
	else if (!ask(ledger, now, clock, ASK_UNKEPT, record->when, bytes, len))
		note_loss(ledger, now);
}

/* Takes the acknowledged ones at the front out of the file. */
static void
settle(struct ledger *ledger)
{
	size_t count = 0;

	while (count < ledger->flight_count && ledger->flights[count].acknowledged)
		count++;
	if (!count)
		return;
	spool_advance(&ledger->spool, ledger->flights[count - 1].next, count);
	ledger->flight_count -= count;
	memmove(ledger->flights, ledger->flights + count,
		ledger->flight_count * sizeof(ledger->flights[0]));
}

void
ledger_done(struct ledger *ledger, mstime_t now, int64_t clock, uint64_t number, bool acknowledged)
{
	if (number == ASK_UNKEPT) {
		if (!acknowledged)
			note_loss(ledger, now);
		return;
	}
	if (!acknowledged) {
		hold(ledger, now);
		return;
	}
	for (size_t i = 0; i < ledger->flight_count; i++) {
		if (ledger->flights[i].place == number)
			ledger->flights[i].acknowledged = true;
	}
	settle(ledger);
	ledger_run(ledger, now, clock);
}

mstime_t
ledger_deadline(const struct ledger *ledger)
{
	return ledger->resume ? ledger->resume : MSTIME_NEVER;
}
