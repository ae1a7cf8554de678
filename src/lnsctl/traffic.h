/* What sessions carry, from one look at the daemon's counters to the next. */
#ifndef LNSCTL_TRAFFIC_H
#define LNSCTL_TRAFFIC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct traffic_row {
	char id[16], user[128], address[16], peer[48], client[32],
		state[16]; /* as the daemon has them
			    */
	int64_t uptime_s, rx_bytes, tx_bytes;
	int64_t rx_bps, tx_bps; /* bit/s since the last look; 0 at the first */
};

/* Zero-initialise. */
struct traffic {
	struct traffic_row *rows;
	size_t count;
	int64_t taken_ms; /* when, by any clock */
	int64_t rx_bps, tx_bps;
};

enum traffic_order {
	TRAFFIC_RATE, /* both ways, the greatest first */
	TRAFFIC_IN,
	TRAFFIC_OUT,
	TRAFFIC_TOTAL, /* bytes, both ways */
	TRAFFIC_TIME,  /* the longest first */
	TRAFFIC_USER,
	TRAFFIC_ID,
	TRAFFIC_ORDERS
};

/* Takes the daemon's `traffic` document (ctl.h) as it was at now_ms. False when memory is short:
 * then what was there stays. */
bool traffic_look(struct traffic *traffic, const json_t *document, int64_t now_ms);
void traffic_sort(struct traffic *traffic, enum traffic_order order);
void traffic_fini(struct traffic *traffic);

#define TRAFFIC_RATE_MAX 32
/* "0", "999 b/s", "12.3 Mb/s" (bits, powers of 1000) */
const char *traffic_rate_text(char text[TRAFFIC_RATE_MAX], int64_t bps);

#endif
