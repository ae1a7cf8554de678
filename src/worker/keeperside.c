/* See keeperside.h. */
#include "worker/keeperside.h"

#include <errno.h>
#include <event2/event.h>
#include <string.h>
#include <unistd.h>

#include "bundle.h"
#include "log.h"
#include "worker/app.h"
#include "worker/control.h"
#include "worker/pty.h"

#define MESSAGES 256 /* a wake-up: a long list of SAs must not hold up the data */

/* A message, with the descriptor that came along, which the handler owns. wall_recv() lets one
 * through for WALL_CONF, WALL_SPAWNED and WALL_TUNNEL only; -1: none. */
typedef void keeper_fn(struct app *app, const union wall_msg *msg, int fd);

/* The core looks causes up in tables: a number that is none of ours is taken for `other`. */
static enum cause
known_cause(uint32_t cause, enum cause other)
{
	return cause == CAUSE_NONE || cause >= CAUSE_COUNT ? other : (enum cause)cause;
}

static enum closed_by
known_by(uint32_t by)
{
	return by == BY_NOBODY || by >= BY_COUNT ? BY_SERVER : (enum closed_by)by;
}

static void
drop_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

/* The keeper has accepted these bytes already; parsed again without privileges. */
static void
on_conf(struct app *app, const union wall_msg *msg, int fd)
{
	struct conf_errors errors = {0};
	struct bundle bundle = {0};
	struct conf *conf = NULL;

	(void)msg;
	if (fd >= 0 && bundle_from_memfd(&bundle, fd)) {
		conf = conf_parse(bundle.files, bundle.count, &errors);
		if (conf && !bundle_give_secrets(&bundle, conf)) {
			conf_free(conf);
			conf = NULL;
		}
		bundle_fini(&bundle);
	}
	drop_fd(fd);
	conf_errors_fini(&errors);
	if (!conf) {
		log_error("reload: the configuration did not reach the worker whole, keeping the "
			  "old one");
		return;
	}
	conf_hold(conf, app->conf);
	conf_free(app->conf);
	app->conf = conf;
	if (!app_settle(app))
		log_error("reload: out of memory: tunnels keep to the old configuration");
	log_set_level(app->debug ? LVL_DEBUG : conf->log.level);
}

static enum lane
take_lane(struct port *port, const struct wall_spawned *spawned)
{
	port->lane = (enum lane)spawned->lane;
	lane_text(port->reason, sizeof(port->reason), (enum lane_reason)spawned->reason,
		  strerror(spawned->error));
	return port->lane;
}

static void
on_spawned(struct app *app, const union wall_msg *msg, int fd)
{
	const struct wall_spawned *spawned = &msg->spawned;
	struct port *port = ports_find(&app->ports, spawned->ref);

	if (!port) {
		drop_fd(fd);
	} else if (fd < 0) {
		port_note_end(port, known_cause(spawned->cause, CAUSE_PPPD_START), BY_SERVER, NULL);
		app_port_over(app, port);
	} else if (port->over) {
		drop_fd(fd); /* hung up meanwhile; WALL_STOP is under way */
	} else if (take_lane(port, spawned) == LANE_KERNEL) {
		lane_open(app, port, fd);
	} else if (!pty_open(app->ptys, port, fd)) {
		lns_close(app->lns, app_now(app), port->ref, CAUSE_NO_RESOURCES, BY_SERVER, NULL);
	}
}

static void
on_ppp_lcp(struct app *app, const union wall_msg *msg, int fd)
{
	const struct wall_lcp *lcp = &msg->lcp;

	(void)fd;
	lns_set_accm(app->lns, app_now(app), lcp->ref, lcp->send_accm, lcp->receive_accm);
}

static void
on_ppp_auth(struct app *app, const union wall_msg *msg, int fd)
{
	const struct wall_ppp *ppp = &msg->ppp;
	struct port *port = ports_find(&app->ports, ppp->ref);
	char text[sizeof(port->end.text)];

	(void)fd;
	if (!port)
		return;
	memcpy(port->user, ppp->user, sizeof(port->user));
	trace_user(app, port);
	if (ppp->ok)
		port_forget_end(port); /* the second try of a PAP client */
	else
		port_note_end(port, known_cause(ppp->cause, CAUSE_WRONG_PASSWORD), BY_SERVER,
			      log_escape(text, sizeof(text), ppp->text, strlen(ppp->text)));
}

