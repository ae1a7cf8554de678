/* See trace.h. */
#include "worker/trace.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dissect.h"
#include "frame.h"
#include "log.h"
#include "trail.h"
#include "worker/addr.h"
#include "worker/answer.h"
#include "worker/app.h"
#include "worker/document.h"
#include "worker/messages.h"
#include "worker/request.h"

struct trace {
	struct app *app;
	struct trace *next;
	int fd;
	struct event *readable, *writable, *patience;
	char who[256]; /* a user, a peer's address, or an ID */
	bool data;
	bool by_host;
	struct lns_addr host;
	struct lns_ref tunnels[TRACE_REFS_MAX], sessions[TRACE_REFS_MAX];
	size_t tunnel_count, session_count; /* that have been: the oldest is forgotten first */
	uint64_t left_out;
	char *room;
	size_t start, end;
};

static void
drop(struct trace *trace)
{
	struct traces *traces = &trace->app->traces;
	struct trace **link = &traces->first;

	while (*link != trace)
		link = &(*link)->next;
	*link = trace->next;
	traces->count--;
	if (trace->readable)
		event_free(trace->readable);
	if (trace->writable)
		event_free(trace->writable);
	if (trace->patience)
		event_free(trace->patience);
	close(trace->fd);
	free(trace->room);
	free(trace);
}

void
traces_close(struct app *app)
{
	while (app->traces.first)
		drop(app->traces.first);
}

/* ── lines for the listener ─────────────────────────────────────────────────────────────── */

static bool
append(struct trace *trace, const char *text, size_t len)
{
	const struct timeval patience = {.tv_sec = TRACE_PATIENCE_S};

	if (TRACE_ROOM - trace->end < len && trace->start > 0) {
		memmove(trace->room, trace->room + trace->start, trace->end - trace->start);
		trace->end -= trace->start;
		trace->start = 0;
	}
	if (TRACE_ROOM - trace->end < len)
		return false;
	if (trace->start == trace->end) {
		event_add(trace->writable, NULL);
		event_add(trace->patience, &patience);
	}
	memcpy(trace->room + trace->end, text, len);
	trace->end += len;
	return true;
}

/* How many were left out before. */
static bool
put_gap(struct trace *trace)
{
	char gap[48];
	int len = snprintf(gap, sizeof(gap), "{\"left_out\":%" PRIu64 "}\n", trace->left_out);

	if (trace->left_out && !append(trace, gap, (size_t)len))
		return false;
	trace->left_out = 0;
	return true;
}

/* A line, with its newline, whole or not at all. */
static void
put_line(struct trace *trace, const char *line, size_t len)
{
	if (!put_gap(trace) || !append(trace, line, len))
		trace->left_out++;
}

/* Takes the document. */
static void
put_document(struct trace *trace, json_t *document)
{
	char *text = document ? json_dumps(document, JSON_COMPACT) : NULL;
	size_t len = text ? strlen(text) : 0;

	json_decref(document);
	if (!text)
		return;
	text[len] = '\n'; /* over the NUL: from here on it is bytes */
	put_line(trace, text, len + 1);
	free(text);
}

static void
on_writable(evutil_socket_t fd, short what, void *ctx)
{
	const struct timeval patience = {.tv_sec = TRACE_PATIENCE_S};
	struct trace *trace = ctx;
	ssize_t n = send(fd, trace->room + trace->start, trace->end - trace->start,
			 MSG_NOSIGNAL | MSG_DONTWAIT);

	(void)what;
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		drop(trace);
		return;
	}
	if (n > 0) {
		trace->start += (size_t)n;
		event_add(trace->patience, &patience);
	}
	if (trace->start != trace->end)
		return;
	trace->start = trace->end = 0;
	event_del(trace->writable);
	event_del(trace->patience);
	put_gap(trace); /* at once: nothing more may come */
}

/* Whoever listens has nothing more to say. */
static void
on_readable(evutil_socket_t fd, short what, void *ctx)
{
	char bytes[64];
	ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	(void)what;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		drop(ctx);
}

static void
on_patience(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	drop(ctx);
}

/* ── what belongs to it ─────────────────────────────────────────────────────────────────── */

static bool
ref_eq(struct lns_ref a, struct lns_ref b)
{
	return a.tid == b.tid && a.sid == b.sid && a.serial == b.serial;
}

static bool
has_ref(const struct lns_ref list[TRACE_REFS_MAX], size_t total, struct lns_ref ref)
{
	size_t count = total < TRACE_REFS_MAX ? total : TRACE_REFS_MAX;

	for (size_t i = 0; i < count; i++) {
		if (ref_eq(list[i], ref))
			return true;
	}
	return false;
}

