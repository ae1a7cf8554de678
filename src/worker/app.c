/* See app.h. */
#include "worker/app.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "log.h"
#include "worker/acts.h"
#include "worker/addr.h"
#include "worker/control.h"
#include "worker/drop.h"
#include "worker/journal.h"
#include "worker/keeperside.h"
#include "worker/pty.h"
#include "worker/scrape.h"
#include "worker/settings.h"
#include "worker/udp.h"

mstime_t
app_now(struct app *app)
{
	struct timespec ts;

	if (!app->now) {
		clock_gettime(CLOCK_MONOTONIC, &ts);
		app->now = (mstime_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
	}
	return app->now;
}

void
app_stop(struct app *app, int exit_code)
{
	if (!app->done)
		app->exit_code = exit_code;
	app->done = true;
}

void
app_tell(struct app *app, const union wall_msg *msg)
{
	if (wall_send(app->wall, msg, -1) == 0 || app->done)
		return;
	log_error("wall: the keeper does not listen any more, ending");
	app_stop(app, 1);
}

void
app_tell_use(struct app *app, struct port *port, bool last)
{
	const struct port_counters *counters = &port->counters;
	union wall_msg msg;

	lane_read(port);
	memset(&msg, 0, sizeof(msg));
	msg.used = (struct wall_used){.kind = WALL_USED,
				      .ref = port->ref,
				      .last = last,
				      .rx_bytes = counters->rx_bytes,
				      .tx_bytes = counters->tx_bytes,
				      .rx_packets = counters->rx_packets,
				      .tx_packets = counters->tx_packets};
	app_tell(app, &msg);
}

static void
random_bytes(void *ctx, void *out, size_t len)
{
	uint8_t *p = out;

	(void)ctx;
	while (len) {
		/* up to 256 bytes come whole once the kernel's generator is ready */
		ssize_t n = getrandom(p, len < 256 ? len : 256, 0);

		if (n <= 0)
			abort();
		p += n;
		len -= (size_t)n;
	}
}

bool
app_settle(struct app *app)
{
	struct lns_conf settings;

	if (!settings_make(&settings, app->conf, app->host_name))
		return false;
	if (app->lns)
		lns_reconf(app->lns, &settings);
	else
		app->lns = lns_new(&settings, random_bytes, NULL);
	settings_free(&settings);
	return app->lns != NULL;
}

void
app_turn_day(struct app *app)
{
	int64_t today = (int64_t)time(NULL) / 86400;

	if (today == app->today)
		return;
	app->today = today;
	app->logins_today = app->failures_today = 0;
}

struct tunnel_search {
	uint16_t tid;
	struct lns_tunnel_info found; /* its ref has this tid: there is one */
};

static void
compare_tunnel(void *ctx, const struct lns_tunnel_info *info)
{
	struct tunnel_search *search = ctx;

	if (info->ref.tid == search->tid)
		search->found = *info;
}

bool
app_find_tunnel(const struct app *app, uint16_t tid, struct lns_tunnel_info *info)
{
	struct tunnel_search search = {.tid = tid};

	if (tid)
		lns_walk_tunnels(app->lns, compare_tunnel, &search);
	*info = search.found;
	return tid && search.found.ref.tid == tid;
}

/* ── the ends of a port ─────────────────────────────────────────────────────────────────── */

void
app_port_up(struct app *app, struct port *port)
{
	port->up = true;
	port->up_at = app_now(app);
	app_turn_day(app);
	app->logins_today++;
	totals_note_login(&app->totals, port);
	journal_login(port);
}

/* The one place where a session's last line is written. */
static void
close_books(struct app *app, struct port *port)
{
	lane_read(port);
	if (port->up) {
		journal_logout(port, app_now(app));
		app_tell_use(app, port, true);
	} else {
		app_turn_day(app);
		app->failures_today++;
		journal_refused(port);
	}
	past_note(app, port);
	totals_note_end(&app->totals, port);
	inside_forget(app, port);
	pty_close(port);
	lane_close(app, port);
	ports_remove(&app->ports, port);
}

void
app_port_over(struct app *app, struct port *port)
{
	const char *text = port->end.text[0] ? port->end.text : cause_text(port->end.cause);
	bool tell = !port->over;

	close_books(app, port);
	if (tell)
		lns_close(app->lns, app_now(app), port->ref, port->end.cause, port->end.by, text);
}

/* ── data ───────────────────────────────────────────────────────────────────────────────── */

void
app_send_frame(struct app *app, struct port *port, uint8_t *frame, size_t len)
{
	struct udp_manner manner;
	struct lns_way way;
	size_t header = lns_encap(app->lns, port->ref, frame, len, &way);

	if (!header)
		return;
	port->counters.tx_packets++;
	port->counters.tx_bytes += len;
	manner = (struct udp_manner){.dscp = way.dscp,
				     .data = true,
				     .no_checksum = !app->conf->server.udp_checksum_data};
	udp_send(app->udp, way.path, &manner, frame - header, header + len);
	trace_sent(app, port, way.path, frame - header, header + len, len);
}

/* pppd's frame, with room for the L2TP header before it */
static void
on_frame(void *ctx, struct port *port, uint8_t *frame, size_t len)
{
	struct app *app = ctx;

	if (!port->heard && !port->first_len && len <= sizeof(port->first)) {
		memcpy(port->first, frame, len);
		port->first_len = len;
	}
	app_send_frame(app, port, frame, len);
}

/*
 * pppd asks the moment ICCN has come, and most clients start their side only then: the request is
 * lost, and repeated after a second at the earliest. So a client that speaks for the first time is
 * told again what pppd said first; a Configure-Request that comes twice before its side is open is
 * only acknowledged twice (RFC 1661 §4.1).
 */
static void
hear(struct app *app, struct port *port)
{
	uint8_t room[LNS_HEADROOM + PORT_FIRST_MAX];

	port->heard = true;
	memcpy(room + LNS_HEADROOM, port->first, port->first_len);
	if (port->first_len)
		on_frame(app, port, room + LNS_HEADROOM, port->first_len);
}

static void
take_frame(struct app *app, const struct lns_data *data)
{
	struct port *port = ports_find(&app->ports, data->ref);

	/* too short for the kernel, which passes it up: no PPP of a peer that pppd agreed with */
	if (port && port->lane == LANE_KERNEL)
		return;
	if (port && !port->heard)
		hear(app, port);
	if (port && port->inside && inside_take_frame(app, port, data->frame, data->len))
		return;
	if (port && port_put(port, data->frame, data->len))
		pty_mark(app->ptys, port);
}

/* Those that had waited for one that was missing. */
static void
take_waiting_frames(struct app *app)
{
	struct lns_data data;

	while (lns_next_data(app->lns, &data))
		take_frame(app, &data);
}

static void
on_datagram(void *ctx, const struct lns_path *path, uint8_t *bytes, size_t len)
{
	struct app *app = ctx;
	struct lns_path from = *path;
	struct lns_data data;
	enum lns_verdict verdict;

	if (!sa_admit(&app->sas, &app->rules, &from)) {
		trace_heard(app, path, bytes, len, NULL, "unprotected");
		drop_unprotected(app, path);
		return;
	}
	if (drop_banned(app, &from, bytes, len)) {
		trace_heard(app, path, bytes, len, NULL, "banned");
		return;
	}
	verdict = lns_input(app->lns, app_now(app), &from, bytes, len, &data);
	trace_heard(app, path, bytes, len, verdict == LNS_DATA ? &data : NULL,
		    verdict == LNS_DROPPED ? "refused" : "");
	switch (verdict) {
	case LNS_DATA:
		take_frame(app, &data);
		take_waiting_frames(app);
		break;
	case LNS_TAKEN:
		take_waiting_frames(app);
		/* at once: a frame that follows in the same batch needs the port that ICCN opens */
		acts_drain(app);
		break;
	case LNS_DROPPED:
		drop_stray(app, &from);
		break;
	}
	drop_malformed(app, &from);
}

static void
on_batch_end(void *ctx)
{
	struct app *app = ctx;

	ptys_flush(app->ptys);
	udp_flush(app->udp);
}

/* ── the loop ───────────────────────────────────────────────────────────────────────────── */

static void
on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct app *app = ctx;

	(void)fd;
	(void)what;
	app->armed = MSTIME_NEVER; /* end_turn() does what is due */
}

