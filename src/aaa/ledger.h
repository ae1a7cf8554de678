/*
 * Accounting on its way: every record goes through the file, so that none is lost with a server or
 * with us, and leaves it when a server has acknowledged it. Several are under way at once, but of
 * one session one only: a server sees each session in order.
 */
#ifndef AAA_LEDGER_H
#define AAA_LEDGER_H

#include "aaa/spool.h"
#include "radius/client.h"
#include "radius/request.h"

#define LEDGER_FLIGHTS 16
/* How long all is held when no server answers */
#define LEDGER_PAUSE_MS 10000

struct ledger_flight {
	uint64_t place, next; /* of its record */
	bool acknowledged;
	char id[RADIUS_ID_MAX]; /* Acct-Session-Id */
};

struct ledger {
	struct spool spool;
	struct client *client;
	struct ledger_flight flights[LEDGER_FLIGHTS]; /* in the file's order */
	size_t flight_count;
	mstime_t resume; /* nothing is sent before; 0: at once */
	uint64_t lost;
	struct log_limit lost_lines;
};

/* Takes the file's descriptor. */
void ledger_open(struct ledger *ledger, struct client *client, int fd);

void ledger_add(struct ledger *ledger, mstime_t now, int64_t clock,
		const struct radius_record *record, const struct nas *nas);
/* What client_ask() for accounting has come to. */
void ledger_done(struct ledger *ledger, mstime_t now, int64_t clock, uint64_t number,
		 bool acknowledged);
/* Sends what may be sent; due at ledger_deadline(). */
void ledger_run(struct ledger *ledger, mstime_t now, int64_t clock);
mstime_t ledger_deadline(const struct ledger *ledger);

#endif