static bool
add_ref(struct lns_ref list[TRACE_REFS_MAX], size_t *total, struct lns_ref ref)
{
	if (has_ref(list, *total, ref))
		return false;
	list[(*total)++ % TRACE_REFS_MAX] = ref;
	return true;
}

/* A tunnel that is listened to from now on; what it has heard and said before is told. */
static void
add_tunnel(struct trace *trace, struct lns_ref ref)
{
	struct lns_tunnel_info info;

	if (!lns_find(trace->app->lns, ref, &info, NULL) ||
	    !add_ref(trace->tunnels, &trace->tunnel_count, info.ref))
		return;
	put_document(trace, messages_of_tunnel(trace->app, &info));
}

/* Its data pass through the kernel: who wants to see them is told that he will not. */
static void
tell_unseen(struct trace *trace, const struct port *port)
{
	json_t *object;
	char id[REQUEST_ID_MAX];

	if (!trace->data || port->lane != LANE_KERNEL)
		return;
	object = json_object();
	put_text(object, "unseen", request_id_text(id, port->ref));
	put_document(trace, object);
}

static void
add_session(struct trace *trace, const struct port *port)
{
	struct lns_ref ref = port->ref;
	struct lns_tunnel_info info;

	if (add_ref(trace->sessions, &trace->session_count, ref))
		tell_unseen(trace, port);
	if (lns_find(trace->app->lns, ref, &info, NULL))
		add_tunnel(trace, info.ref);
}

static bool
is_of_host(const struct trace *trace, const struct lns_addr *peer)
{
	return trace->by_host && addr_same_host(&trace->host, peer);
}

/* One of those that are listened to, by the number in its datagram; they must still live. */
static bool
is_of_tunnel(const struct trace *trace, uint16_t tid)
{
	for (size_t i = 0; i < TRACE_REFS_MAX && i < trace->tunnel_count; i++) {
		if (trace->tunnels[i].tid == tid &&
		    lns_find(trace->app->lns, trace->tunnels[i], NULL, NULL))
			return true;
	}
	return false;
}

/* ── datagrams ──────────────────────────────────────────────────────────────────────────── */

struct datagram {
	const struct lns_path *path;
	const uint8_t *bytes;
	size_t len;
	size_t frame; /* so many of its last bytes are a PPP frame; 0: a control message */
	bool out;
	const char *fate;
};

static void
put_end(json_t *object, const char *host, const char *port, const struct lns_addr *addr)
{
	char text[ADDR_TEXT_MAX];

	put_text(object, host, addr_host_text(text, addr));
	put_int(object, port, addr->port);
}

/* The bytes without their secrets, as hexadecimal. */
static json_t *
bytes_text(const struct datagram *datagram)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t copy[TRACE_BYTES_MAX];
	char text[2 * TRACE_BYTES_MAX];
	size_t len = datagram->len < sizeof(copy) ? datagram->len : sizeof(copy);
	size_t header = datagram->len - datagram->frame;

	memcpy(copy, datagram->bytes, len);
	if (!datagram->frame)
		dissect_mask(copy, len);
	else if (header < len)
		frame_mask(copy + header, len - header);
	for (size_t i = 0; i < len; i++) {
		text[2 * i] = digits[copy[i] >> 4];
		text[2 * i + 1] = digits[copy[i] & 15];
	}
	return json_stringn(text, 2 * len);
}