static void
on_ppp_up(struct app *app, const union wall_msg *msg, int fd)
{
	const struct wall_ppp *ppp = &msg->ppp;
	struct port *port = ports_find(&app->ports, ppp->ref);

	(void)fd;
	if (!port)
		return;
	/* also for one that hung up meanwhile: it was logged in, and its logout line follows */
	memcpy(port->user, ppp->user, sizeof(port->user));
	trace_user(app, port);
	memcpy(port->ifname, ppp->ifname, sizeof(port->ifname));
	port->address = ppp->address;
	if (!port->up)
		app_port_up(app, port); /* IPCP may open again in one session */
}

static void
on_inside(struct app *app, const union wall_msg *msg, int fd)
{
	struct port *port = ports_find(&app->ports, msg->inside.ref);

	(void)fd;
	if (port && !port->over && port->lane == LANE_PTY)
		inside_set(app, port, &msg->inside.link);
}

static void
on_grant(struct app *app, const union wall_msg *msg, int fd)
{
	const struct wall_grant *told = &msg->grant;
	struct port *port = ports_find(&app->ports, told->ref);

	(void)fd;
	if (port)
		port_set_grant(port, told->routes, told->allow, told->rate);
}

static void
on_ppp_down(struct app *app, const union wall_msg *msg, int fd)
{
	const struct wall_ppp *ppp = &msg->ppp;
	struct port *port = ports_find(&app->ports, ppp->ref);
	char text[sizeof(port->end.text)];

	(void)fd;
	if (!port)
		return;
	port_note_pppd_end(port, known_cause(ppp->cause, CAUSE_PPPD_DIED), known_by(ppp->by),
			   log_escape(text, sizeof(text), ppp->text, strlen(ppp->text)));
	app_port_over(app, port);
}

static void
on_change(struct app *app, const union wall_msg *msg, int fd)
{
	(void)fd;
	control_change(app->control, &msg->change);
}

static void
on_reloaded(struct app *app, const union wall_msg *msg, int fd)
{
	(void)fd;
	control_reloaded(app->control, &msg->text);
}

static void
on_sa(struct app *app, const union wall_msg *msg, int fd)
{
	uint32_t held;

	(void)fd;
	if (msg->sa.twin)
		lns_probe(app->lns, app_now(app), msg->sa.twin);
	switch (sa_put(&app->sas, &msg->sa)) {
	case SA_SAME:
		break;
	case SA_RENEWED:
		lns_renewed(app->lns, app_now(app), msg->sa.mark);
		break;
	case SA_NO_ROOM:
		if (log_limit_pass(&app->no_room, app_now(app), &held))
			log_error("client left out mark=0x%08x held_back=%u: no room for its SA",
				  msg->sa.mark, held);
		break;
	}
}

static void
on_sa_gone(struct app *app, const union wall_msg *msg, int fd)
{
	(void)fd;
	if (!sa_find(&app->sas, msg->mark.mark))
		return;
	sa_remove(&app->sas, msg->mark.mark);
	lns_lost(app->lns, app_now(app), msg->mark.mark);
}

static void
on_sa_count(struct app *app, const union wall_msg *msg, int fd)
{
	(void)fd;
	control_sa_count(app->control, &msg->sa_count);
}

static void
on_sa_end(struct app *app, const union wall_msg *msg, int fd)
{
	(void)fd;
	control_sa_end(app->control, msg->ask.ask);
}

static void
on_facts(struct app *app, const union wall_msg *msg, int fd)
{
	(void)fd;
	app->facts = msg->facts;
}

static void
on_problem(struct app *app, const union wall_msg *msg, int fd)
{
	(void)fd;
	if (msg->problem.id < WALL_PROBLEMS)
		app->problems[msg->problem.id] = msg->problem;
}

static void
on_ban(struct app *app, const union wall_msg *msg, int fd)
{
	struct ban evicted;

	(void)fd;
	if (msg->ban.holds)
		bans_put(app->bans, &msg->ban.ban, &evicted); /* the keeper has no more than we */
	else
		bans_remove(app->bans, &msg->ban.ban.source);
}

static void
on_ban_done(struct app *app, const union wall_msg *msg, int fd)
{
	(void)fd;
	control_ban_done(app->control, &msg->text);
}

static void
on_use(struct app *app, const union wall_msg *msg, int fd)
{
	struct port *port = ports_find(&app->ports, msg->use.ref);

	(void)fd;
	if (port)
		app_tell_use(app, port, false);
}

static void
on_radius(struct app *app, const union wall_msg *msg, int fd)
{
	(void)fd;
	app->radius = msg->radius;
}

