/*
 * See scrape.h. evhttp's own limits are for silence: who sends a byte now and then would stay, and
 * nothing bounds how many do. So we make its connections' bufferevents, keep a reference to each,
 * and look after their number and time.
 */
#include "worker/scrape.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "worker/app.h"
#include "worker/metrics.h"

#define HEADERS_MAX 8192
#define BODY_MAX 1024
#define ALL_METHODS                                                                                \
	(EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE | \
	 EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT | EVHTTP_REQ_PATCH)

struct visit {
	struct bufferevent *socket; /* one reference is ours; NULL: the place is free */
	mstime_t until;
};

struct scrape {
	struct app *app;
	struct evhttp *http;
	struct evconnlistener *listener;
	struct event *watch; /* each second, while there is something to look at */
	struct visit visits[SCRAPES_MAX];
	unsigned count;
	char *text;
	size_t len;
	mstime_t made;
};

/* ── connections ────────────────────────────────────────────────────────────────────────── */

static void
watch_on(struct scrape *scrape)
{
	const struct timeval a_second = {.tv_sec = 1};

	if (!event_pending(scrape->watch, EV_TIMEOUT, NULL))
		event_add(scrape->watch, &a_second);
}

/* evhttp takes its callbacks off a connection when it is done with it. */
static bool
is_over(const struct visit *visit)
{
	bufferevent_event_cb on_end;

	bufferevent_getcb(visit->socket, NULL, NULL, &on_end, NULL);
	return on_end == NULL;
}

static void
give_place(struct scrape *scrape, struct visit *visit)
{
	bufferevent_decref(visit->socket);
	visit->socket = NULL;
	scrape->count--;
}

/* Frees the places of those that are done, and ends those whose time is over: evhttp sees that, and
 * is done with them by the next time. */
static void
look_after(struct scrape *scrape)
{
	for (size_t i = 0; i < SCRAPES_MAX; i++) {
		struct visit *visit = &scrape->visits[i];

		if (visit->socket && is_over(visit))
			give_place(scrape, visit);
		else if (visit->socket && visit->until <= app_now(scrape->app))
			shutdown(bufferevent_getfd(visit->socket), SHUT_RDWR);
	}
}

/* What evhttp reads and writes of the connection that it has just accepted. */
static struct bufferevent *
visit_begin(struct event_base *base, void *ctx)
{
	struct scrape *scrape = ctx;
	struct visit *visit = scrape->visits;

	/* before it is there: evhttp has still to put its callbacks on it */
	look_after(scrape);
	/* the listener is off when none is free */
	while (visit->socket)
		visit++;
	visit->socket = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	if (!visit->socket)
		return NULL;
	bufferevent_incref(visit->socket);
	visit->until = app_now(scrape->app) + SCRAPE_MS;
	if (++scrape->count == SCRAPES_MAX)
		evconnlistener_disable(scrape->listener);
	watch_on(scrape);
	return visit->socket;
}

static void
on_watch(evutil_socket_t fd, short what, void *ctx)
{
	struct scrape *scrape = ctx;

	(void)fd;
	(void)what;
	look_after(scrape);
	if (scrape->count < SCRAPES_MAX)
		evconnlistener_enable(scrape->listener);
	if (scrape->count)
		watch_on(scrape);
}

/* Out of descriptors: whoever waits in the backlog keeps the socket readable, and us awake. */
static void
on_accept_error(struct evconnlistener *listener, void *ctx)
{
	evconnlistener_disable(listener);
	watch_on(ctx);
}

/* ── requests ───────────────────────────────────────────────────────────────────────────── */

static void
refuse(struct evhttp_request *request, int code, const char *reason)
{
	struct evbuffer *body = evhttp_request_get_output_buffer(request);

	evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
			  "text/plain; charset=utf-8");
	evbuffer_add_printf(body, "%s\n", reason);
	evhttp_send_reply(request, code, reason, NULL);
}

static bool
make_text(struct scrape *scrape)
{
	mstime_t now = app_now(scrape->app);
	size_t len;
	char *text;

	if (scrape->text && now - scrape->made < SCRAPE_TEXT_MS)
		return true;
	text = metrics_text(scrape->app, &len);
	if (!text)
		return false;
	free(scrape->text);
	scrape->text = text;
	scrape->len = len;
	scrape->made = now;
	return true;
}

static void
on_request(struct evhttp_request *request, void *ctx)
{
	struct scrape *scrape = ctx;
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));

	/* one request a connection: there are not many places */
	evhttp_add_header(headers, "Connection", "close");
	if (!path || strcmp(path, "/metrics") != 0) {
		refuse(request, HTTP_NOTFOUND, "Not Found");
	} else if (evhttp_request_get_command(request) != EVHTTP_REQ_GET) {
		evhttp_add_header(headers, "Allow", "GET");
		refuse(request, HTTP_BADMETHOD, "Method Not Allowed");
	} else if (!make_text(scrape) || evbuffer_add(evhttp_request_get_output_buffer(request),
						      scrape->text, scrape->len) < 0) {
		refuse(request, HTTP_SERVUNAVAIL, "Service Unavailable");
	} else {
		evhttp_add_header(headers, "Content-Type",
				  "text/plain; version=0.0.4; charset=utf-8");
		evhttp_send_reply(request, HTTP_OK, "OK", NULL);
	}
}

/* ── life ───────────────────────────────────────────────────────────────────────────────── */

static bool
set_up(struct scrape *scrape, int fd)
{
	struct event_base *base = scrape->app->base;

	scrape->watch = event_new(base, -1, 0, on_watch, scrape);
	scrape->http = evhttp_new(base);
	if (!scrape->watch || !scrape->http)
		return false;
	evhttp_set_max_headers_size(scrape->http, HEADERS_MAX);
	evhttp_set_max_body_size(scrape->http, BODY_MAX);
	evhttp_set_timeout(scrape->http, SCRAPE_MS / 1000);
	evhttp_set_allowed_methods(scrape->http, ALL_METHODS);
	evhttp_set_gencb(scrape->http, on_request, scrape);
	evhttp_set_bevcb(scrape->http, visit_begin, scrape);
	scrape->listener = evconnlistener_new(base, NULL, NULL,
					      LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_CLOSE_ON_FREE, 0, fd);
	if (!scrape->listener)
		return false;
	evconnlistener_set_error_cb(scrape->listener, on_accept_error);
	return evhttp_bind_listener(scrape->http, scrape->listener) != NULL;
}

struct scrape *
scrape_new(struct app *app, int fd)
{
	struct scrape *scrape = calloc(1, sizeof(*scrape));

	if (scrape) {
		scrape->app = app;
		if (set_up(scrape, fd))
			return scrape;
	}
	if (scrape && scrape->listener)
		evconnlistener_free(scrape->listener);
	else
		close(fd);
	scrape_free(scrape);
	return NULL;
}

void
scrape_free(struct scrape *scrape)
{
	if (!scrape)
		return;
	if (scrape->http)
		evhttp_free(scrape->http); /* the listener, too */
	for (size_t i = 0; i < SCRAPES_MAX; i++) {
		if (scrape->visits[i].socket)
			give_place(scrape, &scrape->visits[i]);
	}
	if (scrape->watch)
		event_free(scrape->watch);
	free(scrape->text);
	free(scrape);
}
