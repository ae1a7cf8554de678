/*
 * The text of our table `inet lnsd`, made of typed values alone: pure but for the stream that it is
 * written to. Sets and maps are keyed by the interface, so that a packet meets as many rules with
 * a thousand sessions as with one, and a session is a batch of elements; only one that has networks
 * behind it or a list of destinations has chains of its own.
 */
#ifndef KEEPER_NET_RULES_H
#define KEEPER_NET_RULES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "grant.h"

struct rules_conf {
	bool nat, client_to_client;
	uint16_t mtu;  /* MSS is clamped to it */
	uint16_t port; /* of L2TP */
};

/* A session as the table knows it. */
struct rules_session {
	const char *ifname; /* rules_ifname() */
	uint32_t serial;    /* of its chains */
	/* where its packets may come from: its addresses, the networks behind it */
	const struct lns_prefix *sources;
	size_t source_count;
	const struct grant_allow *allow; /* where they may go; none: anywhere */
	size_t allow_count;
};

/* A name that can stand in a rule: letters, digits, '.', '_' and '-', at most 15. */
bool rules_ifname(const char *name);

/* Each writes commands for one transaction, or for a part of it. The table, in place of one that
 * is there, with no session in it yet; */
void rules_table(FILE *out, const struct rules_conf *conf);
/* what the configuration decides, anew; */
void rules_conf(FILE *out, const struct rules_conf *conf);
/* a session that comes, and one that goes: the same values again. */
void rules_up(FILE *out, const struct rules_session *session);
void rules_down(FILE *out, const struct rules_session *session);
/* No table any more; it must be there. */
void rules_end(FILE *out);

#endif
