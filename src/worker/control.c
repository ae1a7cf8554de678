/*
 * See control.h. A client is in one of five states, each with a time limit; whoever is slow, silent
 * or gone costs one of CTL_CLIENTS_MAX places for that long and nothing else.
 */
#include "worker/control.h"

#include <errno.h>
#include <event2/event.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ctl.h"
#include "worker/addr.h"
#include "worker/answer.h"
#include "worker/app.h"
#include "worker/dial.h"
#include "worker/request.h"
#include "worker/show_ipsec.h"
#include "worker/trace.h"

enum client_state {
	CLIENT_READING,
	CLIENT_WAITS_SA,
	CLIENT_WAITS_RELOAD,
	CLIENT_WAITS_BAN,
	CLIENT_WAITS_CALL,
	CLIENT_WRITING
};

static const time_t seconds[] = {
	[CLIENT_READING] = 5,	    [CLIENT_WAITS_SA] = 2, /* then it is answered without */
	[CLIENT_WAITS_RELOAD] = 30, [CLIENT_WAITS_BAN] = 10,
	[CLIENT_WAITS_CALL] = 75, /* longer than the core lets it take */
	[CLIENT_WRITING] = 10,
};

struct client {
	struct control *control;
	struct client *next;
	enum client_state state;
	int fd;
	struct event *readable, *writable, *limit;
	char in[CTL_REQUEST_MAX + 1];
	size_t in_len;
	struct request request;
	uint32_t ask;	     /* its number at the keeper */
	struct lns_ref call; /* that it waits for */
	struct sa_counts counts;
	json_t *changes, *lines; /* of a reload */
	char *out;
	size_t out_len, out_done;
};

struct control {
	struct app *app;
	int fd;
	struct event *listening;
	struct event *rest; /* a timer: listen again */
	struct client *clients;
	unsigned count;
	uint32_t last_ask;
};

static void
free_client(struct client *client)
{
	if (client->readable)
		event_free(client->readable);
	if (client->writable)
		event_free(client->writable);
	if (client->limit)
		event_free(client->limit);
	close(client->fd);
	json_decref(client->changes);
	if (client->fd >= 0)
		close(client->fd);
	json_decref(client->lines);
	free(client->out);
	free(client);
}

static void
drop_client(struct client *client)
{
	struct control *control = client->control;
	struct client **link = &control->clients;

	while (*link != client)
		link = &(*link)->next;
	*link = client->next;
	if (control->count-- == CTL_CLIENTS_MAX && control->listening)
		event_add(control->listening, NULL);
	free_client(client);
}

static void
enter(struct client *client, enum client_state state)
{
	struct timeval tv = {.tv_sec = seconds[state]};

	client->state = state;
	event_add(client->limit, &tv);
}

/* ── answer ─────────────────────────────────────────────────────────────────────────────── */

/* Takes the document. */
static void
answer(struct client *client, json_t *document)
{
	event_del(client->readable);
	client->out = document ? json_dumps(document, JSON_COMPACT) : NULL;
	json_decref(document);
	if (!client->out) {
		drop_client(client); /* memory is short; lnsctl says that the daemon hung up */
		return;
	}
	client->out_len = strlen(client->out);
	client->out[client->out_len++] = '\n'; /* over the NUL: from here on it is bytes */
	enter(client, CLIENT_WRITING);
	event_add(client->writable, NULL);
}

static void
answer_error(struct client *client, const char *text)
{
	answer(client, answer_refused(text));
}

static void
on_writable(evutil_socket_t fd, short what, void *ctx)
{
	struct client *client = ctx;
	ssize_t n = send(fd, client->out + client->out_done, client->out_len - client->out_done,
			 MSG_NOSIGNAL | MSG_DONTWAIT);

	(void)what;
	if (n > 0)
		client->out_done += (size_t)n;
	if ((n < 0 && errno != EAGAIN && errno != EINTR) || client->out_done == client->out_len)
		drop_client(client);
}

/* ── request ────────────────────────────────────────────────────────────────────────────── */

static void
serve(struct client *client)
{
	answer(client, answer_request(client->control->app, &client->request, &client->counts));
}

static void
ask_reload(struct client *client)
{
	const struct request *request = &client->request;
	const bool all = request->verb == VERB_RELOAD;
	union wall_msg msg;

	memset(&msg, 0, sizeof(msg));
	client->ask = ++client->control->last_ask;
	client->changes = json_array();
	client->lines = json_array();
	if (all)
		msg.reload = (struct wall_reload){.kind = WALL_RELOAD,
						  .ask = client->ask,
						  .act = request->act,
						  .trial = request->seconds};
	else
		msg.ask = (struct wall_ask){.kind = WALL_RELOAD_USERS, .ask = client->ask};
	enter(client, CLIENT_WAITS_RELOAD);
	app_tell(client->control->app, &msg);
}