/* At the end of all the keeper does it at once; a wall that takes nothing comes back when it does.
 */
static bool
may_drop_sas(const struct app *app)
{
	return !app->goodbye && !wall_wants_write(app->wall);
}

static void
drop_unused_sas(struct app *app)
{
	const struct wall_sa *sa;
	union wall_msg msg;

	while (may_drop_sas(app) && (sa = sa_unused(&app->sas, app->lns, app_now(app))) != NULL) {
		memset(&msg, 0, sizeof(msg));
		msg.drop_sa = (struct wall_drop_sa){
			.kind = WALL_DROP_SA, .mark = sa->mark, .spi_in = sa->spi_in};
		app_tell(app, &msg);
	}
}

static void
arm_timer(struct app *app)
{
	mstime_t when = lns_deadline(app->lns);
	mstime_t left;
	struct timeval tv;

	if (inside_deadline(app) < when)
		when = inside_deadline(app);
	if (lanes_deadline(app) < when)
		when = lanes_deadline(app);
	if (app->goodbye && app->goodbye < when)
		when = app->goodbye;
	if (may_drop_sas(app) && sa_deadline(&app->sas) < when)
		when = sa_deadline(&app->sas);
	if (when == app->armed)
		return;
	app->armed = when;
	if (when == MSTIME_NEVER) {
		event_del(app->timer);
		return;
	}
	left = when > app_now(app) ? when - app_now(app) : 0;
	tv = (struct timeval){.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000};
	event_add(app->timer, &tv);
}

