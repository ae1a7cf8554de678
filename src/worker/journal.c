/* See journal.h. */
#include "worker/journal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "worker/addr.h"

#define FIELDS_MAX 16
#define TEXT_MAX 2000 /* of all values; the longest are a name and a text, escaped */

/* An event's fields while they are put together. */
struct event {
	struct log_field fields[FIELDS_MAX];
	size_t count, used;
	char text[TEXT_MAX];
};

static void __attribute__((format(printf, 4, 5)))
add(struct event *event, const char *key, bool quoted, const char *fmt, ...)
{
	char *value = event->text + event->used;
	size_t room = sizeof(event->text) - event->used;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(value, room, fmt, args);
	va_end(args);
	if (event->count == FIELDS_MAX || len < 0 || (size_t)len >= room)
		return;
	event->fields[event->count++] =
		(struct log_field){.key = key, .value = value, .quoted = quoted};
	event->used += (size_t)len + 1;
}

/* Who, as all of them begin. */
static void
begin(struct event *event, const struct port *port)
{
	char user[300];

	event->count = event->used = 0;
	add(event, "user", true, "%s",
	    log_escape(user, sizeof(user), port->user, strlen(port->user)));
	add(event, "session", false, "%u-%u", port->ref.tid, port->ref.sid);
}

static void
add_address(struct event *event, const struct port *port)
{
	char address[ADDR_TEXT_MAX];

	add(event, "address", false, "%s", addr_ip4_text(address, port->address));
}

static void
add_peer(struct event *event, const struct port *port)
{
	char peer[ADDR_TEXT_MAX];

	add(event, "peer", false, "%s", addr_text(peer, &port->path.peer));
}

/* How it ended, as those end that do. */
static void
add_end(struct event *event, const struct port_end *end)
{
	add(event, "cause", false, "%s", cause_name(end->cause));
	add(event, "closed_by", false, "%s", closed_by_name(end->by));
	add(event, "text", true, "%s", end->text[0] ? end->text : cause_text(end->cause));
}

void
journal_login(const struct port *port)
{
	struct event event;

	begin(&event, port);
	add_address(&event, port);
	add_peer(&event, port);
	add(&event, "client", false, "%s", port->client);
	add(&event, "ifname", false, "%s", port->ifname);
	add(&event, "setup_ms", false, "%" PRId64, port->up_at - port->tunnel_at);
	add(&event, "l2tp_ms", false, "%" PRId64, port->go_at - port->tunnel_at);
	add(&event, "ppp_ms", false, "%" PRId64, port->up_at - port->go_at);
	add(&event, "serial", false, "%u", port->call.serial);
	add(&event, "calling", true, "%s", port->call.calling);
	add(&event, "called", true, "%s", port->call.called);
	add(&event, "tx_bps", false, "%u", port->call.tx_speed);
	add(&event, "rx_bps", false, "%u", port->call.rx_speed);
	log_event(LVL_NOTICE, "login", event.fields, event.count);
}

void
journal_refused(const struct port *port)
{
	struct event event;

	begin(&event, port);
	add_peer(&event, port);
	add_end(&event, &port->end);
	log_event(LVL_NOTICE, "refused", event.fields, event.count);
}

void
journal_logout(const struct port *port, mstime_t now)
{
	struct event event;

	begin(&event, port);
	add_address(&event, port);
	add_peer(&event, port);
	add(&event, "duration_s", false, "%" PRId64, (now - port->up_at) / 1000);
	add(&event, "rx_bytes", false, "%" PRIu64, port->counters.rx_bytes);
	add(&event, "tx_bytes", false, "%" PRIu64, port->counters.tx_bytes);
	add_end(&event, &port->end);
	log_event(LVL_NOTICE, "logout", event.fields, event.count);
}
