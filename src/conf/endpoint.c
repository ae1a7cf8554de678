/* Addresses with ports: 192.0.2.1:1812:1813, [2001:db8::1]:1812; names are nobody's to look up. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "conf/value.h"

#define PORT_AUTH 1812 /* RFC 2865 §3; accounting is the next one */
#define PORT_COA 3799  /* RFC 5176 §3 */
#define ITEM_MAX 80

static bool
refuse(const char *text, const char *form, char why[WHY_MAX])
{
	snprintf(why, WHY_MAX, "'%.60s' is not %s (IPv6 in brackets)", text, form);
	return false;
}

/* Cuts the address off the text, which then points at ':' or the end. */
static bool
take_address(const char **text, struct lns_addr *addr)
{
	bool bracket = **text == '[';
	const char *start = *text + bracket;
	size_t len = strcspn(start, bracket ? "]" : ":");
	char word[INET6_ADDRSTRLEN];

	memset(addr, 0, sizeof(*addr));
	if (len == 0 || len >= sizeof(word) || (bracket && start[len] != ']'))
		return false;
	memcpy(word, start, len);
	word[len] = '\0';
	*text = start + len + bracket;
	addr->family = bracket ? 6 : 4;
	return inet_pton(bracket ? AF_INET6 : AF_INET, word, addr->ip) == 1;
}

/* ":port", or the other one where there is none. */
static bool
take_port(const char **text, uint16_t other, uint16_t *port)
{
	int64_t number;

	*port = other;
	if (**text != ':')
		return true;
	++*text;
	if (!value_digits(text, &number) || number < 1 || number > 65535)
		return false;
	*port = (uint16_t)number;
	return true;
}

static bool
parse_server(const char *item, struct conf_radius *server, char why[WHY_MAX])
{
	const char *rest = item;

	if (take_address(&rest, &server->addr) && take_port(&rest, PORT_AUTH, &server->addr.port) &&
	    take_port(&rest, (uint16_t)(server->addr.port + 1), &server->acct_port) &&
	    *rest == '\0' && server->acct_port)
		return true;
	return refuse(item, "address[:port[:accounting port]]", why);
}

static bool
parse_radius(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	struct conf_radius list[CONF_RADIUS_MAX];
	size_t count = 0;
	char item[ITEM_MAX];

	memset(list, 0, sizeof(list));
	for (const char *rest = text; rest; count++) {
		if (count == CONF_RADIUS_MAX || !value_next_item(&rest, item, sizeof(item))) {
			snprintf(why, WHY_MAX, "has an empty or overlong item, or more than %d",
				 CONF_RADIUS_MAX);
			return false;
		}
		if (!parse_server(item, &list[count], why))
			return false;
	}
	memcpy((char *)record + option->offset, list, sizeof(list));
	memcpy((char *)record + option->count_offset, &count, sizeof(count));
	return true;
}

static size_t
write_addr(const struct lns_addr *addr, char *out, size_t cap)
{
	char ip[INET6_ADDRSTRLEN] = "";

	inet_ntop(addr->family == 6 ? AF_INET6 : AF_INET, addr->ip, ip, sizeof(ip));
	return (size_t)snprintf(out, cap, addr->family == 6 ? "[%s]:%u" : "%s:%u", ip, addr->port);
}

static void
format_radius(const struct option *option, const void *record, char out[VALUE_TEXT_MAX])
{
	const struct conf_radius *list = (const void *)((const char *)record + option->offset);
	size_t count, len = 0;

	memcpy(&count, (const char *)record + option->count_offset, sizeof(count));
	out[0] = '\0';
	for (size_t i = 0; i < count && len + ITEM_MAX < VALUE_TEXT_MAX; i++) {
		len += (size_t)snprintf(out + len, VALUE_TEXT_MAX - len, "%s", i ? ", " : "");
		len += write_addr(&list[i].addr, out + len, VALUE_TEXT_MAX - len);
		len += (size_t)snprintf(out + len, VALUE_TEXT_MAX - len, ":%u", list[i].acct_port);
	}
}

static bool
parse_endpoint(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	struct lns_addr addr;
	const char *rest = text;

	if (!take_address(&rest, &addr) || !take_port(&rest, PORT_COA, &addr.port) || *rest != '\0')
		return refuse(text, "address[:port]", why);
	memcpy((char *)record + option->offset, &addr, sizeof(addr));
	return true;
}

static void
format_endpoint(const struct option *option, const void *record, char out[VALUE_TEXT_MAX])
{
	struct lns_addr addr;

	memcpy(&addr, (const char *)record + option->offset, sizeof(addr));
	out[0] = '\0';
	if (addr.family)
		write_addr(&addr, out, VALUE_TEXT_MAX);
}

/* Where a program listens that has no port by custom: it must be said. */
static bool
parse_socket(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	struct conf_socket place = {.path = ""};
	const char *rest = text;

	if (text[0] == '/' && strlen(text) >= sizeof(place.path)) {
		snprintf(why, WHY_MAX, "the path of a socket has %zu bytes at most",
			 sizeof(place.path) - 1);
		return false;
	}
	if (text[0] == '/')
		snprintf(place.path, sizeof(place.path), "%s", text);
	else if (!take_address(&rest, &place.addr) || *rest != ':' ||
		 !take_port(&rest, 0, &place.addr.port) || *rest != '\0')
		return refuse(text, "address:port or the absolute path of a socket", why);
	memcpy((char *)record + option->offset, &place, sizeof(place));
	return true;
}

static void
format_socket(const struct option *option, const void *record, char out[VALUE_TEXT_MAX])
{
	struct conf_socket place;

	memcpy(&place, (const char *)record + option->offset, sizeof(place));
	if (place.addr.family)
		write_addr(&place.addr, out, VALUE_TEXT_MAX);
	else
		snprintf(out, VALUE_TEXT_MAX, "%s", place.path);
}

const struct value_type type_socket = {parse_socket, format_socket};
const struct value_type type_radius = {parse_radius, format_radius};
const struct value_type type_endpoint = {parse_endpoint, format_endpoint};
