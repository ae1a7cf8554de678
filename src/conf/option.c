#include "conf/option.h"

#include <stdio.h>
#include <string.h>

#include "conf/value.h"

#define MEMBER(m) .offset = offsetof(struct conf, m), .size = sizeof(((struct conf *)0)->m)
#define COUNT(m) .count_offset = offsetof(struct conf, m)
#define PEER(m) .offset = offsetof(struct conf_peer, m), .size = sizeof(((struct conf_peer *)0)->m)
#define PEER_COUNT(m) .count_offset = offsetof(struct conf_peer, m)
#define NAMED .named = true
#define BOUNDS(low, high) .least = (low), .most = (high)
#define BUILT .built = true
#define SECOND INT64_C(1000)
#define HOUR (3600 * SECOND)
#define YEAR (365 * 24 * HOUR)

static const struct word data_paths[] = {
	{"auto", DATA_PATH_AUTO, true},
	{"pty", DATA_PATH_PTY, true},
	{"kernel", DATA_PATH_KERNEL, true},
	{NULL, 0, false},
};

static const struct word profiles[] = {
	{"compatible", PROFILE_COMPATIBLE, true},
	{"modern", PROFILE_MODERN, true},
	{"legacy", PROFILE_LEGACY, true},
	{NULL, 0, false},
};

static const struct word marks[] = {
	{"own", MARKS_OWN, true},
	{"ike", MARKS_IKE, true},
	{NULL, 0, false},
};

static const struct word on_limits[] = {
	{"refuse", ON_LIMIT_REFUSE, true},
	{"replace", ON_LIMIT_REPLACE, true},
	{NULL, 0, false},
};

static const struct word orders[] = {
	{"local", ORDER_LOCAL, true},
	{"radius", ORDER_RADIUS, true},
	{NULL, 0, false},
};

static const struct word methods[] = {
	{"mschapv2", METHOD_MSCHAPV2, true},
	{"chap", METHOD_CHAP, true},
	{"pap", METHOD_PAP, true},
	{"eap", METHOD_EAP, true},
	{NULL, 0, false},
};

static const struct word sequencings[] = {
	{"off", LNS_SEQ_OFF, true},
	{"on", LNS_SEQ_ON, true},
	{"reorder", LNS_SEQ_REORDER, true},
	{NULL, 0, false},
};

static const struct word proxy_auths[] = {
	{"ignore", PROXY_IGNORE, true},
	{"accept", PROXY_ACCEPT, true},
	{NULL, 0, false},
};

static const struct word levels[] = {
	{"error", LVL_ERROR, true}, {"warning", LVL_WARNING, true}, {"notice", LVL_NOTICE, true},
	{"info", LVL_INFO, true},   {"debug", LVL_DEBUG, true},	    {NULL, 0, false},
};

