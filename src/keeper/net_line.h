/* A session as net*.c know it. */
#ifndef KEEPER_NET_LINE_H
#define KEEPER_NET_LINE_H

#include "keeper/net.h"
#include "keeper/net_rules.h"

struct net_line {
	TAILQ_ENTRY(net_line) next;
	TAILQ_ENTRY(net_line) next_untold;
	bool untold; /* is in the list of these */
	struct session_info *info;
	char ifname[sizeof(((struct session_info *)0)->ifname)];
	uint32_t serial;
	bool ruled; /* its rules are in the table */
	bool rated; /* its rates are in force */
	uint16_t class_id;
	/* as the table has them */
	struct lns_prefix *sources;
	size_t source_count;
	struct grant_allow *allow;
	size_t allow_count;
	struct route *routes;
	size_t route_count;
};

struct rules_session net_rules_of(const struct net_line *line);

/* net_table.c. A line, which is in the list already, gets its rules in place of `old` (NULL: it had
 * none); 0 or -errno. A table that has gone is made anew with all of them. */
int net_table_put(struct keeper *keeper, struct net_line *line, const struct rules_session *old);
/* Its rules go, soon, or as soon as its interface's name comes again. */
void net_table_leave(struct keeper *keeper, struct net_line *line);

/* net_tell.c. Its grant is in force, or another one: the worker will know. */
void net_tell_grant(struct keeper *keeper, struct net_line *line);
/* The line goes. */
void net_tell_no_more(struct keeper *keeper, struct net_line *line);

#endif