/* From the loop that everything else here is done in: an answer says that it goes round. */
static void
on_pulse(struct app *app, const union wall_msg *msg, int fd)
{
	union wall_msg answer;

	(void)fd;
	memset(&answer, 0, sizeof(answer));
	answer.ask = (struct wall_ask){.kind = WALL_ALIVE, .ask = msg->ask.ask};
	app_tell(app, &answer);
}

static void
on_tunnel(struct app *app, const union wall_msg *msg, int fd)
{
	lanes_tunnel(app, &msg->tunnel, fd);
}

static void
on_tunnel_gone(struct app *app, const union wall_msg *msg, int fd)
{
	(void)fd;
	lanes_tunnel_gone(app, msg->ask.ask);
}

static void
on_lane(struct app *app, const union wall_msg *msg, int fd)
{
	(void)fd;
	app->lanes.now = msg->lane;
}

static void
on_tally(struct app *app, const union wall_msg *msg, int fd)
{
	(void)fd;
	app->tally = msg->tally;
}

static void
on_shutdown(struct app *app, const union wall_msg *msg, int fd)
{
	(void)msg;
	(void)fd;
	app_shutdown(app);
}

static keeper_fn *const keeper_fns[WALL_KIND_END] = {
	[WALL_CONF] = on_conf,
	[WALL_SPAWNED] = on_spawned,
	[WALL_PPP_LCP] = on_ppp_lcp,
	[WALL_PPP_AUTH] = on_ppp_auth,
	[WALL_PPP_UP] = on_ppp_up,
	[WALL_PPP_DOWN] = on_ppp_down,
	[WALL_RELOADED] = on_reloaded,
	[WALL_SA] = on_sa,
	[WALL_SA_GONE] = on_sa_gone,
	[WALL_SA_COUNT] = on_sa_count,
	[WALL_SA_END] = on_sa_end,
	[WALL_FACTS] = on_facts,
	[WALL_PROBLEM] = on_problem,
	[WALL_SHUTDOWN] = on_shutdown,
	[WALL_BAN] = on_ban,
	[WALL_BAN_DONE] = on_ban_done,
	[WALL_USE] = on_use,
	[WALL_RADIUS] = on_radius,
	[WALL_INSIDE] = on_inside,
	[WALL_GRANT] = on_grant,
	[WALL_CHANGE] = on_change,
	[WALL_PULSE] = on_pulse,
	[WALL_TALLY] = on_tally,
	[WALL_TUNNEL] = on_tunnel,
	[WALL_TUNNEL_GONE] = on_tunnel_gone,
	[WALL_LANE] = on_lane,
};

/* Without its keeper the worker has no pppd and no way back: it says good-bye and ends. */
static void
keeper_gone(struct app *app, int error)
{
	app->alone = true;
	if (!app->done && !app->goodbye)
		log_error("wall: the keeper is gone (%s), ending",
			  error == -EPROTO ? "protocol error" : "closed");
	lns_shutdown(app->lns, app_now(app));
	app_stop(app, 1);
}

static void
on_wall_readable(evutil_socket_t fd, short what, void *ctx)
{
	struct app *app = ctx;
	union wall_msg msg;

	(void)fd;
	(void)what;
	for (int i = 0; i < MESSAGES && !app->done; i++) {
		int pass_fd = -1;
		int got = wall_recv(app->wall, &msg, &pass_fd);

		if (got == 0)
			return;
		if (got < 0) {
			keeper_gone(app, got);
			return;
		}
		/* wall_recv() lets through only what a keeper may send: each has its row */
		keeper_fns[msg.kind](app, &msg, pass_fd);
	}
}

static void
on_wall_writable(evutil_socket_t fd, short what, void *ctx)
{
	struct app *app = ctx;
	int error = wall_flush(app->wall); /* end_turn() asks again when there is more */

	(void)fd;
	(void)what;
	if (error < 0 && error != -EAGAIN)
		keeper_gone(app, error);
}

bool
keeperside_open(struct app *app)
{
	int fd = wall_fd(app->wall);

	app->wall_readable = event_new(app->base, fd, EV_READ | EV_PERSIST, on_wall_readable, app);
	app->wall_writable = event_new(app->base, fd, EV_WRITE, on_wall_writable, app);
	return app->wall_readable && app->wall_writable && event_add(app->wall_readable, NULL) == 0;
}

void
keeperside_close(struct app *app)
{
	if (app->wall_readable)
		event_free(app->wall_readable);
	if (app->wall_writable)
		event_free(app->wall_writable);
}