static void
ask_ban(struct client *client)
{
	const struct request *request = &client->request;
	union wall_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.ban_ask = (struct wall_ban_ask){
		.kind = WALL_BAN_ASK,
		.ask = ++client->control->last_ask,
		.holds = request->verb == VERB_BAN,
		.all = request->verb == VERB_UNBAN && strcmp(request->arg, "all") == 0,
		.seconds = request->seconds,
	};
	if (!msg.ban_ask.all && !addr_from_text(&msg.ban_ask.addr, request->arg)) {
		answer_error(client, "an IPv4 or IPv6 address is needed");
		return;
	}
	client->ask = msg.ban_ask.ask;
	enter(client, CLIENT_WAITS_BAN);
	app_tell(client->control->app, &msg);
}

static void
ask_count(struct client *client, uint32_t mark)
{
	union wall_msg msg = {.count = {.kind = WALL_COUNT_SA, .mark = mark}};

	client->ask = msg.count.ask = ++client->control->last_ask;
	enter(client, CLIENT_WAITS_SA);
	app_tell(client->control->app, &msg);
}

/* It is listened to: who hangs up lets the call go too. */
static void
ask_call(struct client *client)
{
	char why[400];

	if (!dial_begin(client->control->app, &client->request, &client->call, why, sizeof(why))) {
		answer_error(client, why);
		return;
	}
	enter(client, CLIENT_WAITS_CALL);
	event_add(client->readable, NULL);
}

/* Whoever listens has a connection for as long as that takes, and no place here. */
static void
begin_trace(struct client *client)
{
	char why[160];

	if (!trace_open(client->control->app, client->fd, &client->request, why, sizeof(why))) {
		answer_error(client, why);
		return;
	}
	client->fd = -1;
	drop_client(client);
}

static void
cancel_call(struct client *client)
{
	struct app *app = client->control->app;

	lns_close(app->lns, app_now(app), client->call, CAUSE_ADMIN, BY_ADMIN, NULL);
}

static void
take_request(struct client *client, size_t len)
{
	uint32_t mark;
	char why[160];

	event_del(client->readable);
	lanes_read(client->control->app);
	if (!request_parse(&client->request, client->in, len, why, sizeof(why)))
		answer_error(client, why);
	else if (client->request.verb == VERB_RELOAD || client->request.verb == VERB_RELOAD_USERS)
		ask_reload(client);
	else if (client->request.verb == VERB_DIAL)
		ask_call(client);
	else if (client->request.verb == VERB_TRACE)
		begin_trace(client);
	else if (client->request.verb == VERB_BAN || client->request.verb == VERB_UNBAN)
		ask_ban(client);
	else if ((mark = answer_wants_count(client->control->app, &client->request)) != 0)
		ask_count(client, mark);
	else
		serve(client);
}

static void
read_request(struct client *client, int fd)
{
	ssize_t n = recv(fd, client->in + client->in_len, sizeof(client->in) - client->in_len,
			 MSG_DONTWAIT);
	const char *newline;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		drop_client(client); /* hung up before the line was whole */
		return;
	}
	client->in_len += (size_t)n;
	newline = memchr(client->in, '\n', client->in_len);
	if (newline)
		take_request(client, (size_t)(newline - client->in));
	else if (client->in_len > CTL_REQUEST_MAX)
		answer_error(client, "the request is too long");
}

/* Whatever it says besides is not for us. */
static void
watch_caller(struct client *client, int fd)
{
	char bytes[64];
	ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	cancel_call(client);
	drop_client(client);
}

static void
on_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct client *client = ctx;

	(void)what;
	if (client->state == CLIENT_WAITS_CALL)
		watch_caller(client, fd);
	else
		read_request(client, fd);
}

static void
on_limit(evutil_socket_t fd, short what, void *ctx)
{
	struct client *client = ctx;

	(void)fd;
	(void)what;
	switch (client->state) {
	case CLIENT_READING:
		answer_error(client, "no request came in time");
		break;
	case CLIENT_WAITS_SA:
		serve(client);
		break;
	case CLIENT_WAITS_RELOAD:
	case CLIENT_WAITS_BAN:
		answer_error(client, "the keeper did not answer in time");
		break;
	case CLIENT_WAITS_CALL:
		cancel_call(client);
		answer_error(client, "the call was not connected in time");
		break;
	case CLIENT_WRITING:
		drop_client(client);
		break;
	}
}

/* ── what the keeper answers ────────────────────────────────────────────────────────────── */

static struct client *
waiting(struct control *control, uint32_t ask, enum client_state state)
{
	struct client *client = control->clients;

	while (client && (client->ask != ask || client->state != state))
		client = client->next;
	return client;
}

