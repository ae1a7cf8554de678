/* See sa.h. */
#include "worker/sa.h"

#include <stdlib.h>
#include <string.h>

#define OWN_MARKS 0x10000

void
sa_init(struct sa_table *table)
{
	memset(table, 0, sizeof(*table));
	TAILQ_INIT(&table->resting);
}

void
sa_fini(struct sa_table *table)
{
	for (size_t i = 0; i < SA_CHAINS; i++) {
		while (table->chain[i]) {
			struct sa *sa = table->chain[i];

			table->chain[i] = sa->next;
			free(sa);
		}
	}
	sa_init(table);
}

/* ── the table ──────────────────────────────────────────────────────────────────────────── */

/* Where the entry of a mark hangs, or where a new one would. The keeper gives the marks, so no peer
 * chooses a chain. */
static struct sa **
link_of(struct sa_table *table, uint32_t mark)
{
	struct sa **at = &table->chain[mark % SA_CHAINS];

	while (*at && (*at)->told.mark != mark)
		at = &(*at)->next;
	return at;
}

static struct sa *
entry_of(const struct sa_table *table, uint32_t mark)
{
	struct sa *sa = table->chain[mark % SA_CHAINS];

	while (sa && sa->told.mark != mark)
		sa = sa->next;
	return sa;
}

static void
stop_resting(struct sa_table *table, struct sa *sa)
{
	if (sa->look)
		TAILQ_REMOVE(&table->resting, sa, resting);
	sa->look = 0;
}

enum sa_change
sa_put(struct sa_table *table, const struct wall_sa *told)
{
	struct sa **at = link_of(table, told->mark);
	struct sa *sa = *at;
	bool renewed = !sa || sa->told.renewed != told->renewed;

	if (!sa) {
		if (told->mark && table->count < SA_MAX)
			sa = calloc(1, sizeof(*sa));
		if (!sa)
			return SA_NO_ROOM;
		*at = sa;
		table->count++;
	}
	/* another SA than when its last tunnel ended: the client comes back, and this one is for a
	 * tunnel that is still to come */
	if (told->spi_in && told->spi_in != sa->told.spi_in)
		stop_resting(table, sa);
	sa->told = *told;
	table->changes += renewed;
	return renewed ? SA_RENEWED : SA_SAME;
}

void
sa_remove(struct sa_table *table, uint32_t mark)
{
	struct sa **at = link_of(table, mark);
	struct sa *sa = *at;

	if (!sa)
		return;
	stop_resting(table, sa);
	*at = sa->next;
	table->count--;
	table->gone++;
	free(sa);
}

const struct wall_sa *
sa_find(const struct sa_table *table, uint32_t mark)
{
	const struct sa *sa = entry_of(table, mark);

	return sa ? &sa->told : NULL;
}

/* ── who is let in ──────────────────────────────────────────────────────────────────────── */

struct sa_rules
sa_rules(const struct conf *conf)
{
	return (struct sa_rules){.require = conf->ipsec.require,
				 .own = conf->ipsec.marks == MARKS_OWN,
				 .mark_base = conf->ipsec.mark_base};
}

/* An SA has no interface: the scope of a link-local address is not its to say. */
static bool
same_ip(const struct lns_addr *a, const struct lns_addr *b)
{
	return a->family == b->family && memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

static bool
carries(const struct wall_sa *sa, const struct lns_path *path)
{
	return same_ip(&sa->local, &path->local) && same_ip(&sa->peer, &path->peer) &&
	       (sa->peer.port == 0 || sa->peer.port == path->peer.port);
}

const struct wall_sa *
sa_to(const struct sa_table *table, const struct lns_addr *peer)
{
	for (size_t i = 0; i < SA_CHAINS; i++) {
		for (const struct sa *sa = table->chain[i]; sa; sa = sa->next) {
			if (same_ip(&sa->told.peer, peer))
				return &sa->told;
		}
	}
	return NULL;
}

bool
sa_admit(const struct sa_table *table, const struct sa_rules *rules, struct lns_path *path)
{
	const struct wall_sa *sa = path->mark ? sa_find(table, path->mark) : NULL;

	if (sa)
		return carries(sa, path);
	if (rules->require)
		return false;
	/* ours, and of a client that the keeper has not told of yet, or no more */
	if (path->mark && rules->own && path->mark - rules->mark_base < OWN_MARKS)
		return false;
	path->mark = 0;
	return true;
}

/* ── what is needed no more ─────────────────────────────────────────────────────────────── */

static void
rest(struct sa_table *table, struct sa *sa, mstime_t now)
{
	stop_resting(table, sa);
	sa->look = now + SA_REST_MS;
	TAILQ_INSERT_TAIL(&table->resting, sa, resting); /* all rest as long: the queue is sorted */
}

void
sa_tunnel_ended(struct sa_table *table, uint32_t mark, mstime_t now)
{
	struct sa *sa = entry_of(table, mark);

	if (!sa)
		return;
	sa->ended = now;
	rest(table, sa, now);
}

mstime_t
sa_deadline(const struct sa_table *table)
{
	const struct sa *first = TAILQ_FIRST(&table->resting);

	return first ? first->look : MSTIME_NEVER;
}

const struct wall_sa *
sa_unused(struct sa_table *table, const struct lns *lns, mstime_t now)
{
	struct sa *sa;

	while ((sa = TAILQ_FIRST(&table->resting)) != NULL && sa->look <= now) {
		stop_resting(table, sa);
		if (!lns_uses(lns, sa->told.mark))
			return &sa->told;
		/* another tunnel, which says itself when it ends; or our StopCCN is on its way */
		if (now - sa->ended < SA_WATCH_MS)
			rest(table, sa, now);
	}
	return NULL;
}
