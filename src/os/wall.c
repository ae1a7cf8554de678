/* The wall. One row a kind: who sends it, its size, its strings, whether a descriptor comes along.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "wall.h"

struct text_member {
	size_t at, size;
};

#define TEXT(type, member)                                                                         \
	{                                                                                          \
		offsetof(struct type, member), sizeof(((struct type *)0)->member)                  \
	}

#define TEXTS_MAX 5

enum fd_rule { FD_NONE, FD_MAY, FD_MUST };

struct kind_row {
	size_t size;
	enum wall_side from;
	enum fd_rule fd;
	struct text_member texts[TEXTS_MAX]; /* size 0: no more */
};

static const struct kind_row kinds[WALL_KIND_END] = {
	[WALL_READY] = {sizeof(struct wall_plain), WALL_FROM_WORKER, FD_NONE, {{0}}},
	[WALL_SPAWN] = {sizeof(struct wall_spawn), WALL_FROM_WORKER, FD_NONE, {{0}}},
	[WALL_CALL] = {sizeof(struct wall_call), WALL_FROM_WORKER, FD_NONE, {{0}}},
	[WALL_STOP] = {sizeof(struct wall_stop), WALL_FROM_WORKER, FD_NONE, {{0}}},
	[WALL_RELOAD] = {sizeof(struct wall_reload), WALL_FROM_WORKER, FD_NONE, {{0}}},
	[WALL_RELOAD_USERS] = {sizeof(struct wall_ask), WALL_FROM_WORKER, FD_NONE, {{0}}},
	[WALL_COUNT_SA] = {sizeof(struct wall_count), WALL_FROM_WORKER, FD_NONE, {{0}}},
	[WALL_DROP_SA] = {sizeof(struct wall_drop_sa), WALL_FROM_WORKER, FD_NONE, {{0}}},
	[WALL_HISTORY] = {sizeof(struct wall_history),
			  WALL_FROM_WORKER,
			  FD_NONE,
			  {TEXT(wall_history, user), TEXT(wall_history, client),
			   TEXT(wall_history, text)}},
	[WALL_OFFENCE] = {sizeof(struct wall_offence), WALL_FROM_WORKER, FD_NONE, {{0}}},
	[WALL_BAN_ASK] = {sizeof(struct wall_ban_ask), WALL_FROM_WORKER, FD_NONE, {{0}}},
	[WALL_ALIVE] = {sizeof(struct wall_ask), WALL_FROM_WORKER, FD_NONE, {{0}}},
	[WALL_USED] = {sizeof(struct wall_used), WALL_FROM_WORKER, FD_NONE, {{0}}},
	[WALL_CONF] = {sizeof(struct wall_plain), WALL_FROM_KEEPER, FD_MUST, {{0}}},
	[WALL_SPAWNED] = {sizeof(struct wall_spawned), WALL_FROM_KEEPER, FD_MAY, {{0}}},
	[WALL_PPP_LCP] = {sizeof(struct wall_lcp), WALL_FROM_KEEPER, FD_NONE, {{0}}},
	[WALL_PPP_AUTH] = {sizeof(struct wall_ppp),
			   WALL_FROM_KEEPER,
			   FD_NONE,
			   {TEXT(wall_ppp, user), TEXT(wall_ppp, ifname), TEXT(wall_ppp, text)}},
	[WALL_PPP_UP] = {sizeof(struct wall_ppp),
			 WALL_FROM_KEEPER,
			 FD_NONE,
			 {TEXT(wall_ppp, user), TEXT(wall_ppp, ifname), TEXT(wall_ppp, text)}},
	[WALL_PPP_DOWN] = {sizeof(struct wall_ppp),
			   WALL_FROM_KEEPER,
			   FD_NONE,
			   {TEXT(wall_ppp, user), TEXT(wall_ppp, ifname), TEXT(wall_ppp, text)}},
	[WALL_INSIDE] = {sizeof(struct wall_inside), WALL_FROM_KEEPER, FD_NONE, {{0}}},
	[WALL_CHANGE] = {sizeof(struct wall_change),
			 WALL_FROM_KEEPER,
			 FD_NONE,
			 {TEXT(wall_change, section), TEXT(wall_change, key),
			  TEXT(wall_change, from), TEXT(wall_change, to)}},
	[WALL_RELOADED] = {sizeof(struct wall_text),
			   WALL_FROM_KEEPER,
			   FD_NONE,
			   {TEXT(wall_text, text)}},
	[WALL_SA] = {sizeof(struct wall_sa), WALL_FROM_KEEPER, FD_NONE, {TEXT(wall_sa, cipher)}},
	[WALL_SA_GONE] = {sizeof(struct wall_mark), WALL_FROM_KEEPER, FD_NONE, {{0}}},
	[WALL_SA_COUNT] = {sizeof(struct wall_sa_count), WALL_FROM_KEEPER, FD_NONE, {{0}}},
	[WALL_SA_END] = {sizeof(struct wall_ask), WALL_FROM_KEEPER, FD_NONE, {{0}}},
	[WALL_FACTS] = {sizeof(struct wall_facts),
			WALL_FROM_KEEPER,
			FD_NONE,
			{TEXT(wall_facts, manager), TEXT(wall_facts, version),
			 TEXT(wall_facts, profile), TEXT(wall_facts, error),
			 TEXT(wall_facts, fix)}},
	[WALL_PROBLEM] = {sizeof(struct wall_problem),
			  WALL_FROM_KEEPER,
			  FD_NONE,
			  {TEXT(wall_problem, severity), TEXT(wall_problem, text),
			   TEXT(wall_problem, fix)}},
	[WALL_BAN] = {sizeof(struct wall_ban), WALL_FROM_KEEPER, FD_NONE, {{0}}},
	[WALL_BAN_DONE] = {sizeof(struct wall_text),
			   WALL_FROM_KEEPER,
			   FD_NONE,
			   {TEXT(wall_text, text)}},
	[WALL_USE] = {sizeof(struct wall_use), WALL_FROM_KEEPER, FD_NONE, {{0}}},
	[WALL_RADIUS] = {sizeof(struct wall_radius), WALL_FROM_KEEPER, FD_NONE, {{0}}},
	[WALL_GRANT] = {sizeof(struct wall_grant),
			WALL_FROM_KEEPER,
			FD_NONE,
			{TEXT(wall_grant, rate), TEXT(wall_grant, routes),
			 TEXT(wall_grant, allow)}},
	[WALL_TUNNEL] = {sizeof(struct wall_tunnel), WALL_FROM_KEEPER, FD_MUST, {{0}}},
	[WALL_TUNNEL_GONE] = {sizeof(struct wall_ask), WALL_FROM_KEEPER, FD_NONE, {{0}}},
	[WALL_LANE] = {sizeof(struct wall_lane), WALL_FROM_KEEPER, FD_NONE, {{0}}},
	[WALL_PULSE] = {sizeof(struct wall_ask), WALL_FROM_KEEPER, FD_NONE, {{0}}},
	[WALL_TALLY] = {sizeof(struct wall_tally), WALL_FROM_KEEPER, FD_NONE, {{0}}},
	[WALL_SHUTDOWN] = {sizeof(struct wall_plain), WALL_FROM_KEEPER, FD_NONE, {{0}}},
};

