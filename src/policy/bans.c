/* See bans.h. Two arrays in order of source, so that looking up is a bisection: a flood from many
 * addresses asks for each datagram. */
#include "bans.h"

#include <stdlib.h>
#include <string.h>

/* One that has failed. */
struct source {
	struct lns_addr addr;
	uint32_t count;
	int64_t at[BANS_AFTER_MAX]; /* when; oldest first */
};

struct bans {
	struct ban list[BANS_MAX];
	size_t count;
	struct source *sources[BANS_SOURCES_MAX];
	size_t source_count;
};

static const char *const reasons[BAN_REASONS] = {
	[BAN_PASSWORD] = "wrong-password",
	[BAN_PSK] = "wrong-psk",
	[BAN_MALFORMED] = "malformed-l2tp",
	[BAN_ADMIN] = "admin",
};

const char *
ban_reason_name(unsigned reason)
{
	return reason < BAN_REASONS ? reasons[reason] : "unknown";
}

enum ban_reason
ban_reason_find(const char *name)
{
	for (unsigned i = 0; i < BAN_REASONS; i++) {
		if (strcmp(reasons[i], name) == 0)
			return (enum ban_reason)i;
	}
	return BAN_REASONS;
}

struct bans *
bans_new(void)
{
	return calloc(1, sizeof(struct bans));
}

void
bans_free(struct bans *bans)
{
	for (size_t i = 0; bans && i < bans->source_count; i++)
		free(bans->sources[i]);
	free(bans);
}

/* ── addresses ──────────────────────────────────────────────────────────────────────────── */

struct lns_addr
ban_source(const struct lns_addr *addr)
{
	struct lns_addr source = {.family = addr->family};

	memcpy(source.ip, addr->ip, addr->family == 6 ? 8 : 4);
	return source;
}

static bool
covers(const struct lns_prefix *prefix, const struct lns_addr *addr)
{
	size_t bytes = prefix->bits / 8;
	unsigned rest = prefix->bits % 8;

	if (prefix->family != addr->family || bytes > sizeof(addr->ip) ||
	    memcmp(prefix->ip, addr->ip, bytes) != 0)
		return false;
	return rest == 0 || ((prefix->ip[bytes] ^ addr->ip[bytes]) >> (8 - rest)) == 0;
}

bool
ban_exempt(const struct lns_addr *addr, const struct lns_prefix *prefixes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (covers(&prefixes[i], addr))
			return true;
	}
	return false;
}

static int
compare(const struct lns_addr *a, const struct lns_addr *b)
{
	int order = memcmp(a->ip, b->ip, sizeof(a->ip));

	return order ? order : (int)a->family - (int)b->family;
}

/* ── who has failed ─────────────────────────────────────────────────────────────────────── */

/* Where it is, or belongs. */
static size_t
source_place(const struct bans *bans, const struct lns_addr *addr)
{
	size_t low = 0, high = bans->source_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&bans->sources[middle]->addr, addr) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
forget_source(struct bans *bans, size_t i)
{
	free(bans->sources[i]);
	bans->source_count--;
	memmove(&bans->sources[i], &bans->sources[i + 1],
		(bans->source_count - i) * sizeof(bans->sources[0]));
}

/* The one whose last failure is the oldest. */
static void
forget_oldest(struct bans *bans)
{
	size_t oldest = 0;

	for (size_t i = 1; i < bans->source_count; i++) {
		const struct source *a = bans->sources[i], *b = bans->sources[oldest];

		if (a->at[a->count - 1] < b->at[b->count - 1])
			oldest = i;
	}
	forget_source(bans, oldest);
}

/* NULL when memory is short. */
static struct source *
watch(struct bans *bans, const struct lns_addr *addr)
{
	size_t i = source_place(bans, addr);
	struct source *source;

	if (i < bans->source_count && compare(&bans->sources[i]->addr, addr) == 0)
		return bans->sources[i];
	source = calloc(1, sizeof(*source));
	if (!source)
		return NULL;
	source->addr = *addr;
	if (bans->source_count == BANS_SOURCES_MAX) {
		forget_oldest(bans);
		i = source_place(bans, addr);
	}
	memmove(&bans->sources[i + 1], &bans->sources[i],
		(bans->source_count - i) * sizeof(bans->sources[0]));
	bans->sources[i] = source;
	bans->source_count++;
	return source;
}