static void
end_goodbye(struct app *app)
{
	if (lns_quiet(app->lns) && !app->ports.count)
		app_stop(app, 0);
	else if (app_now(app) >= app->goodbye)
		app_stop(app, 0);
}

static void
end_turn(struct app *app)
{
	lanes_tick(app); /* before the core may miss them */
	if (lns_deadline(app->lns) <= app_now(app)) {
		lns_tick(app->lns, app_now(app));
		take_waiting_frames(app);
	}
	inside_tick(app);
	acts_drain(app);
	drop_unused_sas(app);
	past_tell(app);
	drop_tell(app);
	ptys_flush(app->ptys);
	udp_flush(app->udp);
	ports_reap(&app->ports);
	if (app->goodbye)
		end_goodbye(app);
	if (wall_wants_write(app->wall))
		event_add(app->wall_writable, NULL);
	arm_timer(app);
	app->now = 0;
}

void
app_shutdown(struct app *app)
{
	if (app->goodbye)
		return;
	app->goodbye = app_now(app) + APP_GOODBYE_MS;
	control_close(app->control);
	scrape_free(app->scrape);
	app->scrape = NULL;
	lns_shutdown(app->lns, app_now(app));
}

/* Nothing leaves without its line in the journal. */
static void
close_all_books(struct app *app)
{
	while (app->ports.first) {
		port_note_end(app->ports.first, CAUSE_SHUTDOWN, BY_SERVER, NULL);
		close_books(app, app->ports.first);
	}
	ptys_flush(app->ptys);
	ports_reap(&app->ports);
}