struct wall {
	struct channel *channel;
	enum wall_side self;
};

static const struct kind_row *
row_of(uint32_t kind, enum wall_side from)
{
	if (kind == 0 || kind >= WALL_KIND_END || kinds[kind].from != from)
		return NULL;
	return &kinds[kind];
}

size_t
wall_size(uint32_t kind, enum wall_side from)
{
	const struct kind_row *row = row_of(kind, from);

	return row ? row->size : 0;
}

/* No proof at all, or one that a LAC can have heard. */
static bool
spawn_valid(const struct wall_spawn *spawn)
{
	const struct proof *proxied = &spawn->proxied;

	if (spawn->wants & ~(uint32_t)WALL_WANTS_ALL)
		return false;
	return proxied->method == 0 || (proof_valid(proxied) && (proxied->method == METHOD_PAP ||
								 proxied->method == METHOD_CHAP));
}

static bool
address_valid(const struct lns_addr *addr)
{
	return addr->family == 4 || addr->family == 6;
}

/* Of IPv6, or none. */
static bool
prefix6_valid(const struct lns_prefix *prefix)
{
	return (prefix->family == 0 || prefix->family == 6) && prefix->bits <= 128;
}

/* A tunnel's socket is connected to the peer, and its mark put on all that leaves. */
static bool
tunnel_valid(const struct wall_tunnel *tunnel)
{
	return tunnel->number && address_valid(&tunnel->path.local) &&
	       tunnel->path.peer.family == tunnel->path.local.family;
}

static bool
lane_valid(uint32_t lane, uint32_t reason)
{
	return lane < LANE_COUNT && reason < LANE_REASONS;
}

