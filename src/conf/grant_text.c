/* The texts of a grant. No fault quotes the text, which may be a password that went astray. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/prefix.h"
#include "conf/value.h"
#include "grant.h"

#define ITEM_MAX 80
#define RATE_MIN 8000
#define RATE_MAX UINT64_C(1000000000000)

/* Adds an item of a list. False: *fault says what is wrong, as a predicate. */
typedef bool item_fn(struct grant *grant, const char *item, const char **fault);

static bool
read_list(struct grant *grant, const char *text, item_fn *add, char why[GRANT_WHY_MAX])
{
	char item[ITEM_MAX];

	for (size_t n = 1; text; n++) {
		const char *fault = "is empty or too long";

		if (value_next_item(&text, item, sizeof(item)) && add(grant, item, &fault))
			continue;
		snprintf(why, GRANT_WHY_MAX, "item %zu %s", n, fault);
		return false;
	}
	return true;
}

/* Networks */

/* That no client can have behind it: all there is, this host, link-local, multicast. */
static bool
no_network(const struct lns_prefix *prefix)
{
	static const struct lns_prefix kept[] = {
		{{0}, 4, 8},	       {{127}, 4, 8},  {{169, 254}, 4, 16}, {{224}, 4, 3},
		{{0xfe, 0x80}, 6, 10}, {{0xff}, 6, 8}, {{0}, 6, 120},
	};

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		if (prefix_covers(&kept[i], prefix))
			return true;
	}
	return prefix->bits == 0;
}

static bool
add_route(struct grant *grant, const char *item, const char **fault)
{
	struct lns_prefix prefix, *more;
	enum prefix_fault wrong = prefix_read(item, &prefix);

	if (wrong != PREFIX_FINE) {
		*fault = wrong == PREFIX_BITS
				 ? "has bits behind the prefix"
				 : "is no IPv4 or IPv6 prefix (such as 192.168.7.0/24)";
		return false;
	}
	*fault = "is no network that can be behind a client";
	if (no_network(&prefix))
		return false;
	*fault = "stands in the list twice";
	for (size_t i = 0; i < grant->route_count; i++) {
		if (prefix_compare(&grant->routes[i], &prefix) == 0)
			return false;
	}
	*fault = "is one more than the 64 that there may be";
	if (grant->route_count == GRANT_ROUTES_MAX)
		return false;
	*fault = "does not fit into memory";
	more = realloc(grant->routes, (grant->route_count + 1) * sizeof(*more));
	if (!more)
		return false;
	grant->routes = more;
	more[grant->route_count++] = prefix;
	return true;
}

bool
grant_read_routes(struct grant *grant, const char *text, char why[GRANT_WHY_MAX])
{
	return strcmp(text, "none") == 0 || read_list(grant, text, add_route, why);
}

/* Destinations */

/*
 * Divides "10.0.5.0/24:tcp/443" and "[fd00::/64]:udp/53" into prefix and service; *service is NULL
 * without one. An IPv6 prefix without brackets has no service.
 */
static bool
split_allow(char *item, char **prefix, char **service)
{
	char *close = strchr(item, ']'), *colon = strchr(item, ':');

	*prefix = item;
	*service = NULL;
	if (item[0] == '[') {
		if (!close || (close[1] != '\0' && close[1] != ':'))
			return false;
		*prefix = item + 1;
		*service = close[1] ? close + 2 : NULL;
		*close = '\0';
	} else if (colon && colon == strrchr(item, ':')) {
		*service = colon + 1;
		*colon = '\0';
	}
	return true;
}

/* "443", "8000-8100" */
static bool
read_ports(const char *text, struct grant_allow *allow)
{
	int64_t first, last;

	if (!value_digits(&text, &first))
		return false;
	last = first;
	if (*text == '-') {
		text++;
		if (!value_digits(&text, &last))
			return false;
	}
	if (*text != '\0' || first < 1 || last < first || last > UINT16_MAX)
		return false;
	allow->first = (uint16_t)first;
	allow->last = (uint16_t)last;
	return true;
}

static const struct protocol {
	const char *name;
	uint8_t number4, number6;
	bool ports;
} protocols[] = {
	{"tcp", IPPROTO_TCP, IPPROTO_TCP, true},
	{"udp", IPPROTO_UDP, IPPROTO_UDP, true},
	{"icmp", IPPROTO_ICMP, IPPROTO_ICMPV6, false},
};

/* "tcp", "tcp/443", "udp/5000-5010", "icmp" */
static bool
read_service(const char *text, struct grant_allow *allow)
{
	size_t len = strcspn(text, "/");

	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		const struct protocol *protocol = &protocols[i];

		if (strlen(protocol->name) != len || strncmp(text, protocol->name, len) != 0)
			continue;
		allow->protocol = allow->to.family == 4 ? protocol->number4 : protocol->number6;
		return text[len] == '\0' || (protocol->ports && read_ports(text + len + 1, allow));
	}
	return false;
}