/* clang-format off */
static const struct option options[] = {
	{"server", "listen", "0.0.0.0, ::", .live = LIVE_RESTART, BUILT, .type = &type_listen,
	 MEMBER(server.listen), COUNT(server.listen_count)},
	{"server", "port", "1701", .live = LIVE_RESTART, BUILT, .type = &type_number,
	 MEMBER(server.port), BOUNDS(1, 65535)},
	{"server", "data-path", "auto", .live = LIVE_NEW, BUILT, .type = &type_word,
	 MEMBER(server.data_path), .words = data_paths},
	{"server", "host-name", "auto", .unset = "auto", .live = LIVE_NEW, BUILT, .type = &type_text,
	 MEMBER(server.host_name)},
	{"server", "hello", "60s", .live = LIVE_NOW, BUILT, .type = &type_time,
	 MEMBER(server.hello), BOUNDS(SECOND, HOUR)},
	{"server", "tunnel-secret-file", "none", .unset = "none", .live = LIVE_NEW, BUILT,
	 .type = &type_path, MEMBER(others.secret.file)},
	{"server", "max-tunnels", "60000", .live = LIVE_NOW, BUILT, .type = &type_number,
	 MEMBER(server.max_tunnels), BOUNDS(1, 65535)},
	{"server", "max-sessions", "60000", .live = LIVE_NOW, BUILT, .type = &type_number,
	 MEMBER(server.max_sessions), BOUNDS(1, 1000000)},
	{"server", "max-half-open", "1000", .live = LIVE_NOW, BUILT, .type = &type_number,
	 MEMBER(server.max_half_open), BOUNDS(1, 65535)},
	{"server", "avp-strict", "no", .live = LIVE_NOW, BUILT, .type = &type_bool,
	 MEMBER(server.avp_strict)},
	{"server", "retries", "5", .live = LIVE_NEW, BUILT, .type = &type_number,
	 MEMBER(server.retries), BOUNDS(1, 20)},
	{"server", "udp-checksum-data", "yes", .live = LIVE_NOW, BUILT, .type = &type_bool,
	 MEMBER(server.udp_checksum_data)},

	{"ipsec", "manage", "yes", .live = LIVE_NOW, BUILT, .type = &type_bool,
	 MEMBER(ipsec.manage)},
	{"ipsec", "require", "yes", .live = LIVE_RESTART, BUILT, .type = &type_bool,
	 MEMBER(ipsec.require)},
	{"ipsec", "psk-file", "/etc/lnsd/psk", .live = LIVE_NOW, BUILT, .type = &type_path,
	 MEMBER(ipsec.psk_file)},
	{"ipsec", "log-file", "journal", .unset = "journal", .live = LIVE_NOW, BUILT,
	 .type = &type_path, MEMBER(ipsec.log_file)},
	{"ipsec", "certificate", "none", .unset = "none", .live = LIVE_NOW, BUILT,
	 .type = &type_nickname, MEMBER(ipsec.certificate)},
	{"ipsec", "profile", "compatible", .live = LIVE_NOW, BUILT, .type = &type_word,
	 MEMBER(ipsec.profile), .words = profiles},
	{"ipsec", "ike", "auto", .unset = "auto", .live = LIVE_NOW, BUILT, .type = &type_proposals,
	 MEMBER(ipsec.ike)},
	{"ipsec", "esp", "auto", .unset = "auto", .live = LIVE_NOW, BUILT, .type = &type_proposals,
	 MEMBER(ipsec.esp)},
	{"ipsec", "mark-base", "0x20000000", .live = LIVE_RESTART, BUILT, .type = &type_mark,
	 MEMBER(ipsec.mark_base), BOUNDS(0x10000, 0xffff0000), .step = 0x10000},
	{"ipsec", "marks", "own", .live = LIVE_RESTART, BUILT, .type = &type_word,
	 MEMBER(ipsec.marks), .words = marks},
	{"ipsec", "ikev2", "no", .live = LIVE_NOW, BUILT, .type = &type_bool,
	 MEMBER(ipsec.ikev2)},

	{"network", "pool", "10.99.0.10-10.99.0.250", .live = LIVE_NEW, BUILT, .type = &type_pool,
	 MEMBER(network.pool)},
	{"network", "gateway", "auto", .unset = "auto", .live = LIVE_RESTART, BUILT,
	 .type = &type_ip4, MEMBER(network.gateway)},
	{"network", "pool6", "none", .unset = "none", .live = LIVE_NEW, BUILT,
	 .type = &type_prefix6, MEMBER(network.pool6), BOUNDS(16, 64)},
	{"network", "dns", "none", .live = LIVE_NEW, BUILT, .type = &type_dns, MEMBER(network.dns), COUNT(network.dns_count)},
	{"network", "search-domain", "none", .unset = "none", .live = LIVE_NOW, BUILT,
	 .type = &type_domain, MEMBER(network.search_domain)},
	{"network", "routes", "none", .unset = "none", .live = LIVE_NOW, BUILT,
	 .type = &type_prefixes, MEMBER(network.routes), COUNT(network.route_count)},
	{"network", "wins", "none", .unset = "none", .live = LIVE_NEW, BUILT,
	 .type = &type_ip4_list, MEMBER(network.wins), COUNT(network.wins_count)},
	{"network", "mtu", "1400", .live = LIVE_NEW, BUILT, .type = &type_number,
	 MEMBER(network.mtu), BOUNDS(576, 1500)},
	{"network", "nat", "yes", .live = LIVE_NOW, BUILT, .type = &type_bool,
	 MEMBER(network.nat)},
	{"network", "client-to-client", "no", .live = LIVE_NOW, BUILT, .type = &type_bool,
	 MEMBER(network.client_to_client)},

	{"ppp", "pppd", "/usr/sbin/pppd", .live = LIVE_NEW, BUILT, .type = &type_path,
	 MEMBER(ppp.pppd)},
	{"ppp", "options-file", "none", .unset = "none", .live = LIVE_NEW, BUILT,
	 .type = &type_path, MEMBER(ppp.options_file)},
	{"ppp", "lcp-echo", "30s", .live = LIVE_NEW, BUILT, .type = &type_time,
	 MEMBER(ppp.lcp_echo), BOUNDS(SECOND, HOUR), .step = SECOND},

	{"auth", "methods", "mschapv2", .live = LIVE_NEW, BUILT, .type = &type_word_set,
	 MEMBER(auth.methods), .words = methods},
	{"auth", "users-file", "/etc/lnsd/users", .live = LIVE_NOW, BUILT, .type = &type_path,
	 MEMBER(auth.users_file)},
	{"auth", "fold-names", "no", .live = LIVE_NOW, BUILT, .type = &type_bool,
	 MEMBER(auth.fold_names)},
	{"auth", "strip-domain", "yes", .live = LIVE_NOW, BUILT, .type = &type_bool,
	 MEMBER(auth.strip_domain)},
	{"auth", "radius", "none", .unset = "none", .live = LIVE_NEW, BUILT, .type = &type_radius,
	 MEMBER(auth.radius), COUNT(auth.radius_count)},
	{"auth", "radius-secret-file", "none", .unset = "none", .live = LIVE_NEW, BUILT,
	 .type = &type_path, MEMBER(auth.radius_secret_file)},
	{"auth", "order", "local", .live = LIVE_NEW, BUILT, .type = &type_word,
	 MEMBER(auth.order), .words = orders},
	{"auth", "radius-timeout", "2s", .live = LIVE_NEW, BUILT, .type = &type_time,
	 MEMBER(auth.radius_timeout), BOUNDS(SECOND / 2, 4 * SECOND)},
	{"auth", "radius-dead-time", "60s", .live = LIVE_NEW, BUILT, .type = &type_time,
	 MEMBER(auth.radius_dead_time), BOUNDS(0, HOUR)},
	{"auth", "radius-interim", "10m", .live = LIVE_NEW, BUILT, .type = &type_time,
	 MEMBER(auth.radius_interim), BOUNDS(0, 24 * HOUR), .step = SECOND},
	{"auth", "coa-listen", "none", .unset = "none", .live = LIVE_RESTART, BUILT,
	 .type = &type_endpoint, MEMBER(auth.coa_listen)},
	{"auth", "max-sessions-per-user", "2", .live = LIVE_NEW, BUILT, .type = &type_number,
	 MEMBER(auth.max_sessions_per_user), BOUNDS(1, 65535)},
	{"auth", "on-limit", "refuse", .live = LIVE_NEW, BUILT, .type = &type_word,
	 MEMBER(auth.on_limit), .words = on_limits},
	{"auth", "idle-timeout", "0", .live = LIVE_NEW, BUILT, .type = &type_time,
	 MEMBER(auth.idle_timeout), BOUNDS(0, YEAR), .step = SECOND},
	{"auth", "session-timeout", "0", .live = LIVE_NEW, BUILT, .type = &type_time,
	 MEMBER(auth.session_timeout), BOUNDS(0, YEAR), .step = SECOND},
	{"auth", "ban-after", "5", .live = LIVE_NOW, BUILT, .type = &type_number,
	 MEMBER(auth.ban_after), BOUNDS(0, 50)},
	{"auth", "ban-time", "10m", .live = LIVE_NOW, BUILT, .type = &type_time,
	 MEMBER(auth.ban_time), BOUNDS(0, YEAR), .step = SECOND},
	{"auth", "ban-never", "127.0.0.0/8, ::1", .unset = "none", .live = LIVE_NOW, BUILT,
	 .type = &type_prefixes, MEMBER(auth.ban_never), COUNT(auth.ban_never_count)},

	{"metrics", "listen", "none", .unset = "none", .live = LIVE_RESTART, BUILT, .type = &type_socket,
	 MEMBER(metrics.listen)},

	{"log", "level", "info", .live = LIVE_NOW, BUILT, .type = &type_word, MEMBER(log.level),
	 .words = levels},
	{"log", "history-size", "16", .live = LIVE_NOW, BUILT, .type = &type_number,
	 MEMBER(log.history_size), BOUNDS(0, 1024)},

	{"peer", "address", "any", .unset = "any", .live = LIVE_NEW, BUILT, NAMED,
	 .type = &type_prefixes, PEER(address), PEER_COUNT(address_count)},
	{"peer", "host-name", "any", .unset = "any", .live = LIVE_NEW, BUILT, NAMED,
	 .type = &type_text, PEER(host_name)},
	{"peer", "port", "1701", .live = LIVE_NOW, BUILT, NAMED, .type = &type_number, PEER(port),
	 BOUNDS(1, 65535)},
	{"peer", "secret-file", "none", .unset = "none", .live = LIVE_NEW, BUILT, NAMED,
	 .type = &type_path, PEER(secret.file)},
	{"peer", "hide-avps", "no", .live = LIVE_NEW, BUILT, NAMED, .type = &type_bool,
	 PEER(hide_avps)},
	{"peer", "sequencing", "off", .live = LIVE_NEW, BUILT, NAMED, .type = &type_word,
	 PEER(sequencing), .words = sequencings},
	{"peer", "proxy-auth", "ignore", .live = LIVE_NEW, BUILT, NAMED, .type = &type_word,
	 PEER(proxy_auth), .words = proxy_auths},
	{"peer", "dscp", "yes", .live = LIVE_NEW, BUILT, NAMED, .type = &type_bool, PEER(dscp)},
	{"peer", "max-sessions", "0", .live = LIVE_NEW, BUILT, NAMED, .type = &type_number,
	 PEER(max_sessions), BOUNDS(0, 1000000)},

	{"client", "server", "none", .live = LIVE_NOW, NAMED},
	{"client", "user", "none", .live = LIVE_NOW, NAMED},
	{"client", "password-file", "none", .live = LIVE_NOW, NAMED},
	{"client", "psk-file", "none", .live = LIVE_NOW, NAMED},
	{"client", "routes", "none", .live = LIVE_NOW, NAMED},
	{"client", "redial", "none", .live = LIVE_NOW, NAMED},
};
/* clang-format on */