void
control_sa_count(struct control *control, const struct wall_sa_count *count)
{
	struct client *client = waiting(control, count->ask, CLIENT_WAITS_SA);

	if (client)
		sa_counts_add(&client->counts, count);
}

void
control_sa_end(struct control *control, uint32_t ask)
{
	struct client *client = waiting(control, ask, CLIENT_WAITS_SA);

	if (client)
		serve(client);
}

void
control_change(struct control *control, const struct wall_change *change)
{
	struct client *client = waiting(control, change->ask, CLIENT_WAITS_RELOAD);

	if (client)
		json_array_append_new(client->changes, answer_change(change));
}

void
control_reloaded(struct control *control, const struct wall_text *text)
{
	struct client *client = waiting(control, text->ask, CLIENT_WAITS_RELOAD);

	if (!client)
		return;
	if (text->text[0])
		json_array_append_new(client->lines, answer_text(text->text));
	if (!text->more)
		answer(client,
		       answer_reload(text->ok, &client->request, client->changes, client->lines));
}

void
control_ban_done(struct control *control, const struct wall_text *text)
{
	struct client *client = waiting(control, text->ask, CLIENT_WAITS_BAN);

	if (client && text->ok)
		answer(client, answer_done(text->text));
	else if (client)
		answer_error(client, text->text);
}

/* ── what became of a call ──────────────────────────────────────────────────────────────── */

static struct client *
caller(struct control *control, struct lns_ref ref)
{
	struct client *client = control->clients;

	while (client && (client->state != CLIENT_WAITS_CALL || client->call.tid != ref.tid ||
			  client->call.sid != ref.sid || client->call.serial != ref.serial))
		client = client->next;
	return client;
}

void
control_call_up(struct control *control, struct lns_ref ref)
{
	struct client *client = caller(control, ref);

	if (client)
		answer(client, answer_call(&client->request, ref));
}

void
control_call_over(struct control *control, struct lns_ref ref, enum cause cause, const char *text)
{
	struct client *client = caller(control, ref);
	char line[300];

	if (!client)
		return;
	snprintf(line, sizeof(line), "the call failed: %s", text[0] ? text : cause_text(cause));
	answer_error(client, line);
}

/* ── life ───────────────────────────────────────────────────────────────────────────────── */

static void
on_rested(evutil_socket_t fd, short what, void *ctx)
{
	struct control *control = ctx;

	(void)fd;
	(void)what;
	if (control->listening && control->count < CTL_CLIENTS_MAX)
		event_add(control->listening, NULL);
}

/* Out of descriptors: whoever waits in the backlog keeps the socket readable, and us awake. */
static void
take_rest(struct control *control)
{
	const struct timeval a_second = {.tv_sec = 1};

	event_del(control->listening);
	event_add(control->rest, &a_second);
}

static void
on_client(evutil_socket_t listening, short what, void *ctx)
{
	struct control *control = ctx;
	struct event_base *base = control->app->base;
	int fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct client *client;

	(void)what;
	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM))
		take_rest(control);
	if (fd < 0)
		return;
	client = calloc(1, sizeof(*client));
	if (!client) {
		close(fd);
		return;
	}
	client->control = control;
	client->fd = fd;
	client->next = control->clients;
	control->clients = client;
	if (++control->count == CTL_CLIENTS_MAX)
		event_del(control->listening); /* the others wait in the backlog */
	client->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, client);
	client->writable = event_new(base, fd, EV_WRITE | EV_PERSIST, on_writable, client);
	client->limit = event_new(base, -1, 0, on_limit, client);
	if (!client->readable || !client->writable || !client->limit) {
		drop_client(client);
		return;
	}
	enter(client, CLIENT_READING);
	event_add(client->readable, NULL);
}

struct control *
control_new(struct app *app, int fd)
{
	struct control *control = calloc(1, sizeof(*control));

	if (!control) {
		close(fd);
		return NULL;
	}
	control->app = app;
	control->fd = fd;
	control->listening = event_new(app->base, fd, EV_READ | EV_PERSIST, on_client, control);
	control->rest = event_new(app->base, -1, 0, on_rested, control);
	if (control->listening && control->rest && event_add(control->listening, NULL) == 0)
		return control;
	control_free(control);
	return NULL;
}

void
control_close(struct control *control)
{
	if (control->listening)
		event_free(control->listening);
	control->listening = NULL;
	if (control->fd >= 0)
		close(control->fd);
	control->fd = -1;
}

void
control_free(struct control *control)
{
	if (!control)
		return;
	control_close(control);
	if (control->rest)
		event_free(control->rest);
	while (control->clients) {
		struct client *client = control->clients;

		control->clients = client->next;
		free_client(client);
	}
	free(control);
}
