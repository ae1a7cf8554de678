#include "conf/option.h"

#include <stdio.h>
#include <string.h>

#include "conf/value.h"

#define MEMBER(m) .offset = offsetof(struct conf, m), .size = sizeof(((struct conf *)0)->m)
#define COUNT(m) .count_offset = offsetof(struct conf, m)
#define BOUNDS(low, high) .least = (low), .most = (high)
#define BUILT .built = true
#define SECOND INT64_C(1000)
#define HOUR (3600 * SECOND)
#define YEAR (365 * 24 * HOUR)

static const struct word data_paths[] = {
	{"auto", DATA_PATH_AUTO, true},
	{"pty", DATA_PATH_PTY, true},
	{"kernel", DATA_PATH_KERNEL, false},
	{NULL, 0, false},
};

static const struct word profiles[] = {
	{"compatible", PROFILE_COMPATIBLE, true},
	{"modern", PROFILE_MODERN, true},
	{"legacy", PROFILE_LEGACY, false},
	{NULL, 0, false},
};

static const struct word marks[] = {
	{"own", MARKS_OWN, true},
	{"ike", MARKS_IKE, true},
	{NULL, 0, false},
};

static const struct word on_limits[] = {
	{"refuse", ON_LIMIT_REFUSE, true},
	{"replace", ON_LIMIT_REPLACE, false},
	{NULL, 0, false},
};

static const struct word methods[] = {
	{"mschapv2", METHOD_MSCHAPV2, true},
	{"chap", METHOD_CHAP, true},
	{"pap", METHOD_PAP, true},
	{"eap", METHOD_EAP, false},
	{NULL, 0, false},
};

static const struct word levels[] = {
	{"error", LVL_ERROR, true}, {"warning", LVL_WARNING, true}, {"notice", LVL_NOTICE, true},
	{"info", LVL_INFO, true},   {"debug", LVL_DEBUG, true},	    {NULL, 0, false},
};

