/* See acts.h. */
#include "worker/acts.h"

#include <stdio.h>
#include <string.h>

#include "log.h"
#include "worker/addr.h"
#include "worker/app.h"
#include "worker/control.h"
#include "worker/proxied.h"
#include "worker/pty.h"
#include "worker/udp.h"

static void
act_send(struct app *app, const struct lns_act *act)
{
	const struct udp_manner manner = {.dscp = act->dscp};

	udp_send(app->udp, &act->path, &manner, act->bytes, act->len);
	trace_said(app, act);
	wrecks_said(&app->wrecks, act);
}

static void
act_tunnel_up(struct app *app, const struct lns_act *act)
{
	char peer[ADDR_TEXT_MAX];

	(void)app;
	log_notice("tunnel up tid=%u peer=%s", act->ref.tid, addr_text(peer, &act->path.peer));
}

static void
act_tunnel_down(struct app *app, const struct lns_act *act)
{
	char peer[ADDR_TEXT_MAX], more[32] = "";
	uint32_t held;

	sa_tunnel_ended(&app->sas, act->path.mark, app_now(app));
	wrecks_tunnel_down(&app->wrecks, act, app_now(app));
	if (!act->was_up) {
		/* whoever may send a datagram can make these */
		if (!log_limit_pass(&app->half_open_lines, app_now(app), &held))
			return;
		snprintf(more, sizeof(more), " held_back=%u", held);
	}
	log_notice("tunnel down tid=%u peer=%s cause=%s closed_by=%s text=\"%s\"%s", act->ref.tid,
		   addr_text(peer, &act->path.peer), cause_name(act->cause),
		   closed_by_name(act->by), act->text, more);
}

static uint32_t
wants_of(const struct lns_session_info *session)
{
	return (session->ours ? WALL_WANTS_SEQUENCING : 0) | (session->dscp ? WALL_WANTS_DSCP : 0) |
	       (session->proxied ? WALL_WANTS_PROXY : 0);
}

/* What ICRQ has told. */
static void
note_facts(const struct app *app, struct port *port, struct wall_spawn *spawn)
{
	struct lns_tunnel_info tunnel;
	struct lns_session_info session;

	if (!lns_find(app->lns, port->ref, &tunnel, &session))
		return;
	spawn->peer_tid = tunnel.peer_tid;
	spawn->peer_sid = session.peer_sid;
	spawn->wants = wants_of(&session);
	snprintf(port->client, sizeof(port->client), "%s", tunnel.client);
	/* set-up is counted from SCCRQ, but for a further session of a tunnel from its ICRQ */
	port->tunnel_at = tunnel.sessions > 1 ? session.since : tunnel.since;
}

static void
note_proof(const struct app *app, struct lns_ref ref, struct proof *proof)
{
	struct lns_proxy heard;

	if (lns_proxy(app->lns, ref, &heard))
		proxied_proof(proof, &heard);
}

static void
note_attribute(void *ctx, const char *name, const char *value)
{
	struct call *call = ctx;

	if (strcmp(name, "Sub-Address") == 0)
		snprintf(call->sub_address, sizeof(call->sub_address), "%s", value);
}

/* And ICCN. A LAC that names no Rx speed has the same both ways (RFC 2661 §4.4.4). */
static bool
note_call(const struct app *app, struct port *port)
{
	struct call *call = &port->call;
	struct lns_session_info session;

	if (!lns_find(app->lns, port->ref, NULL, &session))
		return false;
	snprintf(call->calling, sizeof(call->calling), "%s", session.calling);
	snprintf(call->called, sizeof(call->called), "%s", session.called);
	lns_walk_attributes(app->lns, port->ref, note_attribute, call);
	call->serial = session.serial_number;
	call->tx_speed = session.tx_speed;
	call->rx_speed = session.rx_speed ? session.rx_speed : session.tx_speed;
	return session.sequencing;
}

static void
act_ppp_start(struct app *app, const struct lns_act *act)
{
	union wall_msg msg = {.spawn = {.kind = WALL_SPAWN, .ref = act->ref, .path = act->path}};
	struct port *port = ports_add(&app->ports, act->ref);

	if (!port) {
		log_error("session refused session=%u-%u: out of memory", act->ref.tid,
			  act->ref.sid);
		lns_close(app->lns, app_now(app), act->ref, CAUSE_NO_RESOURCES, BY_SERVER, NULL);
		return;
	}
	port->path = act->path;
	port->tunnel_at = app_now(app);
	note_facts(app, port, &msg.spawn);
	note_proof(app, act->ref, &msg.spawn.proxied);
	app_tell(app, &msg);
	explicit_bzero(&msg.spawn.proxied, sizeof(msg.spawn.proxied));
}

static void
act_ppp_go(struct app *app, const struct lns_act *act)
{
	struct port *port = ports_find(&app->ports, act->ref);
	union wall_msg msg = {.call = {.kind = WALL_CALL, .ref = act->ref}};

	control_call_up(app->control, act->ref);
	if (!port)
		return;
	msg.call.numbered = note_call(app, port);
	msg.call.call = port->call;
	app_tell(app, &msg);
	port->go = true;
	port->go_at = app_now(app);
	pty_go(port);
}

/* The port lives on until its pppd has ended: pppd may know better why. */
static void
act_ppp_stop(struct app *app, const struct lns_act *act)
{
	struct port *port = ports_find(&app->ports, act->ref);
	union wall_msg msg = {.stop = {.kind = WALL_STOP, .ref = act->ref}};

	control_call_over(app->control, act->ref, act->cause, act->text);
	if (port)
		wrecks_session_over(&app->wrecks, act->ref, port->user);
	if (!port || port->over)
		return;
	port->over = true;
	port_note_end(port, act->cause, act->by, act->text);
	pty_close(port);
	lane_read(port);
	msg.stop.cause = port->end.cause;
	app_tell(app, &msg);
}

typedef void act_fn(struct app *app, const struct lns_act *act);

static act_fn *const act_fns[] = {
	[LNS_ACT_SEND] = act_send,
	[LNS_ACT_TUNNEL_UP] = act_tunnel_up,
	[LNS_ACT_TUNNEL_DOWN] = act_tunnel_down,
	[LNS_ACT_PPP_START] = act_ppp_start,
	[LNS_ACT_PPP_GO] = act_ppp_go,
	[LNS_ACT_PPP_STOP] = act_ppp_stop,
};

/*
 * Waits while the keeper has not taken what it was told before: a LAC that takes thousands of
 * sessions with it must not fill the wall. What waits is bounded by the number of sessions.
 */
void
acts_drain(struct app *app)
{
	const struct lns_act *act;

	while (!wall_wants_write(app->wall) && (act = lns_next_act(app->lns)) != NULL)
		act_fns[act->kind](app, act);
}
