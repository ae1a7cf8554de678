/* See messages.h. */
#include "worker/messages.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "trail.h"
#include "worker/addr.h"
#include "worker/app.h"
#include "worker/document.h"
#include "worker/request.h"

/* A moment of the monotonic clock as RFC 3339 in UTC, to the millisecond. */
static void
put_moment(json_t *object, const char *key, struct app *app, mstime_t when)
{
	struct timespec now;
	int64_t ms;
	time_t seconds;
	struct tm tm;
	char text[40] = "";
	size_t len;

	clock_gettime(CLOCK_REALTIME, &now);
	ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 - (app_now(app) - when);
	seconds = (time_t)(ms / 1000);
	if (gmtime_r(&seconds, &tm)) {
		len = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
		snprintf(text + len, sizeof(text) - len, ".%03dZ", (int)(ms % 1000));
	}
	put_text(object, key, text);
}

static json_t *
step_document(struct app *app, const struct trail *trail, const struct trail_step *step)
{
	json_t *object = json_object();

	put_moment(object, "time", app, trail_when(trail, step));
	put_text(object, "direction", step->flags & TRAIL_OUT ? "out" : "in");
	put_text(object, "type", trail_type(step));
	put_int(object, "ns", step->ns);
	put_int(object, "nr", step->nr);
	put_int(object, "session", step->sid);
	put_int(object, "length", step->len);
	put(object, "repeated", json_boolean(step->flags & TRAIL_AGAIN));
	put(object, "refused", json_boolean(step->flags & TRAIL_REFUSED));
	return object;
}

static json_t *
trail_list(struct app *app, const struct trail *trail)
{
	json_t *list = json_array();

	for (size_t i = 0; trail && i < trail_count(trail); i++)
		json_array_append_new(list, step_document(app, trail, trail_at(trail, i)));
	return list;
}

static json_t *
begin(struct lns_ref ref, const struct lns_path *path, const char *user)
{
	json_t *object = json_object();
	char text[ADDR_TEXT_MAX];

	put_int(object, "tunnel_id", ref.tid);
	put_text(object, "user", user);
	put_text(object, "peer", addr_host_text(text, &path->peer));
	put_int(object, "peer_port", path->peer.port);
	return object;
}

/* Of the tunnel's first session. */
static const char *
user_of(const struct app *app, uint16_t tid)
{
	const struct port *port = app->ports.first;

	while (port && (port->ref.tid != tid || !port->user[0]))
		port = port->next_all;
	return port ? port->user : "";
}

json_t *
messages_of_tunnel(struct app *app, const struct lns_tunnel_info *info)
{
	json_t *object = begin(info->ref, &info->path, user_of(app, info->ref.tid));

	put_text(object, "host_name", info->host_name);
	put_text(object, "state", info->state);
	put(object, "ended", NULL);
	put(object, "messages", trail_list(app, info->trail));
	return object;
}

static json_t *
wreck_document(struct app *app, const struct wreck *wreck)
{
	json_t *object = begin(wreck->ref, &wreck->path, wreck->user);

	put_text(object, "state", wreck->was_up ? "dead" : "never established");
	put_moment(object, "ended", app, wreck->at);
	put_text(object, "cause", cause_name(wreck->cause));
	put_text(object, "closed_by", closed_by_name(wreck->by));
	put_text(object, "text", wreck->text[0] ? wreck->text : cause_text(wreck->cause));
	put(object, "messages", trail_list(app, &wreck->trail));
	return object;
}

/* "TID", or the TID of a session's ID */
static bool
is_id_of(const char *who, uint16_t tid)
{
	char text[REQUEST_ID_MAX];
	size_t len = strcspn(who, "-");

	return len < sizeof(text) && memcpy(text, who, len) && !(text[len] = '\0') &&
	       request_tunnel_id(text) == tid;
}

struct search {
	struct app *app;
	const char *who;
	bool by_host;
	struct lns_addr host;
	json_t *found;
};

static bool
is_wanted(const struct search *search, struct lns_ref ref, const struct lns_path *path,
	  const char *user)
{
	if (search->by_host)
		return addr_same_host(&search->host, &path->peer);
	return (user[0] && strcmp(search->who, user) == 0) || is_id_of(search->who, ref.tid);
}

static void
add_live(void *ctx, const struct lns_tunnel_info *info)
{
	const struct search *search = ctx;

	if (is_wanted(search, info->ref, &info->path, ""))
		json_array_append_new(search->found, messages_of_tunnel(search->app, info));
}

/* By the sessions' names: a tunnel has none. */
static void
add_live_of_user(const struct search *search)
{
	struct lns_tunnel_info info;

	for (const struct port *port = search->app->ports.first; port; port = port->next_all) {
		if (port->user[0] && strcmp(port->user, search->who) == 0 &&
		    lns_find(search->app->lns, port->ref, &info, NULL))
			json_array_append_new(search->found,
					      messages_of_tunnel(search->app, &info));
	}
}

json_t *
messages_past(struct app *app, const char *who)
{
	struct search search = {.app = app, .who = who, .found = json_array()};
	const struct wreck *wreck;

	search.by_host = addr_from_text(&search.host, who);
	if (who[0]) {
		lns_walk_tunnels(app->lns, add_live, &search);
		add_live_of_user(&search);
	}
	for (size_t i = 0; (wreck = wrecks_at(&app->wrecks, i)) != NULL; i++) {
		if (!who[0] || is_wanted(&search, wreck->ref, &wreck->path, wreck->user))
			json_array_append_new(search.found, wreck_document(app, wreck));
	}
	return search.found;
}
