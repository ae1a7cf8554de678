/* Prefixes, and keys that have them: peer.address, network.routes, network.pool6. */
#include "conf/prefix.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "conf/value.h"

#define ITEM_MAX PREFIX_TEXT_MAX

void
prefix_write(const struct lns_prefix *prefix, char out[PREFIX_TEXT_MAX])
{
	char address[INET6_ADDRSTRLEN] = "";

	inet_ntop(prefix->family == 4 ? AF_INET : AF_INET6, prefix->ip, address, sizeof(address));
	if (prefix->bits == (prefix->family == 4 ? 32 : 128))
		snprintf(out, PREFIX_TEXT_MAX, "%s", address);
	else
		snprintf(out, PREFIX_TEXT_MAX, "%s/%u", address, prefix->bits);
}

/* The bits of byte i that belong to a prefix. */
static uint8_t
mask_of(const struct lns_prefix *prefix, unsigned i)
{
	unsigned kept = prefix->bits > 8 * i ? prefix->bits - 8 * i : 0;

	return (uint8_t)(kept >= 8 ? 0xff : 0xff00 >> kept);
}

/* Takes away what stands behind the prefix; true when that was something. */
static bool
trim(struct lns_prefix *prefix)
{
	bool trimmed = false;

	for (unsigned i = 0; i < sizeof(prefix->ip); i++) {
		uint8_t mask = mask_of(prefix, i);

		trimmed = trimmed || (prefix->ip[i] & ~mask);
		prefix->ip[i] = (uint8_t)(prefix->ip[i] & mask);
	}
	return trimmed;
}

/* An address alone is a prefix of its own length. */
static bool
read_bits(const char *slash, struct lns_prefix *prefix)
{
	int64_t bits, most = prefix->family == 4 ? 32 : 128;
	const char *p = slash + 1;

	prefix->bits = (uint16_t)most;
	if (!slash[0])
		return true;
	if (!value_digits(&p, &bits) || *p != '\0' || bits > most)
		return false;
	prefix->bits = (uint16_t)bits;
	return true;
}

enum prefix_fault
prefix_read(const char *text, struct lns_prefix *prefix)
{
	const char *slash = text + strcspn(text, "/");
	char address[PREFIX_TEXT_MAX];

	memset(prefix, 0, sizeof(*prefix));
	snprintf(address, sizeof(address), "%.*s", (int)(slash - text), text);
	if (inet_pton(AF_INET, address, prefix->ip) == 1)
		prefix->family = 4;
	else if (inet_pton(AF_INET6, address, prefix->ip) == 1)
		prefix->family = 6;
	if (!prefix->family || !read_bits(slash, prefix))
		return PREFIX_NONE;
	return trim(prefix) ? PREFIX_BITS : PREFIX_FINE;
}

bool
prefix_covers(const struct lns_prefix *outer, const struct lns_prefix *inner)
{
	if (outer->family != inner->family || outer->bits > inner->bits)
		return false;
	for (unsigned i = 0; i < sizeof(outer->ip); i++) {
		if ((outer->ip[i] ^ inner->ip[i]) & mask_of(outer, i))
			return false;
	}
	return true;
}

int
prefix_compare(const struct lns_prefix *a, const struct lns_prefix *b)
{
	int order = memcmp(a->ip, b->ip, sizeof(a->ip));

	if (a->family != b->family)
		return a->family - b->family;
	return order ? order : a->bits - b->bits;
}

struct lns_prefix
prefix_of_ip4(uint32_t ip)
{
	return (struct lns_prefix){
		.ip = {(uint8_t)(ip >> 24), (uint8_t)(ip >> 16), (uint8_t)(ip >> 8), (uint8_t)ip},
		.family = 4,
		.bits = 32};
}

/* For an option, whose text is no secret. */
static bool
read_prefix(const char *item, struct lns_prefix *prefix, char why[WHY_MAX])
{
	enum prefix_fault fault = prefix_read(item, prefix);
	char meant[PREFIX_TEXT_MAX];

	if (fault == PREFIX_NONE) {
		snprintf(why, WHY_MAX, "'%.60s' is not an IPv4 or IPv6 address or prefix", item);
	} else if (fault == PREFIX_BITS) {
		prefix_write(prefix, meant);
		snprintf(why, WHY_MAX, "%.50s has bits behind the prefix (did you mean '%.50s'?)",
			 item, meant);
	}
	return fault == PREFIX_FINE;
}

static bool
parse_prefixes(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	struct lns_prefix *list = (void *)((char *)record + option->offset);
	size_t *total = (size_t *)(void *)((char *)record + option->count_offset);
	size_t count = 0, most = option->size / sizeof(*list);
	char item[ITEM_MAX];

	while (text) {
		if (!value_next_item(&text, item, sizeof(item))) {
			snprintf(why, WHY_MAX, "the list has an empty or overlong item");
			return false;
		}
		if (count == most) {
			snprintf(why, WHY_MAX, "'%s' takes %zu items at most", option->key, most);
			return false;
		}
		if (!read_prefix(item, &list[count], why))
			return false;
		count++;
	}
	memset(&list[count], 0, (most - count) * sizeof(*list));
	*total = count;
	return true;
}

static void
format_prefixes(const struct option *option, const void *record, char out[VALUE_TEXT_MAX])
{
	const struct lns_prefix *list = (const void *)((const char *)record + option->offset);
	const size_t *count = (const void *)((const char *)record + option->count_offset);
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < *count; i++) {
		char text[ITEM_MAX];

		prefix_write(&list[i], text);
		len += (size_t)snprintf(out + len, VALUE_TEXT_MAX - len, "%s%s", len ? ", " : "",
					text);
	}
}

const struct value_type type_prefixes = {parse_prefixes, format_prefixes};

/* network.pool6: what can be routed to clients, global or unique local (RFC 4291 §2.4, RFC 4193) */
static bool
parse_prefix6(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	struct lns_prefix *prefix = (void *)((char *)record + option->offset);
	unsigned first;

	if (!read_prefix(text, prefix, why))
		return false;
	first = prefix->ip[0];
	if (prefix->family != 6 || prefix->bits < option->least || prefix->bits > option->most) {
		snprintf(why, WHY_MAX, "'%.50s' is not an IPv6 prefix of %d to %d bits", text,
			 (int)option->least, (int)option->most);
		return false;
	}
	if (first >> 5 != 1 && first >> 1 != 0xfc >> 1) {
		snprintf(why, WHY_MAX, "%.50s is neither in 2000::/3 nor in fc00::/7", text);
		return false;
	}
	return true;
}

static void
format_prefix6(const struct option *option, const void *record, char out[VALUE_TEXT_MAX])
{
	const struct lns_prefix *prefix = (const void *)((const char *)record + option->offset);

	out[0] = '\0';
	if (prefix->family)
		prefix_write(prefix, out);
}

const struct value_type type_prefix6 = {parse_prefix6, format_prefix6};
