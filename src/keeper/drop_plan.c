#include "keeper/drop_plan.h"

#include <stdlib.h>

/* Two lines are about an IPsec SA, one after the other: what it is, and its SPIs. */
static bool
merge(struct drop_plan *plan, const struct pluto_sa *sa)
{
	struct pluto_sa *last = plan->count ? &plan->states[plan->count - 1] : NULL;

	if (!last || last->state != sa->state)
		return false;
	if (sa->has_spis) {
		last->has_spis = true;
		last->spi_in = sa->spi_in;
		last->spi_out = sa->spi_out;
	}
	return true;
}

bool
drop_plan_read(struct drop_plan *plan, const char *line)
{
	struct pluto_sa sa;

	if (!pluto_read_sa(&sa, line) || merge(plan, &sa))
		return true;
	if (plan->count == plan->cap) {
		size_t cap = plan->cap ? 2 * plan->cap : 256;
		struct pluto_sa *states = cap <= DROP_STATES_MAX
						  ? reallocarray(plan->states, cap, sizeof(*states))
						  : NULL;

		if (!states)
			return false;
		plan->states = states;
		plan->cap = cap;
	}
	plan->states[plan->count++] = sa;
	return true;
}

void
drop_plan_fini(struct drop_plan *plan)
{
	free(plan->states);
	*plan = (struct drop_plan){.count = 0};
}

static bool
is_dropped(const struct pluto_sa *sa, const struct spi_pair *pairs, size_t count)
{
	for (size_t i = 0; sa->has_spis && i < count; i++)
		if ((pairs[i].in && pairs[i].in == sa->spi_in) ||
		    (pairs[i].out && pairs[i].out == sa->spi_out))
			return true;
	return false;
}

static bool
same_instance(const struct pluto_sa *a, const struct pluto_sa *b)
{
	return a->conn == b->conn && a->instance == b->instance;
}

/* Nobody needs the IKE SA any more: it is the parent of a dropped SA, or, when that was negotiated
 * by an older one, of the same instance, and no other SA is. */
static bool
is_orphaned(const struct drop_plan *plan, const struct pluto_sa *ike, const struct spi_pair *pairs,
	    size_t count)
{
	bool orphaned = false;

	for (size_t i = 0; i < plan->count; i++) {
		const struct pluto_sa *sa = &plan->states[i];

		if (!sa->parent || (sa->parent != ike->state && !same_instance(sa, ike)))
			continue;
		if (!is_dropped(sa, pairs, count))
			return false;
		orphaned = true;
	}
	return orphaned;
}

size_t
drop_plan_pick(const struct drop_plan *plan, const struct spi_pair *pairs, size_t count,
	       unsigned *numbers, size_t max)
{
	size_t n = 0;

	/* phase 2 first: the peer could not read of it any more */
	for (size_t i = 0; i < plan->count && n < max; i++)
		if (plan->states[i].parent && is_dropped(&plan->states[i], pairs, count))
			numbers[n++] = plan->states[i].state;
	for (size_t i = 0; n && i < plan->count && n < max; i++)
		if (!plan->states[i].parent && is_orphaned(plan, &plan->states[i], pairs, count))
			numbers[n++] = plan->states[i].state;
	return n;
}