static json_t *
datagram_document(const struct datagram *datagram)
{
	json_t *object = json_object();
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	put_int(object, "time_us", (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
	put_text(object, "direction", datagram->out ? "out" : "in");
	put_end(object, "peer", "peer_port", &datagram->path->peer);
	put_end(object, "local", "local_port", &datagram->path->local);
	put(object, "data", json_boolean(datagram->frame));
	if (datagram->fate[0])
		put_text(object, "dropped", datagram->fate);
	put_int(object, "length", datagram->len);
	put(object, "bytes", bytes_text(datagram));
	return object;
}

/* Each listener's buffer has its own end, so each has its own line. */
static void
tell(struct trace *trace, const struct datagram *datagram)
{
	put_document(trace, datagram_document(datagram));
}

void
trace_heard(struct app *app, const struct lns_path *path, const uint8_t *bytes, size_t len,
	    const struct lns_data *data, const char *fate)
{
	const struct datagram datagram = {.path = path,
					  .bytes = bytes,
					  .len = data ? (size_t)(data->frame - bytes) + data->len
						      : len,
					  .frame = data ? data->len : 0,
					  .fate = fate};
	bool control = len >= 6 && bytes[0] & 0x80;
	uint16_t tid = control ? (uint16_t)(bytes[4] << 8 | bytes[5]) : 0;

	/* what is neither is nobody's: it may be a frame of a session that is gone, login and all
	 */
	if (!control && !data)
		return;
	for (struct trace *trace = app->traces.first; trace; trace = trace->next) {
		if (data && !trace->data)
			continue;
		if (is_of_host(trace, &path->peer) ||
		    (data && has_ref(trace->sessions, trace->session_count, data->ref)) ||
		    (!data && !fate[0] && is_of_tunnel(trace, tid)))
			tell(trace, &datagram);
	}
}

void
trace_said(struct app *app, const struct lns_act *act)
{
	const struct datagram datagram = {
		.path = &act->path, .bytes = act->bytes, .len = act->len, .out = true, .fate = ""};

	for (struct trace *trace = app->traces.first; trace; trace = trace->next) {
		if (is_of_host(trace, &act->path.peer) ||
		    has_ref(trace->tunnels, trace->tunnel_count, act->ref))
			tell(trace, &datagram);
	}
}

void
trace_sent(struct app *app, const struct port *port, const struct lns_path *path,
	   const uint8_t *bytes, size_t len, size_t frame)
{
	const struct datagram datagram = {
		.path = path, .bytes = bytes, .len = len, .frame = frame, .out = true, .fate = ""};

	for (struct trace *trace = app->traces.first; trace; trace = trace->next) {
		if (trace->data && (is_of_host(trace, &path->peer) ||
				    has_ref(trace->sessions, trace->session_count, port->ref)))
			tell(trace, &datagram);
	}
}

void
trace_user(struct app *app, const struct port *port)
{
	for (struct trace *trace = app->traces.first; trace; trace = trace->next) {
		if (strcmp(trace->who, port->user) == 0)
			add_session(trace, port);
	}
}

void
trace_lane(struct app *app, const struct port *port)
{
	for (struct trace *trace = app->traces.first; trace; trace = trace->next) {
		if (is_of_host(trace, &port->path.peer))
			tell_unseen(trace, port);
	}
}

/* ── life ───────────────────────────────────────────────────────────────────────────────── */

static json_t *
greeting(const struct trace *trace)
{
	return json_pack("{s:b, s:{s:o, s:b}}", "ok", 1, "data", "watching",
			 answer_text(trace->who), "data", trace->data);
}

/* Who is there already. */
static void
find_those_there(struct trace *trace)
{
	struct app *app = trace->app;
	struct lns_tunnel_info info;
	char id[REQUEST_ID_MAX];

	for (const struct port *port = app->ports.first; port; port = port->next_all) {
		if ((port->user[0] && strcmp(trace->who, port->user) == 0) ||
		    strcmp(trace->who, request_id_text(id, port->ref)) == 0)
			add_session(trace, port);
		else if (is_of_host(trace, &port->path.peer))
			tell_unseen(trace, port);
	}
	if (app_find_tunnel(app, request_tunnel_id(trace->who), &info))
		add_tunnel(trace, info.ref);
}

static bool
make_events(struct trace *trace)
{
	struct event_base *base = trace->app->base;

	trace->room = malloc(TRACE_ROOM);
	trace->readable = event_new(base, trace->fd, EV_READ | EV_PERSIST, on_readable, trace);
	trace->writable = event_new(base, trace->fd, EV_WRITE | EV_PERSIST, on_writable, trace);
	trace->patience = event_new(base, -1, 0, on_patience, trace);
	return trace->room && trace->readable && trace->writable && trace->patience;
}

bool
trace_open(struct app *app, int fd, const struct request *request, char *why, size_t cap)
{
	struct trace *trace;
	char who[300];

	if (app->traces.count == TRACES_MAX) {
		snprintf(why, cap, "%d traces run already: end one of them", TRACES_MAX);
		return false;
	}
	trace = calloc(1, sizeof(*trace));
	if (!trace) {
		snprintf(why, cap, "memory is short");
		return false;
	}
	trace->app = app;
	trace->fd = fd;
	trace->data = request->data;
	memcpy(trace->who, request->arg, sizeof(trace->who));
	trace->by_host = addr_from_text(&trace->host, trace->who);
	trace->next = app->traces.first;
	app->traces.first = trace;
	app->traces.count++;
	if (!make_events(trace)) {
		drop(trace);
		return true; /* hung up on: lnsctl says so */
	}
	log_notice("trace begins of=\"%s\" data=%s",
		   log_escape(who, sizeof(who), trace->who, strlen(trace->who)),
		   trace->data ? "yes" : "no");
	event_add(trace->readable, NULL);
	put_document(trace, greeting(trace));
	find_those_there(trace);
	return true;
}