static bool
read_allow(const char *item, struct grant_allow *allow, const char **fault)
{
	char text[ITEM_MAX], *prefix, *service;
	enum prefix_fault wrong = PREFIX_NONE;

	*allow = (struct grant_allow){.protocol = 0};
	snprintf(text, sizeof(text), "%s", item);
	if (split_allow(text, &prefix, &service))
		wrong = prefix_read(prefix, &allow->to);
	*fault = "is no IPv4 or IPv6 prefix (such as 10.0.5.0/24:tcp/443, [fd00::/64]:udp/53)";
	if (wrong == PREFIX_BITS)
		*fault = "has bits behind the prefix";
	if (wrong != PREFIX_FINE)
		return false;
	*fault = "has no such protocol or ports (tcp, udp/53, tcp/8000-8100, icmp)";
	return !service || read_service(service, allow);
}

static bool
add_allow(struct grant *grant, const char *item, const char **fault)
{
	struct grant_allow allow, *more;

	*fault = "is not clear: leave the key out for all destinations";
	if (strcmp(item, "none") == 0 || strcmp(item, "any") == 0)
		return false;
	if (!read_allow(item, &allow, fault))
		return false;
	*fault = "is one more than the 256 that there may be";
	if (grant->allow_count == GRANT_ALLOW_MAX)
		return false;
	*fault = "does not fit into memory";
	more = realloc(grant->allow, (grant->allow_count + 1) * sizeof(*more));
	if (!more)
		return false;
	grant->allow = more;
	more[grant->allow_count++] = allow;
	return true;
}

bool
grant_read_allow(struct grant *grant, const char *text, char why[GRANT_WHY_MAX])
{
	return read_list(grant, text, add_allow, why);
}

/* Rates, in the words of tc(8): powers of 1000 */

static const struct unit {
	const char *name;
	uint64_t factor;
} units[] = {{"gbit", 1000000000}, {"mbit", 1000000}, {"kbit", 1000}, {"bit", 1}};
#define UNIT_COUNT (sizeof(units) / sizeof(units[0]))

/* "20mbit" from *text on, which moves behind it. */
static bool
read_rate(const char **text, uint64_t *rate)
{
	size_t len;
	int64_t number;

	if (strncmp(*text, "none", 4) == 0) {
		*text += 4;
		*rate = 0;
		return true;
	}
	if (!value_digits(text, &number))
		return false;
	len = strcspn(*text, "/ \t");
	for (size_t i = 0; i < UNIT_COUNT; i++) {
		if (strlen(units[i].name) != len || strncmp(*text, units[i].name, len) != 0)
			continue;
		*text += len;
		if ((uint64_t)number > RATE_MAX / units[i].factor)
			return false;
		*rate = (uint64_t)number * units[i].factor;
		return *rate >= RATE_MIN;
	}
	return false;
}

bool
grant_read_rate(struct grant *grant, const char *text, char why[GRANT_WHY_MAX])
{
	bool ok = read_rate(&text, &grant->rate_up);

	grant->rate_down = grant->rate_up;
	text += strspn(text, " \t");
	if (ok && *text == '/') {
		text++;
		text += strspn(text, " \t");
		ok = read_rate(&text, &grant->rate_down);
	}
	if (ok && *text == '\0')
		return true;
	snprintf(
		why, GRANT_WHY_MAX,
		"is no rate of 8kbit to 1000gbit (such as 20mbit/100mbit: from and to the client)");
	return false;
}

/* Dates */

/* `form` in digits (d) and other characters; numbers go to part[] in turn. Gives what stands behind
 * it, or NULL. */
static const char *
read_form(const char *text, const char *form, int *part)
{
	for (; *form; form++, text++) {
		bool digit = *text >= '0' && *text <= '9';

		if (*form == 'd' ? !digit : *text != *form)
			return NULL;
		if (digit)
			*part = *part * 10 + (*text - '0');
		else
			part++;
	}
	return text;
}

/* "T18:00", " 18:00:30Z", "" */
static bool
read_clock(const char *text, int part[3])
{
	if (*text == '\0')
		return true;
	if (*text != 'T' && *text != ' ')
		return false;
	text = read_form(text + 1, "dd:dd", part);
	if (text && *text == ':')
		text = read_form(text + 1, "dd", part + 2);
	if (text && *text == 'Z')
		text++;
	return text && *text == '\0' && part[0] < 24 && part[1] < 60 && part[2] < 60;
}