_Static_assert(sizeof(options) / sizeof(options[0]) == OPTION_COUNT, "OPTION_COUNT is stale");

const struct option *
option_at(size_t i)
{
	return i < OPTION_COUNT ? &options[i] : NULL;
}

size_t
option_index(const struct option *option)
{
	return (size_t)(option - options);
}

const struct option *
option_find(const char *section, const char *key)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (strcmp(options[i].section, section) == 0 && strcmp(options[i].key, key) == 0)
			return &options[i];
	}
	return NULL;
}

bool
conf_option(size_t i, const char **section, const char **key, const char **def,
	    enum conf_live *live, bool *built)
{
	const struct option *option = option_at(i);

	if (!option)
		return false;
	if (section)
		*section = option->section;
	if (key)
		*key = option->key;
	if (def)
		*def = option->def;
	if (live)
		*live = option->live;
	if (built)
		*built = option->built;
	return true;
}

static bool
parse(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	if (!option->unset || strcmp(text, option->unset) != 0)
		return option->type->parse(option, text, record, why);
	memset((char *)record + option->offset, 0, option->size);
	if (option->count_offset)
		memset((char *)record + option->count_offset, 0, sizeof(size_t));
	return true;
}

/* True when `text` means the same as `other`; of an option of struct conf. */
static bool
same_value(const struct option *option, const char *text, const char *other)
{
	struct conf a = {0}, b = {0};
	char text_a[VALUE_TEXT_MAX], text_b[VALUE_TEXT_MAX], why[WHY_MAX];

	if (!parse(option, text, &a, why) || !parse(option, other, &b, why))
		return false;
	option->type->format(option, &a, text_a);
	option->type->format(option, &b, text_b);
	return strcmp(text_a, text_b) == 0;
}

