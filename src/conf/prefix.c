/* Lists of IPv4 and IPv6 prefixes: peer.address. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "conf/value.h"

#define ITEM_MAX 64

static void
prefix_text(const struct lns_prefix *prefix, char out[ITEM_MAX])
{
	char address[INET6_ADDRSTRLEN] = "";

	inet_ntop(prefix->family == 4 ? AF_INET : AF_INET6, prefix->ip, address, sizeof(address));
	if (prefix->bits == (prefix->family == 4 ? 32 : 128))
		snprintf(out, ITEM_MAX, "%s", address);
	else
		snprintf(out, ITEM_MAX, "%s/%u", address, prefix->bits);
}

/* Takes away what stands behind the prefix; true when that was something. */
static bool
trim(struct lns_prefix *prefix)
{
	bool trimmed = false;

	for (unsigned i = 0; i < sizeof(prefix->ip); i++) {
		unsigned kept = prefix->bits > 8 * i ? prefix->bits - 8 * i : 0;
		uint8_t mask = (uint8_t)(kept >= 8 ? 0xff : 0xff00 >> kept);

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

static bool
read_prefix(const char *item, struct lns_prefix *prefix, char why[WHY_MAX])
{
	const char *slash = item + strcspn(item, "/");
	char address[ITEM_MAX], meant[ITEM_MAX];

	memset(prefix, 0, sizeof(*prefix));
	snprintf(address, sizeof(address), "%.*s", (int)(slash - item), item);
	if (inet_pton(AF_INET, address, prefix->ip) == 1)
		prefix->family = 4;
	else if (inet_pton(AF_INET6, address, prefix->ip) == 1)
		prefix->family = 6;
	if (!prefix->family || !read_bits(slash, prefix)) {
		snprintf(why, WHY_MAX, "'%.60s' is not an IPv4 or IPv6 address or prefix", item);
		return false;
	}
	if (!trim(prefix))
		return true;
	prefix_text(prefix, meant);
	snprintf(why, WHY_MAX, "%.50s has bits behind the prefix (did you mean '%.50s'?)", item,
		 meant);
	return false;
}

static bool
parse_prefixes(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	struct conf_peer *peer = record;
	struct lns_prefix list[LNS_PEER_PREFIXES];
	size_t count = 0;
	char item[ITEM_MAX];

	while (text) {
		if (!value_next_item(&text, item, sizeof(item))) {
			snprintf(why, WHY_MAX, "the list has an empty or overlong item");
			return false;
		}
		if (count == LNS_PEER_PREFIXES) {
			snprintf(why, WHY_MAX, "'%s' takes %d items at most", option->key,
				 LNS_PEER_PREFIXES);
			return false;
		}
		if (!read_prefix(item, &list[count], why))
			return false;
		count++;
	}
	memset(peer->address, 0, sizeof(peer->address));
	memcpy(peer->address, list, count * sizeof(list[0]));
	peer->address_count = count;
	return true;
}

static void
format_prefixes(const struct option *option, const void *record, char out[VALUE_TEXT_MAX])
{
	const struct conf_peer *peer = record;
	size_t len = 0;

	(void)option;
	out[0] = '\0';
	for (size_t i = 0; i < peer->address_count; i++) {
		char text[ITEM_MAX];

		prefix_text(&peer->address[i], text);
		len += (size_t)snprintf(out + len, VALUE_TEXT_MAX - len, "%s%s", len ? ", " : "",
					text);
	}
}

const struct value_type type_prefixes = {parse_prefixes, format_prefixes};
