/* See net.h; the table itself is net_table.c's. */
#include "keeper/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/net_host.h"
#include "keeper/net_line.h"
#include "keeper/state.h"
#include "log.h"

static int
compare_names(const void *a, const void *b)
{
	const struct net_line *x = a, *y = b;

	return strcmp(x->ifname, y->ifname);
}

/* What the session's packets may come from, and where they may go, as its grant says now. False
 * when memory is short. */
static bool
read_grant(struct net_line *line)
{
	const struct session_info *info = line->info;
	const struct grant *grant = &info->grant;
	uint32_t address = htonl(info->address);

	line->allow_count = grant->allow_count;
	line->allow = calloc(grant->allow_count + 1, sizeof(*line->allow));
	line->sources = calloc(grant->route_count + 2, sizeof(*line->sources));
	if (!line->allow || !line->sources)
		return false;
	if (grant->allow_count)
		memcpy(line->allow, grant->allow, grant->allow_count * sizeof(*line->allow));
	line->sources[0] = (struct lns_prefix){.family = 4, .bits = 32};
	memcpy(line->sources[0].ip, &address, sizeof(address));
	line->source_count = 1;
	if (info->prefix6.family)
		line->sources[line->source_count++] = info->prefix6;
	if (grant->route_count)
		memcpy(line->sources + line->source_count, grant->routes,
		       grant->route_count * sizeof(*line->sources));
	line->source_count += grant->route_count;
	return true;
}

static void
line_free(struct keeper *keeper, struct net_line *line)
{
	net_tell_no_more(keeper, line);
	TAILQ_REMOVE(&keeper->net.lines, line, next);
	tdelete(line, &keeper->net.by_name, compare_names);
	line->info->net = NULL;
	free(line->sources);
	free(line->allow);
	free(line);
}

/* Known by its name, which no other line has: NULL when memory is short. */
static struct net_line *
line_new(struct keeper *keeper, struct session_info *info)
{
	struct net_line *line = calloc(1, sizeof(*line));

	if (!line)
		return NULL;
	line->info = info;
	line->serial = ++keeper->net.serial;
	memcpy(line->ifname, info->ifname, sizeof(line->ifname));
	if (!tsearch(line, &keeper->net.by_name, compare_names)) {
		free(line);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&keeper->net.lines, line, next);
	info->net = line;
	if (read_grant(line))
		return line;
	line_free(keeper, line);
	return NULL;
}

/* A pppd that is gone may not have been buried yet when its interface's name is given again. */
static void
evict(struct keeper *keeper, const char *ifname)
{
	struct net_line key, **found;

	memcpy(key.ifname, ifname, sizeof(key.ifname));
	found = tfind(&key, &keeper->net.by_name, compare_names);
	if (found)
		net_down(keeper, (*found)->info);
}

/* What can be had without nf_tables. */
static int
admit_without_table(const struct session_info *info)
{
	return info->grant.allow_count ? -EPROTONOSUPPORT : net_host_check_sources(info->ifname);
}

int
net_admit(struct keeper *keeper, struct session_info *info)
{
	struct net_line *line = info->net;
	int error = -EINVAL;

	if (line)
		return 0;
	if (rules_ifname(info->ifname)) {
		evict(keeper, info->ifname);
		line = line_new(keeper, info);
		error = line ? net_table_put(keeper, line, NULL) : -ENOMEM;
	}
	if (line && error && !keeper->net.has_table)
		error = admit_without_table(info);
	if (error == 0)
		return 0;
	log_error("session=%u-%u: its rules cannot be set: %s", info->ref.tid, info->ref.sid,
		  keeper->net.has_table && line ? keeper->net.nft.error : strerror(-error));
	if (line)
		line_free(keeper, line);
	return error;
}

static void
rate(struct keeper *keeper, struct net_line *line)
{
	const struct grant *grant = &line->info->grant;
	int error = 0;

	if (grant->rate_up || grant->rate_down || line->rated)
		error = shaper_set(&keeper->net.shaper, line->ifname, grant->rate_up,
				   grant->rate_down, &line->class_id);
	line->rated = error == 0 && (grant->rate_up || grant->rate_down);
	if (error)
		log_error("session=%u-%u: its rates cannot be set: %s", line->info->ref.tid,
			  line->info->ref.sid, strerror(-error));
	if (error || line->rated)
		problem_set(keeper, PROBLEM_RATES, "error",
			    error ? "a session's rates could not be set: it has none" : "",
			    "use a kernel with ifb, sch_tbf, sch_htb, cls_matchall, "
			    "act_skbedit and act_mirred");
}

void
net_up(struct keeper *keeper, struct session_info *info)
{
	struct net_line *line = info->net;

	if (!line || line->routes)
		return;
	line->routes = routes_up(&keeper->net.routes, keeper->conf, info, &line->route_count);
	rate(keeper, line);
	net_tell_grant(keeper, line);
}

static bool
routes_differ(const struct net_line *line)
{
	const struct grant *grant = &line->info->grant;

	if (line->route_count != grant->route_count)
		return true;
	for (size_t i = 0; i < line->route_count; i++)
		if (memcmp(&line->routes[i].to, &grant->routes[i], sizeof(grant->routes[i])) != 0)
			return true;
	return false;
}

int
net_change(struct keeper *keeper, struct session_info *info)
{
	struct net_line *line = info->net;
	struct net_line was;
	struct rules_session old;
	int error;

	if (!line)
		return 0;
	was = *line;
	old = net_rules_of(&was);
	line->serial = ++keeper->net.serial;
	error = read_grant(line) ? net_table_put(keeper, line, was.ruled ? &old : NULL) : -ENOMEM;
	free(was.sources);
	free(was.allow);
	if (error && !keeper->net.has_table)
		error = admit_without_table(info);
	if (error)
		return error;
	if (routes_differ(line)) {
		routes_down(&keeper->net.routes, keeper->conf, line->routes, line->route_count);
		line->routes =
			routes_up(&keeper->net.routes, keeper->conf, info, &line->route_count);
	}
	rate(keeper, line);
	net_tell_grant(keeper, line);
	return 0;
}

void
net_down(struct keeper *keeper, struct session_info *info)
{
	struct net_line *line = info->net;

	if (!line)
		return;
	routes_down(&keeper->net.routes, keeper->conf, line->routes, line->route_count);
	shaper_forget(&keeper->net.shaper, &line->class_id);
	net_table_leave(keeper, line);
	line_free(keeper, line);
}

const struct route *
net_routes(const struct session_info *info, size_t *count, bool *rated)
{
	*count = info->net ? info->net->route_count : 0;
	*rated = info->net && info->net->rated;
	return info->net ? info->net->routes : NULL;
}