/* And nothing without its entry in the history, as long as the keeper takes it. */
static void
say_last_words(struct app *app)
{
	const struct timeval patience = {.tv_usec = APP_LAST_WORDS_MS * 1000 / 10};
	mstime_t until = app_now(app) + APP_LAST_WORDS_MS;

	past_tell(app);
	while (wall_wants_write(app->wall) && !app->alone && app_now(app) < until) {
		event_add(app->wall_writable, &patience);
		if (event_base_loop(app->base, EVLOOP_ONCE) != 0)
			return;
		past_tell(app);
		app->now = 0;
	}
}

int
app_run(struct app *app)
{
	const union wall_msg ready = {.plain.kind = WALL_READY};

	app->started = app_now(app);
	app->began = time(NULL);
	app_tell(app, &ready);
	end_turn(app);
	while (!app->done) {
		if (event_base_loop(app->base, EVLOOP_ONCE) != 0) {
			log_error("the event loop failed, ending");
			app_stop(app, 1);
		}
		end_turn(app);
	}
	close_all_books(app);
	say_last_words(app);
	return app->exit_code;
}

/* ── life ───────────────────────────────────────────────────────────────────────────────── */

static struct event_base *
new_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config) {
		event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
		event_config_set_flag(config, EVENT_BASE_FLAG_IGNORE_ENV);
		base = event_base_new_with_config(config);
		event_config_free(config);
	}
	return base;
}

static bool
open_parts(struct app *app, struct worker_start *start)
{
	const struct udp_calls calls = {
		.input = on_datagram, .batch_end = on_batch_end, .ctx = app};
	const struct udp_sockets sockets = {.fds = start->udp,
					    .count = start->udp_count,
					    .group = start->udp_group,
					    .mark_base = start->mark_base,
					    .trains = !app->conf->ipsec.require};

	app->base = new_base();
	if (!app->base) {
		udp_sockets_close(&sockets);
		close(start->ctl);
		if (start->metrics >= 0)
			close(start->metrics);
		return false;
	}
	app->udp = udp_new(app->base, &sockets, &calls);
	app->control = control_new(app, start->ctl);
	if (start->metrics >= 0)
		app->scrape = scrape_new(app, start->metrics);
	app->ptys = ptys_new(app->base, on_frame, app);
	app->timer = event_new(app->base, -1, 0, on_timer, app);
	return app->udp && app->control && app->ptys && (app->scrape || start->metrics < 0) &&
	       app->timer && app_settle(app) && keeperside_open(app);
}

struct app *
app_new(struct worker_start *start, const struct app_place *place)
{
	struct app *app = calloc(1, sizeof(*app));

	if (!app) {
		log_error("worker: out of memory");
		return NULL;
	}
	sa_init(&app->sas);
	past_init(&app->past);
	app->bans = bans_new();
	insides_init(&app->insides);
	lanes_init(&app->lanes);
	app->rules = sa_rules(start->conf);
	app->conf = start->conf;
	app->metrics = start->conf->metrics.listen;
	app->wall = start->wall;
	app->debug = start->debug;
	app->armed = MSTIME_NEVER;
	snprintf(app->host_name, sizeof(app->host_name), "%s", place->host_name);
	app->stat_worker = place->stat_worker;
	app->stat_keeper = place->stat_keeper;
	if (app->bans && open_parts(app, start))
		return app;
	log_error("worker: cannot set up the event loop");
	app_free(app);
	return NULL;
}

void
app_free(struct app *app)
{
	if (!app)
		return;
	keeperside_close(app);
	traces_close(app);
	if (app->timer)
		event_free(app->timer);
	control_free(app->control);
	scrape_free(app->scrape);
	lanes_fini(app);
	udp_free(app->udp);
	ptys_free(app->ptys);
	if (app->base)
		event_base_free(app->base);
	if (app->stat_worker >= 0)
		close(app->stat_worker);
	if (app->stat_keeper >= 0)
		close(app->stat_keeper);
	lns_free(app->lns);
	sa_fini(&app->sas);
	past_fini(&app->past);
	bans_free(app->bans);
	insides_fini(&app->insides);
	ports_fini(&app->ports);
	wall_free(app->wall);
	conf_free(app->conf);
	free(app);
}