/* clang-format off */
static const struct option options[] = {
	{"server", "listen", "0.0.0.0, ::", .live = LIVE_RESTART, BUILT, .type = &type_listen,
	 MEMBER(server.listen)},
	{"server", "port", "1701", .live = LIVE_RESTART, BUILT, .type = &type_number,
	 MEMBER(server.port), BOUNDS(1, 65535)},
	{"server", "data-path", "auto", .live = LIVE_NEW, BUILT, .type = &type_word,
	 MEMBER(server.data_path), .words = data_paths},
	{"server", "host-name", "auto", .unset = "auto", .live = LIVE_NEW, BUILT, .type = &type_text,
	 MEMBER(server.host_name)},
	{"server", "hello", "60s", .live = LIVE_NOW, BUILT, .type = &type_time,
	 MEMBER(server.hello), BOUNDS(SECOND, HOUR)},
	{"server", "tunnel-secret-file", "none", .unset = "none", .live = LIVE_NEW,
	 .type = &type_path, MEMBER(server.tunnel_secret_file)},
	{"server", "max-tunnels", "60000", .live = LIVE_NOW, BUILT, .type = &type_number,
	 MEMBER(server.max_tunnels), BOUNDS(1, 65535)},
	{"server", "max-sessions", "60000", .live = LIVE_NOW, BUILT, .type = &type_number,
	 MEMBER(server.max_sessions), BOUNDS(1, 1000000)},
	{"server", "max-half-open", "1000", .live = LIVE_NOW, BUILT, .type = &type_number,
	 MEMBER(server.max_half_open), BOUNDS(1, 65535)},
	{"server", "avp-strict", "no", .live = LIVE_NOW, BUILT, .type = &type_bool,
	 MEMBER(server.avp_strict)},

	{"ipsec", "manage", "yes", .live = LIVE_NOW, BUILT, .type = &type_bool,
	 MEMBER(ipsec.manage)},
	{"ipsec", "require", "yes", .live = LIVE_RESTART, BUILT, .type = &type_bool,
	 MEMBER(ipsec.require)},
	{"ipsec", "psk-file", "/etc/lnsd/psk", .live = LIVE_NOW, BUILT, .type = &type_path,
	 MEMBER(ipsec.psk_file)},
	{"ipsec", "certificate", "none", .unset = "none", .live = LIVE_NOW, .type = &type_text,
	 MEMBER(ipsec.certificate)},
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
	{"network", "pool6", "none", .unset = "none", .live = LIVE_NEW, .type = &type_text,
	 MEMBER(network.pool6)},
	{"network", "dns", "none", .unset = "none", .live = LIVE_NEW, BUILT, .type = &type_ip4_list,
	 MEMBER(network.dns), COUNT(network.dns_count)},
	{"network", "wins", "none", .unset = "none", .live = LIVE_NEW, BUILT,
	 .type = &type_ip4_list, MEMBER(network.wins), COUNT(network.wins_count)},
	{"network", "mtu", "1400", .live = LIVE_NEW, BUILT, .type = &type_number,
	 MEMBER(network.mtu), BOUNDS(576, 1500)},
	{"network", "nat", "yes", .also = "no", .live = LIVE_NOW, .type = &type_bool,
	 MEMBER(network.nat)},
	{"network", "client-to-client", "no", .live = LIVE_NOW, .type = &type_bool,
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
	{"auth", "radius", "none", .unset = "none", .live = LIVE_NEW, .type = &type_text,
	 MEMBER(auth.radius)},
	{"auth", "radius-secret-file", "none", .unset = "none", .live = LIVE_NEW,
	 .type = &type_path, MEMBER(auth.radius_secret_file)},
	{"auth", "coa-listen", "none", .unset = "none", .live = LIVE_RESTART, .type = &type_text,
	 MEMBER(auth.coa_listen)},
	{"auth", "max-sessions-per-user", "2", .live = LIVE_NEW, BUILT, .type = &type_number,
	 MEMBER(auth.max_sessions_per_user), BOUNDS(1, 65535)},
	{"auth", "on-limit", "refuse", .live = LIVE_NEW, BUILT, .type = &type_word,
	 MEMBER(auth.on_limit), .words = on_limits},
	{"auth", "idle-timeout", "0", .live = LIVE_NEW, BUILT, .type = &type_time,
	 MEMBER(auth.idle_timeout), BOUNDS(0, YEAR), .step = SECOND},
	{"auth", "session-timeout", "0", .live = LIVE_NEW, BUILT, .type = &type_time,
	 MEMBER(auth.session_timeout), BOUNDS(0, YEAR), .step = SECOND},
	{"auth", "ban-after", "5", .also = "0", .live = LIVE_NOW, .type = &type_number,
	 MEMBER(auth.ban_after), BOUNDS(0, 1000000)},
	{"auth", "ban-time", "10m", .also = "0", .live = LIVE_NOW, .type = &type_time,
	 MEMBER(auth.ban_time), BOUNDS(0, YEAR)},

	{"metrics", "listen", "none", .unset = "none", .live = LIVE_RESTART, .type = &type_text,
	 MEMBER(metrics.listen)},

	{"log", "level", "info", .live = LIVE_NOW, BUILT, .type = &type_word, MEMBER(log.level),
	 .words = levels},

	{"peer", "address", "none", .live = LIVE_NEW, .named = true},
	{"peer", "host-name", "none", .live = LIVE_NEW, .named = true},
	{"peer", "secret-file", "none", .live = LIVE_NEW, .named = true},
	{"peer", "hide-avps", "none", .live = LIVE_NEW, .named = true},
	{"peer", "sequencing", "none", .live = LIVE_NEW, .named = true},
	{"peer", "proxy-auth", "none", .live = LIVE_NEW, .named = true},
	{"peer", "max-sessions", "none", .live = LIVE_NEW, .named = true},

	{"client", "server", "none", .live = LIVE_NOW, .named = true},
	{"client", "user", "none", .live = LIVE_NOW, .named = true},
	{"client", "password-file", "none", .live = LIVE_NOW, .named = true},
	{"client", "psk-file", "none", .live = LIVE_NOW, .named = true},
	{"client", "routes", "none", .live = LIVE_NOW, .named = true},
	{"client", "redial", "none", .live = LIVE_NOW, .named = true},
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
parse(const struct option *option, const char *text, struct conf *conf, char why[WHY_MAX])
{
	if (!option->unset || strcmp(text, option->unset) != 0)
		return option->type->parse(option, text, conf, why);
	memset((char *)conf + option->offset, 0, option->size);
	if (option->count_offset)
		memset((char *)conf + option->count_offset, 0, sizeof(size_t));
	return true;
}

/* True when `text` means the same as `other`. */
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

bool
option_set(const struct option *option, const char *text, struct conf *conf, char why[WHY_MAX])
{
	if (!option->type) {
		snprintf(why, WHY_MAX, "not yet supported");
		return false;
	}
	if (text[0] == '\0') {
		snprintf(why, WHY_MAX, "the value is missing");
		return false;
	}
	if (!parse(option, text, conf, why))
		return false;
	if (!option->built && !same_value(option, text, option->def) &&
	    !(option->also && same_value(option, text, option->also))) {
		snprintf(why, WHY_MAX, "not yet supported (leave it at %s)", option->def);
		return false;
	}
	return true;
}

void
conf_diff(const struct conf *from, const struct conf *to, conf_diff_fn *fn, void *ctx)
{
	char text_from[VALUE_TEXT_MAX], text_to[VALUE_TEXT_MAX];

	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option *option = &options[i];

		if (!option->type)
			continue;
		option->type->format(option, from, text_from);
		option->type->format(option, to, text_to);
		if (strcmp(text_from, text_to) != 0)
			fn(ctx, option->section, option->key, option->live, text_from, text_to);
	}
}