void
conf_hold(struct conf *conf, const struct conf *held)
{
	char *to = (char *)conf;
	const char *from = (const char *)held;

	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option *option = &options[i];

		if (option->live != LIVE_RESTART || option->named || !option->type)
			continue;
		memcpy(to + option->offset, from + option->offset, option->size);
		if (option->count_offset)
			memcpy(to + option->count_offset, from + option->count_offset,
			       sizeof(size_t));
	}
}

bool
option_set(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	if (!option->type) {
		snprintf(why, WHY_MAX, "not yet supported");
		return false;
	}
	if (text[0] == '\0') {
		snprintf(why, WHY_MAX, "the value is missing");
		return false;
	}
	if (!parse(option, text, record, why))
		return false;
	if (!option->built && !same_value(option, text, option->def) &&
	    !(option->also && same_value(option, text, option->also))) {
		snprintf(why, WHY_MAX, "not yet supported (leave it at %s)", option->def);
		return false;
	}
	return true;
}

void
option_peer_defaults(struct conf_peer *peer)
{
	char why[WHY_MAX];

	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (options[i].named && options[i].type)
			(void)option_set(&options[i], options[i].def, peer, why);
	}
}

/* What conf_diff() was called with, and where it is. */
struct diff {
	conf_diff_fn *fn;
	void *ctx;
	const char *section; /* "peer NAME"; NULL: the option's own */
};

