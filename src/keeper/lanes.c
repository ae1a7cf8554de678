/* See lanes.h. */
#include "keeper/lanes.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

/* after the C library's own of these names */
#include <linux/l2tp.h>

#include "keeper/inside.h"
#include "keeper/state.h"

/* What holds for every session of today. */
static struct lane_facts
general_facts(struct keeper *keeper)
{
	const struct conf *conf = keeper->conf;
	bool pty = conf->server.data_path == DATA_PATH_PTY;

	return (struct lane_facts){
		.pty = pty,
		.kernel = conf->server.data_path == DATA_PATH_KERNEL,
		/* who wants none of it has no module loaded */
		.no_l2tp = !pty && !l2tp_kernel_present(&keeper->lanes.kernel, loop_now()),
		.no_marks = keeper->marks != UINT16_MAX,
		.inside = conf->network.route_count || conf->network.search_domain[0] ||
			  inside_wanted(keeper),
	};
}

static struct lane_facts
facts_of(struct keeper *keeper, const struct wall_spawn *spawn, const struct l2tp_ids *ids)
{
	const struct l2tp_kernel *kernel = &keeper->lanes.kernel;
	struct lane_facts facts = general_facts(keeper);

	facts.sequencing = spawn->wants & WALL_WANTS_SEQUENCING;
	facts.dscp = spawn->wants & WALL_WANTS_DSCP;
	facts.proxied = spawn->wants & WALL_WANTS_PROXY;
	facts.shared = l2tp_kernel_shared(kernel, ids, &spawn->path);
	facts.full =
		kernel->count >= LANE_TUNNELS_MAX && !l2tp_tunnel_find(kernel, ids, &spawn->path);
	return facts;
}

static void
tell_tunnel(struct keeper *keeper, const struct session_lane *lane, const struct lns_path *path,
	    int udp)
{
	union wall_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.tunnel.kind = WALL_TUNNEL;
	msg.tunnel.number = l2tp_tunnel_number(lane->line.tunnel);
	msg.tunnel.path = *path;
	keeper_send(keeper, &msg, udp);
}

static void
tell_tunnel_gone(struct keeper *keeper, uint32_t number)
{
	union wall_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.ask = (struct wall_ask){.kind = WALL_TUNNEL_GONE, .ask = number};
	keeper_send(keeper, &msg, -1);
}

/* An administrator who asked for the kernel hears of it; and everybody, when it fails. */
static void
say_why(struct keeper *keeper, const struct session_lane *lane, struct lns_ref ref)
{
	bool asked = keeper->conf->server.data_path == DATA_PATH_KERNEL;
	char text[160];
	uint32_t held;

	if (lane->lane == LANE_KERNEL || (!asked && lane->reason != LANE_ERROR) ||
	    !log_limit_pass(&keeper->lanes.lines, loop_now(), &held))
		return;
	lane_text(text, sizeof(text), lane->reason, strerror(lane->error));
	log_warning("session=%u-%u goes through a pty and not through the kernel: %s held_back=%u",
		    ref.tid, ref.sid, text, held);
}

/* The worker says where a client came to; whether we listen there it does not. */
static bool
is_ours(const struct keeper *keeper, const struct lns_addr *local)
{
	static const uint8_t any[16] = {0};
	const struct conf *conf = keeper->conf;

	for (size_t i = 0; i < conf->server.listen_count; i++) {
		const struct conf_addr *addr = &conf->server.listen[i];

		if (addr->family == local->family && local->port == keeper->port &&
		    (memcmp(addr->ip, any, sizeof(any)) == 0 ||
		     memcmp(addr->ip, local->ip, sizeof(any)) == 0))
			return true;
	}
	return false;
}

void
lane_take(struct keeper *keeper, const struct wall_spawn *spawn, struct session_lane *lane)
{
	const struct l2tp_ids ids = {.tid = spawn->ref.tid,
				     .peer_tid = spawn->peer_tid,
				     .sid = spawn->ref.sid,
				     .peer_sid = spawn->peer_sid};
	const struct lane_facts facts = facts_of(keeper, spawn, &ids);
	const struct lane_choice choice = lane_choose(&facts);
	const struct l2tp_manner manner = {.mtu = (uint16_t)keeper->conf->network.mtu,
					   .debug = keeper->debug ? L2TP_MSG_CONTROL : 0};
	int error = 0, udp;

	*lane = (struct session_lane){
		.lane = choice.lane, .reason = choice.reason, .line = {.ids = ids, .fd = -1}};
	if (lane->lane == LANE_KERNEL && !is_ours(keeper, &spawn->path.local)) {
		error = -EADDRNOTAVAIL;
	} else if (lane->lane == LANE_KERNEL) {
		error = l2tp_line_open(&keeper->lanes.kernel, &lane->line, &spawn->path, &manner,
				       keeper->conf->server.udp_checksum_data, &udp);
		if (udp >= 0)
			tell_tunnel(keeper, lane, &spawn->path, udp);
	}
	if (error) {
		lane->lane = LANE_PTY;
		lane->reason = LANE_ERROR;
		lane->error = -error;
	}
	say_why(keeper, lane, spawn->ref);
}

void
lane_call(struct keeper *keeper, const struct wall_call *call, const struct session_lane *lane)
{
	l2tp_line_number(&keeper->lanes.kernel, &lane->line, call->numbered);
}

void
lane_hang_up(const struct session_lane *lane)
{
	if (lane->lane == LANE_KERNEL)
		l2tp_line_hang_up(&lane->line);
}

void
lane_give(struct keeper *keeper, struct session_lane *lane)
{
	uint32_t gone;

	if (lane->lane != LANE_KERNEL)
		return;
	gone = l2tp_line_close(&keeper->lanes.kernel, &lane->line);
	if (gone && keeper->worker)
		tell_tunnel_gone(keeper, gone);
}

void
lanes_start(struct keeper *keeper)
{
	l2tp_kernel_init(&keeper->lanes.kernel);
}

void
lanes_stop(struct keeper *keeper)
{
	l2tp_kernel_fini(&keeper->lanes.kernel);
}

void
lanes_tell(struct keeper *keeper)
{
	const struct lane_facts facts = general_facts(keeper);
	const struct lane_choice choice = lane_choose(&facts);
	union wall_msg msg;

	if (!keeper->worker_ready)
		return;
	memset(&msg, 0, sizeof(msg));
	msg.lane =
		(struct wall_lane){.kind = WALL_LANE, .lane = choice.lane, .reason = choice.reason};
	keeper_send(keeper, &msg, -1);
}
