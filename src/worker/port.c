/* See port.h. */
#include "worker/port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OUT_FIRST 4096 /* an idle session's lines fit; more is taken when traffic asks for it */

/* ── table ──────────────────────────────────────────────────────────────────────────────── */

static bool
ref_eq(struct lns_ref a, struct lns_ref b)
{
	return a.tid == b.tid && a.sid == b.sid && a.serial == b.serial;
}

/* Both ids are random, so their bits need no mixing. */
static size_t
chain_of(struct lns_ref ref)
{
	return (size_t)(ref.tid ^ (ref.sid << 1)) % PORTS_CHAINS;
}

struct port *
ports_find(const struct ports *ports, struct lns_ref ref)
{
	struct port *port = ports->chain[chain_of(ref)];

	while (port && !ref_eq(port->ref, ref))
		port = port->next;
	return port;
}

struct port *
ports_add(struct ports *ports, struct lns_ref ref)
{
	struct port **chain = &ports->chain[chain_of(ref)];
	struct port *port;

	if (ports_find(ports, ref))
		return NULL;
	port = calloc(1, sizeof(*port));
	if (!port)
		return NULL;
	port->ref = ref;
	port->spares = &ports->spares;
	port->fd = port->meter = -1;
	port->next = *chain;
	*chain = port;
	port->prev_all = ports->last;
	if (ports->last)
		ports->last->next_all = port;
	else
		ports->first = port;
	ports->last = port;
	ports->count++;
	return port;
}

void
ports_remove(struct ports *ports, struct port *port)
{
	struct port **link = &ports->chain[chain_of(port->ref)];

	while (*link != port)
		link = &(*link)->next;
	*link = port->next;
	if (port->prev_all)
		port->prev_all->next_all = port->next_all;
	else
		ports->first = port->next_all;
	if (port->next_all)
		port->next_all->prev_all = port->prev_all;
	else
		ports->last = port->prev_all;
	ports->count--;
	port->next = ports->dead;
	ports->dead = port;
}

void
ports_reap(struct ports *ports)
{
	while (ports->dead) {
		struct port *port = ports->dead;

		ports->dead = port->next;
		free(port->out);
		free(port->rx_bytes);
		free(port->routes);
		free(port->allow);
		free(port->rate);
		free(port);
	}
}

void
ports_fini(struct ports *ports)
{
	struct port_spares *spares = &ports->spares;

	ports_reap(ports);
	while (spares->count)
		free(spares->out[--spares->count].bytes);
	free(spares->rx);
	spares->rx = NULL;
}

/* ── line, towards pppd ─────────────────────────────────────────────────────────────────── */

static void
borrow_out(struct port *port)
{
	struct port_spares *spares = port->spares;

	if (!spares->count)
		return;
	spares->count--;
	port->out = spares->out[spares->count].bytes;
	port->out_cap = spares->out[spares->count].cap;
	spares->bytes -= port->out_cap;
}

/* Nothing waits any more. */
static void
give_out_back(struct port *port)
{
	struct port_spares *spares = port->spares;

	if (spares->count < PORT_SPARES && spares->bytes + port->out_cap <= PORT_SPARE_BYTES) {
		spares->out[spares->count].bytes = port->out;
		spares->out[spares->count].cap = port->out_cap;
		spares->count++;
		spares->bytes += port->out_cap;
	} else {
		free(port->out);
	}
	port->out = NULL;
	port->out_cap = port->out_start = port->out_end = 0;
}

/* Room for `need` more bytes behind out_end, by moving up or growing, as far as the bound allows.
 */
static bool
make_room(struct port *port, size_t need)
{
	size_t waiting = port->out_end - port->out_start;
	size_t cap;
	uint8_t *out;

	if (waiting + need > PORT_OUT_MAX)
		return false;
	if (!port->out)
		borrow_out(port);
	if (port->out_cap - port->out_end >= need)
		return true;
	if (port->out && waiting + need <= port->out_cap) {
		memmove(port->out, port->out + port->out_start, waiting);
		port->out_start = 0;
		port->out_end = waiting;
		return true;
	}
	cap = port->out_cap ? port->out_cap : OUT_FIRST;
	while (cap < port->out_start + waiting + need)
		cap *= 2;
	out = realloc(port->out, cap);
	if (!out)
		return false;
	port->out = out;
	port->out_cap = cap;
	return true;
}

/* Until pppd has spoken its line is not set up, and setting it up throws away what was written. */
static bool
is_held(const struct port *port)
{
	return port->fd < 0 || !port->spoke;
}