static void
drop_first(struct source *source, uint32_t n)
{
	source->count -= n;
	memmove(source->at, source->at + n, source->count * sizeof(source->at[0]));
}

bool
bans_failure(struct bans *bans, const struct lns_addr *addr, uint32_t after, int64_t now)
{
	struct lns_addr key = ban_source(addr);
	struct source *source = after ? watch(bans, &key) : NULL;
	uint32_t old = 0;

	if (!source)
		return false;
	/* a clock that was set back has made the future of them */
	while (old < source->count &&
	       (source->at[old] <= now - BANS_WINDOW_S || source->at[old] > now))
		old++;
	drop_first(source, old);
	if (source->count == BANS_AFTER_MAX)
		drop_first(source, 1);
	source->at[source->count++] = now;
	if (source->count < (after < BANS_AFTER_MAX ? after : BANS_AFTER_MAX))
		return false;
	forget_source(bans, source_place(bans, &key));
	return true;
}

/* ── who is shut out ────────────────────────────────────────────────────────────────────── */

static size_t
ban_place(const struct bans *bans, const struct lns_addr *source)
{
	size_t low = 0, high = bans->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&bans->list[middle].source, source) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
is_at(const struct bans *bans, size_t i, const struct lns_addr *source)
{
	return i < bans->count && compare(&bans->list[i].source, source) == 0;
}

static void
take_out(struct bans *bans, size_t i)
{
	bans->count--;
	memmove(&bans->list[i], &bans->list[i + 1], (bans->count - i) * sizeof(bans->list[0]));
}

/* count > 0 */
static size_t
first_to_end(const struct bans *bans)
{
	size_t first = 0;

	for (size_t i = 1; i < bans->count; i++) {
		if (bans->list[i].until < bans->list[first].until)
			first = i;
	}
	return first;
}

bool
bans_put(struct bans *bans, const struct ban *ban, struct ban *evicted)
{
	size_t i = ban_place(bans, &ban->source);
	bool full = bans->count == BANS_MAX;

	if (is_at(bans, i, &ban->source)) {
		bans->list[i] = *ban;
		return false;
	}
	if (full) {
		size_t first = first_to_end(bans);

		*evicted = bans->list[first];
		take_out(bans, first);
		i = ban_place(bans, &ban->source);
	}
	memmove(&bans->list[i + 1], &bans->list[i], (bans->count - i) * sizeof(bans->list[0]));
	bans->list[i] = *ban;
	bans->count++;
	return full;
}

struct ban *
bans_find(const struct bans *bans, const struct lns_addr *addr)
{
	struct lns_addr source;
	size_t i;

	if (!bans->count)
		return NULL;
	source = ban_source(addr);
	i = ban_place(bans, &source);
	return is_at(bans, i, &source) ? (struct ban *)&bans->list[i] : NULL;
}

bool
bans_remove(struct bans *bans, const struct lns_addr *addr)
{
	struct lns_addr source = ban_source(addr);
	size_t i = ban_place(bans, &source);

	if (!is_at(bans, i, &source))
		return false;
	take_out(bans, i);
	return true;
}

bool
bans_expire(struct bans *bans, int64_t now, struct ban *ended)
{
	size_t i = bans->count ? first_to_end(bans) : 0;

	if (!bans->count || bans->list[i].until > now)
		return false;
	*ended = bans->list[i];
	take_out(bans, i);
	return true;
}

int64_t
bans_next(const struct bans *bans)
{
	return bans->count ? bans->list[first_to_end(bans)].until : INT64_MAX;
}

size_t
bans_count(const struct bans *bans)
{
	return bans->count;
}

struct ban *
bans_at(const struct bans *bans, size_t i)
{
	return i < bans->count ? (struct ban *)&bans->list[i] : NULL;
}
