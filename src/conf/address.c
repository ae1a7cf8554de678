#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "conf/value.h"

bool
address_ip4(const char *text, uint32_t *ip)
{
	struct in_addr in;

	if (inet_pton(AF_INET, text, &in) != 1)
		return false;
	*ip = ntohl(in.s_addr);
	return true;
}

void
address_ip4_text(uint32_t ip, char out[16])
{
	snprintf(out, 16, "%u.%u.%u.%u", ip >> 24 & 255, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
}

bool
address_usable(uint32_t ip)
{
	uint32_t top = ip >> 24;

	return top != 0 && top != 127 && top < 224;
}

static bool
next_item(const char **list, char *item, size_t cap, char why[WHY_MAX])
{
	if (value_next_item(list, item, cap))
		return true;
	snprintf(why, WHY_MAX, "the list has an empty or overlong item");
	return false;
}

static bool
too_many(const struct option *option, size_t count, size_t most, char why[WHY_MAX])
{
	if (count < most)
		return false;
	snprintf(why, WHY_MAX, "'%s' takes %zu items at most", option->key, most);
	return true;
}

/* server.listen */

static bool
read_addr(const char *text, struct conf_addr *addr, char why[WHY_MAX])
{
	bool multicast;

	memset(addr, 0, sizeof(*addr));
	if (inet_pton(AF_INET, text, addr->ip) == 1) {
		addr->family = 4;
		multicast = addr->ip[0] >= 224;
	} else if (inet_pton(AF_INET6, text, addr->ip) == 1) {
		addr->family = 6;
		multicast = addr->ip[0] == 0xff;
	} else {
		snprintf(why, WHY_MAX, "'%.60s' is not an IPv4 or IPv6 address", text);
		return false;
	}
	if (multicast)
		snprintf(why, WHY_MAX, "%.60s is no address of a host", text);
	return !multicast;
}

static bool
parse_listen(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	struct conf *conf = record;
	struct conf_addr list[CONF_LISTEN_MAX];
	size_t count = 0;
	char item[64];

	while (text) {
		if (!next_item(&text, item, sizeof(item), why) ||
		    too_many(option, count, CONF_LISTEN_MAX, why) ||
		    !read_addr(item, &list[count], why))
			return false;
		for (size_t i = 0; i < count; i++) {
			if (memcmp(&list[i], &list[count], sizeof(list[i])) == 0) {
				snprintf(why, WHY_MAX, "%s stands twice in the list", item);
				return false;
			}
		}
		count++;
	}
	memset(conf->server.listen, 0, sizeof(conf->server.listen));
	memcpy(conf->server.listen, list, count * sizeof(list[0]));
	conf->server.listen_count = count;
	return true;
}

static void
format_listen(const struct option *option, const void *record, char out[VALUE_TEXT_MAX])
{
	const struct conf *conf = record;
	size_t len = 0;

	(void)option;
	out[0] = '\0';
	for (size_t i = 0; i < conf->server.listen_count; i++) {
		const struct conf_addr *addr = &conf->server.listen[i];
		char text[INET6_ADDRSTRLEN] = "";

		inet_ntop(addr->family == 4 ? AF_INET : AF_INET6, addr->ip, text, sizeof(text));
		len += (size_t)snprintf(out + len, VALUE_TEXT_MAX - len, "%s%s", len ? ", " : "",
					text);
	}
}

const struct value_type type_listen = {parse_listen, format_listen};

/* network.pool */

/* Takes the network's own address and the broadcast address off, where there are such. */
static bool
read_prefix(const char *text, char *slash, struct conf_range *range, char why[WHY_MAX])
{
	const char *p = slash + 1;
	int64_t bits;
	uint32_t ip, hosts;
	char network[16];

	*slash = '\0';
	if (!address_ip4(text, &ip) || !value_digits(&p, &bits) || *p != '\0' || bits < 8 ||
	    bits > 32) {
		snprintf(why, WHY_MAX, "'%.40s/%.10s' is not an IPv4 prefix of 8 to 32 bits", text,
			 slash + 1);
		return false;
	}
	hosts = bits == 32 ? 0 : UINT32_MAX >> bits;
	if (ip & hosts) {
		address_ip4_text(ip & ~hosts, network);
		snprintf(why, WHY_MAX, "%s/%u has bits behind the prefix (did you mean '%s/%u'?)",
			 text, (unsigned)bits, network, (unsigned)bits);
		return false;
	}
	range->first = ip;
	range->last = ip | hosts;
	if (hosts > 1) {
		range->first++;
		range->last--;
	}
	return true;
}

/* *gateway: the first host address of the prefix, or of the /24 that holds a range's begin. */
static bool
read_range(char *text, struct conf_range *range, uint32_t *gateway, char why[WHY_MAX])
{
	char *slash = strchr(text, '/'), *dash = strchr(text, '-');

	if (slash) {
		if (!read_prefix(text, slash, range, why))
			return false;
		*gateway = range->last > range->first ? range->first : (range->first & ~0xffu) + 1;
		return true;
	}
	if (dash) {
		size_t len = (size_t)(dash - text);

		while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
			len--;
		text[len] = '\0';
		dash++;
		dash += strspn(dash, " \t");
	}
	if (!address_ip4(text, &range->first) || !address_ip4(dash ? dash : text, &range->last)) {
		snprintf(why, WHY_MAX,
			 "'%.60s' is not an IPv4 address, range (FIRST-LAST) or prefix",
			 dash && address_ip4(text, &range->first) ? dash : text);
		return false;
	}
	if (range->first > range->last) {
		snprintf(why, WHY_MAX, "the range %s-%s runs backwards", text, dash);
		return false;
	}
	*gateway = (range->first & ~0xffu) + 1;
	return true;
}

static bool
parse_pool(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	struct conf *conf = record;
	struct conf_range list[CONF_POOL_MAX];
	uint32_t gateway, first_gateway = 0;
	size_t count = 0;
	char item[64];

	while (text) {
		if (!next_item(&text, item, sizeof(item), why) ||
		    too_many(option, count, CONF_POOL_MAX, why) ||
		    !read_range(item, &list[count], &gateway, why))
			return false;
		if (count++ == 0)
			first_gateway = gateway;
	}
	memset(conf->network.pool, 0, sizeof(conf->network.pool));
	memcpy(conf->network.pool, list, count * sizeof(list[0]));
	conf->network.pool_count = count;
	conf->network.pool_gateway = first_gateway;
	return true;
}

static void
format_pool(const struct option *option, const void *record, char out[VALUE_TEXT_MAX])
{
	const struct conf *conf = record;
	size_t len = 0;

	(void)option;
	out[0] = '\0';
	for (size_t i = 0; i < conf->network.pool_count; i++) {
		const struct conf_range *range = &conf->network.pool[i];
		char first[16], last[16];

		address_ip4_text(range->first, first);
		address_ip4_text(range->last, last);
		len += (size_t)snprintf(out + len, VALUE_TEXT_MAX - len, "%s%s-%s", len ? ", " : "",
					first, last);
	}
}

const struct value_type type_pool = {parse_pool, format_pool};

/* Single IPv4 addresses and short lists of them */

static bool
read_ip4(const char *text, uint32_t *ip, char why[WHY_MAX])
{
	if (!address_ip4(text, ip)) {
		snprintf(why, WHY_MAX, "'%.60s' is not an IPv4 address", text);
		return false;
	}
	if (!address_usable(*ip)) {
		snprintf(why, WHY_MAX, "%.60s is no address of a host", text);
		return false;
	}
	return true;
}

static uint32_t *
ip4_member(const struct option *option, void *record)
{
	return (uint32_t *)((char *)record + option->offset);
}

static const uint32_t *
ip4_const_member(const struct option *option, const void *record)
{
	return (const uint32_t *)((const char *)record + option->offset);
}

static bool
parse_ip4(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	return read_ip4(text, ip4_member(option, record), why);
}

static void
format_ip4(const struct option *option, const void *record, char out[VALUE_TEXT_MAX])
{
	uint32_t ip = *ip4_const_member(option, record);

	out[0] = '\0';
	if (ip)
		address_ip4_text(ip, out);
}

const struct value_type type_ip4 = {parse_ip4, format_ip4};

static bool
parse_ip4_list(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	uint32_t *list = ip4_member(option, record);
	size_t *total = (size_t *)((char *)record + option->count_offset);
	size_t count = 0, most = option->size / sizeof(*list);
	char item[64];

	while (text) {
		if (!next_item(&text, item, sizeof(item), why) ||
		    too_many(option, count, most, why) || !read_ip4(item, &list[count], why))
			return false;
		count++;
	}
	*total = count;
	return true;
}

static void
format_ip4_list(const struct option *option, const void *record, char out[VALUE_TEXT_MAX])
{
	const uint32_t *list = ip4_const_member(option, record);
	const size_t *count = (const size_t *)((const char *)record + option->count_offset);
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < *count; i++) {
		char text[16];

		address_ip4_text(list[i], text);
		len += (size_t)snprintf(out + len, VALUE_TEXT_MAX - len, "%s%s", len ? ", " : "",
					text);
	}
}