static bool
encode(struct port *port, const uint8_t *frame, size_t len)
{
	size_t most = HDLC_ENCODED_MAX(len);
	size_t n;

	if (is_held(port) && (port->held == PORT_HELD_FRAMES ||
			      port->out_end - port->out_start + most > PORT_HELD_BYTES))
		return false;
	if (port->out_cap - port->out_end < most && !make_room(port, most))
		return false;
	n = hdlc_encode(port->out + port->out_end, port->out_cap - port->out_end, frame, len);
	port->out_end += n;
	if (is_held(port))
		port->held++;
	return n != 0;
}

bool
port_put(struct port *port, const uint8_t *frame, size_t len)
{
	if (port->over || !encode(port, frame, len)) {
		port->counters.rx_dropped++;
		return false;
	}
	port->counters.rx_packets++;
	port->counters.rx_bytes += len;
	return true;
}

enum port_flushed
port_flush(struct port *port)
{
	ssize_t n;

	if (is_held(port) || port->out_start == port->out_end)
		return PORT_EMPTY;
	n = write(port->fd, port->out + port->out_start, port->out_end - port->out_start);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return PORT_GONE;
	if (n > 0)
		port->out_start += (size_t)n;
	if (port->out_start < port->out_end)
		return PORT_FULL;
	give_out_back(port);
	return PORT_EMPTY;
}

/* ── line, from pppd ────────────────────────────────────────────────────────────────────── */

bool
port_rx_ready(struct port *port)
{
	struct port_spares *spares = port->spares;

	if (port->rx_bytes)
		return true;
	port->rx_bytes = spares->rx ? spares->rx : malloc(LNS_HEADROOM + PORT_FRAME_MAX + 2);
	spares->rx = NULL;
	if (!port->rx_bytes)
		return false;
	port->rx.buf = port->rx_bytes + LNS_HEADROOM;
	port->rx.cap = PORT_FRAME_MAX + 2;
	return true;
}

void
port_rx_rest(struct port *port)
{
	struct port_spares *spares = port->spares;

	if (!port->rx_bytes || port->rx.len || port->rx.escaped || port->rx.discarding)
		return;
	if (spares->rx)
		free(port->rx_bytes);
	else
		spares->rx = port->rx_bytes;
	port->rx_bytes = NULL;
}

uint8_t *
port_get(struct port *port, const uint8_t **p, const uint8_t *end, size_t *len)
{
	*len = hdlc_decode(&port->rx, p, end);
	return *len ? port->rx.buf : NULL;
}

/* ── session ────────────────────────────────────────────────────────────────────────────── */

bool
port_listed(const struct port *port)
{
	return port->go;
}

const char *
port_state(const struct port *port)
{
	if (port->over)
		return "closing";
	return port->up ? "up" : "authenticating";
}

static void
set_end(struct port *port, enum cause cause, enum closed_by by, const char *text)
{
	size_t len = text ? strnlen(text, sizeof(port->end.text) - 1) : 0;

	port->end.cause = cause;
	port->end.by = by;
	memcpy(port->end.text, text ? text : "", len);
	port->end.text[len] = '\0';
}

static void
set_text(char **place, const char *text)
{
	free(*place);
	*place = strdup(text);
}

void
port_set_grant(struct port *port, const char *routes, const char *allow, const char *rate)
{
	set_text(&port->routes, routes);
	set_text(&port->allow, allow);
	set_text(&port->rate, rate);
}

void
port_note_end(struct port *port, enum cause cause, enum closed_by by, const char *text)
{
	if (port->end.cause == CAUSE_NONE)
		set_end(port, cause, by, text);
}

void
port_forget_end(struct port *port)
{
	if (!port->over)
		port->end = (struct port_end){.cause = CAUSE_NONE};
}

/* What pppd says for any end of its line, whoever began it. */
static bool
says_little(enum cause cause)
{
	return cause == CAUSE_NONE || cause == CAUSE_USER_REQUEST || cause == CAUSE_LOST_CARRIER ||
	       cause == CAUSE_PPPD_DIED;
}

void
port_note_pppd_end(struct port *port, enum cause cause, enum closed_by by, const char *text)
{
	bool provoked = port->end.cause == CAUSE_USER_REQUEST && port->end.by == BY_CLIENT;

	if (port->end.cause == CAUSE_NONE || (provoked && !says_little(cause)))
		set_end(port, cause, by, text);
}
