/* See settings.h. */
#include "worker/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "md5.h"

#define HALF_OPEN_MS 30000
#define SESSION_SETUP_MS 60000
#define WINDOW 16 /* control messages; each peer's own limit is its own */

static void
make_peer(struct lns_peer *to, const struct conf_peer *from)
{
	memset(to, 0, sizeof(*to));
	memcpy(to->name, from->name, sizeof(to->name));
	memcpy(to->prefix, from->address, sizeof(to->prefix));
	to->prefixes = (uint32_t)from->address_count;
	memcpy(to->host_name, from->host_name, sizeof(to->host_name));
	memcpy(to->secret, from->secret.bytes, sizeof(to->secret));
	to->secret_len = from->secret.len;
	to->secret_missing = from->secret.file[0] && !from->secret.len;
	to->hide = from->hide_avps;
	to->proxy_accept = from->proxy_auth == PROXY_ACCEPT;
	to->dscp = from->dscp;
	to->sequencing = from->sequencing;
	to->max_sessions = from->max_sessions;
}

bool
settings_make(struct lns_conf *settings, const struct conf *conf, const char *machine)
{
	struct lns_peer *peers = calloc(conf->peer_count + 1, sizeof(*peers));
	const char *name = conf->server.host_name[0] ? conf->server.host_name : machine;

	if (!peers)
		return false;
	*settings = (struct lns_conf){
		.vendor = "lnsd",
		.firmware = 1,
		.hello = conf->server.hello,
		.half_open = HALF_OPEN_MS,
		.session_setup = SESSION_SETUP_MS,
		.max_tunnels = conf->server.max_tunnels,
		.max_sessions = conf->server.max_sessions,
		.max_half_open = conf->server.max_half_open,
		.window = WINDOW,
		.avp_strict = conf->server.avp_strict,
		.tries = conf->server.retries,
		.peers = peers,
		.peer_count = conf->peer_count,
	};
	snprintf(settings->host_name, sizeof(settings->host_name), "%s", name);
	make_peer(&settings->others, &conf->others);
	for (size_t i = 0; i < conf->peer_count; i++)
		make_peer(&peers[i], &conf->peers[i]);
	return true;
}

void
settings_free(struct lns_conf *settings)
{
	struct lns_peer *peers = (struct lns_peer *)(uintptr_t)settings->peers;

	if (peers)
		secret_wipe(peers, settings->peer_count * sizeof(*peers));
	free(peers);
	secret_wipe(settings, sizeof(*settings));
}