const struct value_type type_ip4_list = {parse_ip4_list, format_ip4_list};

/* network.dns: each family has its own list; "none" empties both */

static bool
parse_dns(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	struct conf *conf = record;
	size_t most = sizeof(conf->network.dns) / sizeof(conf->network.dns[0]);
	size_t count4 = 0, count6 = 0;
	struct conf_addr addr;
	char item[64];

	if (strcmp(text, "none") == 0)
		text = NULL;
	while (text) {
		if (!next_item(&text, item, sizeof(item), why) || !read_addr(item, &addr, why))
			return false;
		if ((addr.family == 4 ? count4 : count6) == most) {
			snprintf(why, WHY_MAX, "'%s' takes %zu IPv%u addresses at most",
				 option->key, most, addr.family);
			return false;
		}
		if (addr.family == 6)
			memcpy(conf->network.dns6[count6++], addr.ip, 16);
		else if (!read_ip4(item, &conf->network.dns[count4++], why))
			return false;
	}
	conf->network.dns_count = count4;
	conf->network.dns6_count = count6;
	return true;
}

static void
format_dns(const struct option *option, const void *record, char out[VALUE_TEXT_MAX])
{
	const struct conf *conf = record;
	size_t len;

	format_ip4_list(option, record, out);
	len = strlen(out);
	for (size_t i = 0; i < conf->network.dns6_count; i++) {
		char text[INET6_ADDRSTRLEN] = "";

		inet_ntop(AF_INET6, conf->network.dns6[i], text, sizeof(text));
		len += (size_t)snprintf(out + len, VALUE_TEXT_MAX - len, "%s%s", len ? ", " : "",
					text);
	}
}

const struct value_type type_dns = {parse_dns, format_dns};