static bool
read_moment(const char *text, time_t *moment)
{
	struct tm tm = {.tm_isdst = 0}, back;
	int day[3] = {0}, clock[3] = {0};

	text = read_form(text, "dddd-dd-dd", day);
	if (!text || !read_clock(text, clock))
		return false;
	tm.tm_year = day[0] - 1900;
	tm.tm_mon = day[1] - 1;
	tm.tm_mday = day[2];
	tm.tm_hour = clock[0];
	tm.tm_min = clock[1];
	tm.tm_sec = clock[2];
	back = tm;
	*moment = timegm(&back);
	return day[0] >= 1970 && *moment > 0 && back.tm_mon == tm.tm_mon &&
	       back.tm_mday == tm.tm_mday;
}

bool
grant_read_expires(struct grant *grant, const char *text, char why[GRANT_WHY_MAX])
{
	if (strcmp(text, "none") == 0 || read_moment(text, &grant->expires))
		return true;
	snprintf(why, GRANT_WHY_MAX, "is no date (such as 2027-01-31, or 2027-01-31T18:00Z)");
	return false;
}

/* The way back */

char *
grant_prefix_text(char out[GRANT_TEXT_MAX], const struct lns_prefix *prefix)
{
	char text[PREFIX_TEXT_MAX];

	prefix_write(prefix, text);
	snprintf(out, GRANT_TEXT_MAX, "%s", text);
	return out;
}

char *
grant_allow_text(char out[GRANT_TEXT_MAX], const struct grant_allow *allow)
{
	const char *name = "";
	char to[PREFIX_TEXT_MAX], ports[16] = "";

	prefix_write(&allow->to, to);
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		if (allow->protocol == protocols[i].number4 ||
		    allow->protocol == protocols[i].number6)
			name = protocols[i].name;
	}
	if (allow->first == allow->last && allow->first)
		snprintf(ports, sizeof(ports), "/%u", allow->first);
	else if (allow->first)
		snprintf(ports, sizeof(ports), "/%u-%u", allow->first, allow->last);
	if (!allow->protocol)
		snprintf(out, GRANT_TEXT_MAX, "%s", to);
	else
		snprintf(out, GRANT_TEXT_MAX, allow->to.family == 4 ? "%s:%s%s" : "[%s]:%s%s", to,
			 name, ports);
	return out;
}

/* Appends to a list, which keeps room for what says that there is more; false when it says so. */
static bool
add_text(char *out, size_t cap, const char *item, bool last)
{
	static const char more[] = ", …";
	size_t len = strlen(out), comma = len ? 2 : 0;
	bool fits = len + comma + strlen(item) + (last ? 1 : sizeof(more)) <= cap;

	snprintf(out + len, cap - len, "%s%s", comma ? ", " : "", fits ? item : "…");
	return fits;
}

char *
grant_routes_text(char *out, size_t cap, const struct grant *grant)
{
	char item[GRANT_TEXT_MAX];

	out[0] = '\0';
	for (size_t i = 0; i < grant->route_count; i++) {
		grant_prefix_text(item, &grant->routes[i]);
		if (!add_text(out, cap, item, i + 1 == grant->route_count))
			break;
	}
	return out;
}

char *
grant_allows_text(char *out, size_t cap, const struct grant *grant)
{
	char item[GRANT_TEXT_MAX];

	out[0] = '\0';
	for (size_t i = 0; i < grant->allow_count; i++) {
		grant_allow_text(item, &grant->allow[i]);
		if (!add_text(out, cap, item, i + 1 == grant->allow_count))
			break;
	}
	return out;
}

static void
write_rate(char *out, size_t cap, uint64_t rate)
{
	size_t i = 0;

	while (i + 1 < UNIT_COUNT && rate % units[i].factor != 0)
		i++;
	if (rate == 0)
		snprintf(out, cap, "none");
	else
		snprintf(out, cap, "%llu%s", (unsigned long long)(rate / units[i].factor),
			 units[i].name);
}

char *
grant_rate_text(char out[GRANT_TEXT_MAX], const struct grant *grant)
{
	char up[32], down[32];

	write_rate(up, sizeof(up), grant->rate_up);
	write_rate(down, sizeof(down), grant->rate_down);
	if (grant->rate_up == grant->rate_down)
		snprintf(out, GRANT_TEXT_MAX, "%s", up);
	else
		snprintf(out, GRANT_TEXT_MAX, "%s/%s", up, down);
	return out;
}

char *
grant_expires_text(char out[GRANT_TEXT_MAX], time_t expires)
{
	struct tm tm;

	if (!gmtime_r(&expires, &tm))
		memset(&tm, 0, sizeof(tm));
	snprintf(out, GRANT_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
		 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	return out;
}