static bool
history_valid(const struct wall_history *history)
{
	return history->up <= 1 && history->cause < CAUSE_COUNT && history->by < BY_COUNT &&
	       history->duration_s <= INT32_MAX && history->rx_bytes <= INT64_MAX &&
	       history->tx_bytes <= INT64_MAX && address_valid(&history->peer) &&
	       prefix6_valid(&history->link6);
}

static bool
inside_valid(const struct inside_link *link)
{
	return link->dns_count <= 2 && prefix6_valid(&link->link6) &&
	       prefix6_valid(&link->delegated6);
}

bool
wall_valid(const union wall_msg *msg, size_t len, enum wall_side from)
{
	if (len < sizeof(msg->kind))
		return false;

	const struct kind_row *row = row_of(msg->kind, from);

	if (!row || len != row->size)
		return false;
	for (size_t i = 0; i < TEXTS_MAX && row->texts[i].size; i++)
		if (!memchr((const char *)msg + row->texts[i].at, '\0', row->texts[i].size))
			return false;
	if (msg->kind == WALL_RELOAD)
		return msg->reload.act < RELOAD_ACTS && msg->reload.trial <= RELOAD_TRIAL_MAX;
	if (msg->kind == WALL_CHANGE)
		return msg->change.live <= LIVE_RESTART;
	if (msg->kind == WALL_SPAWN)
		return spawn_valid(&msg->spawn);
	if (msg->kind == WALL_INSIDE)
		return inside_valid(&msg->inside.link);
	if (msg->kind == WALL_CALL)
		return msg->call.numbered <= 1 && call_valid(&msg->call.call);
	if (msg->kind == WALL_TUNNEL)
		return tunnel_valid(&msg->tunnel);
	if (msg->kind == WALL_LANE)
		return lane_valid(msg->lane.lane, msg->lane.reason);
	if (msg->kind == WALL_SPAWNED)
		return lane_valid(msg->spawned.lane, msg->spawned.reason);
	if (msg->kind == WALL_HISTORY)
		return history_valid(&msg->history);
	if (msg->kind == WALL_OFFENCE)
		return address_valid(&msg->offence.path.peer);
	if (msg->kind == WALL_BAN_ASK)
		return msg->ban_ask.all || address_valid(&msg->ban_ask.addr);
	if (msg->kind == WALL_RADIUS)
		return msg->radius.count <= CONF_RADIUS_MAX;
	if (msg->kind == WALL_TALLY)
		return msg->tally.stopping <= msg->tally.pppds;
	return msg->kind != WALL_PROBLEM || msg->problem.id < WALL_PROBLEMS;
}

struct wall *
wall_new(int fd, enum wall_side self)
{
	struct wall *wall = calloc(1, sizeof(*wall));

	if (wall)
		wall->channel = channel_new(fd);
	if (!wall || !wall->channel) {
		free(wall);
		return NULL;
	}
	wall->self = self;
	return wall;
}

void
wall_free(struct wall *wall)
{
	if (!wall)
		return;
	channel_free(wall->channel);
	free(wall);
}

int
wall_fd(const struct wall *wall)
{
	return channel_fd(wall->channel);
}

bool
wall_wants_write(const struct wall *wall)
{
	return channel_wants_write(wall->channel);
}

size_t
wall_queued(const struct wall *wall)
{
	return channel_queued(wall->channel);
}

int
wall_send(struct wall *wall, const union wall_msg *msg, int pass_fd)
{
	size_t len = wall_size(msg->kind, wall->self);

	if (len)
		return channel_send(wall->channel, msg, len, pass_fd);
	if (pass_fd >= 0)
		close(pass_fd);
	return -EINVAL;
}

int
wall_flush(struct wall *wall)
{
	return channel_flush(wall->channel);
}

int
wall_recv(struct wall *wall, union wall_msg *msg, int *fd)
{
	enum wall_side other = wall->self == WALL_FROM_WORKER ? WALL_FROM_KEEPER : WALL_FROM_WORKER;
	ssize_t n = channel_recv(wall->channel, msg, sizeof(*msg), fd);

	if (n <= 0)
		return (int)n;

	bool whole = wall_valid(msg, (size_t)n, other);
	enum fd_rule rule = whole ? row_of(msg->kind, other)->fd : FD_NONE;

	if (whole && (rule == FD_MAY || (rule == FD_MUST) == (*fd >= 0)))
		return 1;
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	return -EPROTO;
}