/* The keys of struct conf, or of struct conf_peer. */
static void
diff_records(const struct diff *diff, const void *from, const void *to)
{
	char text_from[VALUE_TEXT_MAX], text_to[VALUE_TEXT_MAX];

	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option *option = &options[i];

		if (!option->type || option->named != (diff->section != NULL))
			continue;
		option->type->format(option, from, text_from);
		option->type->format(option, to, text_to);
		if (strcmp(text_from, text_to) != 0)
			diff->fn(diff->ctx, diff->section ? diff->section : option->section,
				 option->key, option->live, text_from, text_to);
	}
}

/* A section that the other side has not is there at its defaults. */
static void
diff_peer(struct diff *diff, const struct conf_peer *from, const struct conf_peer *to)
{
	char section[sizeof(from->name) + 8];
	struct conf_peer missing = {.name = ""};

	option_peer_defaults(&missing);
	snprintf(section, sizeof(section), "peer %s", from ? from->name : to->name);
	diff->section = section;
	diff_records(diff, from ? from : &missing, to ? to : &missing);
}

static void
write_names(const struct conf *conf, char out[VALUE_TEXT_MAX])
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < conf->peer_count && len < VALUE_TEXT_MAX; i++)
		len += (size_t)snprintf(out + len, VALUE_TEXT_MAX - len, "%s%s", i ? ", " : "",
					conf->peers[i].name);
}

static bool
same_names(const struct conf *from, const struct conf *to)
{
	for (size_t i = 0; i < from->peer_count && i < to->peer_count; i++) {
		if (strcmp(from->peers[i].name, to->peers[i].name) != 0)
			return false;
	}
	return from->peer_count == to->peer_count;
}

static void
diff_peers(struct diff *diff, const struct conf *from, const struct conf *to)
{
	char text_from[VALUE_TEXT_MAX], text_to[VALUE_TEXT_MAX];

	if (!same_names(from, to)) {
		write_names(from, text_from);
		write_names(to, text_to);
		diff->fn(diff->ctx, "peer", "sections", LIVE_NEW, text_from, text_to);
	}
	for (size_t i = 0; i < from->peer_count; i++)
		diff_peer(diff, &from->peers[i], conf_peer(to, from->peers[i].name));
	for (size_t i = 0; i < to->peer_count; i++) {
		if (!conf_peer(from, to->peers[i].name))
			diff_peer(diff, NULL, &to->peers[i]);
	}
}

void
conf_diff(const struct conf *from, const struct conf *to, conf_diff_fn *fn, void *ctx)
{
	struct diff diff = {.fn = fn, .ctx = ctx};

	diff_records(&diff, from, to);
	diff_peers(&diff, from, to);
}
