/* See show_ipsec.h. */
#include "worker/show_ipsec.h"

#include <stdlib.h>
#include <string.h>

#include "worker/answer.h"
#include "worker/app.h"
#include "worker/document.h"

#define SHARERS_MAX 32 /* names in shares_nat_with */

void
sa_counts_add(struct sa_counts *counts, const struct wall_sa_count *count)
{
	if (counts->count < SA_COUNTS_MAX)
		counts->list[counts->count++] = *count;
}

/* ── who shares a NAT ───────────────────────────────────────────────────────────────────── */

static int
by_peer(const void *a, const void *b)
{
	const struct port *const *x = a, *const *y = b;

	return memcmp((*x)->path.peer.ip, (*y)->path.peer.ip, sizeof((*x)->path.peer.ip));
}

void
neighbours_init(struct neighbours *all, const struct app *app)
{
	all->count = 0;
	all->list = calloc(app->ports.count + 1, sizeof(*all->list));
	if (!all->list)
		return;
	for (const struct port *port = app->ports.first; port; port = port->next_all) {
		if (port_listed(port))
			all->list[all->count++] = port;
	}
	qsort(all->list, all->count, sizeof(*all->list), by_peer);
}

bool
show_nat(const struct app *app, const struct lns_path *path)
{
	const struct wall_sa *sa = sa_find(&app->sas, path->mark);

	return sa && sa->nat_port;
}

/* One mark is one client. Two of one address share a NAT when the IKE daemon found one before both,
 * and, where nothing is known, may. */
static bool
share_nat(const struct app *app, const struct lns_path *a, const struct lns_path *b)
{
	if (!a->mark && !b->mark)
		return true;
	return a->mark != b->mark && show_nat(app, a) && show_nat(app, b);
}

/* Where the ports of an address begin. */
static size_t
first_of(const struct neighbours *all, const struct lns_path *path)
{
	size_t low = 0, high = all->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(all->list[middle]->path.peer.ip, path->peer.ip, sizeof(path->peer.ip)) <
		    0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Users of other tunnels from the same address: several sessions of one LAC are no NAT. */
static json_t *
sharer_list(const struct app *app, const struct lns_path *path, uint16_t tid,
	    const struct neighbours *all)
{
	json_t *names = json_array();

	for (size_t i = first_of(all, path); i < all->count; i++) {
		const struct port *other = all->list[i];

		if (memcmp(other->path.peer.ip, path->peer.ip, sizeof(path->peer.ip)) != 0 ||
		    json_array_size(names) == SHARERS_MAX)
			break;
		if (other->ref.tid != tid && share_nat(app, path, &other->path))
			json_array_append_new(names, answer_text(other->user));
	}
	return names;
}

/* ── the SAs ────────────────────────────────────────────────────────────────────────────── */

static json_t *
sa_list(const struct sa_counts *counts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < counts->count; i++) {
		const struct wall_sa_count *sa = &counts->list[i];
		json_t *row = json_object();

		put_text(row, "direction", sa->in ? "in" : "out");
		put_hex(row, "spi", sa->spi);
		put(row, "current", json_boolean(sa->current));
		put_int(row, "age_s", sa->age_s);
		put_int(row, "bytes", sa->bytes);
		put_int(row, "packets", sa->packets);
		json_array_append_new(list, row);
	}
	return list;
}

static void
put_sa(json_t *ipsec, const struct wall_sa *sa)
{
	put_text(ipsec, "cipher", sa->cipher);
	put_hex(ipsec, "spi_in", sa->spi_in);
	put_hex(ipsec, "spi_out", sa->spi_out);
	put_int(ipsec, "reqid", sa->reqid);
	put_hex(ipsec, "mark", sa->mark);
	put_int(ipsec, "rekeys", sa->rekeys);
}

static void
put_no_sa(json_t *ipsec)
{
	static const char *const keys[] = {"cipher", "spi_in", "spi_out",
					   "reqid",  "mark",   "rekeys"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		put(ipsec, keys[i], NULL);
}

json_t *
show_ipsec(const struct app *app, const struct lns_path *path, uint16_t tid,
	   const struct neighbours *all, const struct sa_counts *counts)
{
	const struct wall_sa *sa = sa_find(&app->sas, path->mark);
	json_t *ipsec = json_object();

	put(ipsec, "protected", json_boolean(sa != NULL));
	if (sa)
		put_sa(ipsec, sa);
	else
		put_no_sa(ipsec);
	put(ipsec, "shares_nat_with", sharer_list(app, path, tid, all));
	if (counts)
		put(ipsec, "sas", sa_list(counts));
	return ipsec;
}
