/* The sections of the configuration, and who belongs to which. */
#include "l2tp/peer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "md5.h"

static struct peer *
peer_new(const struct lns_peer *conf, struct peer_use *use)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	if (!peer)
		return NULL;
	if (!use)
		use = calloc(1, sizeof(*use));
	if (!use) {
		free(peer);
		return NULL;
	}
	use->refs++;
	peer->use = use;
	peer->refs = 1;
	peer->conf = *conf;
	return peer;
}

struct peer *
peer_ref(struct peer *peer)
{
	peer->refs++;
	return peer;
}

void
peer_unref(struct peer *peer)
{
	if (!peer || --peer->refs)
		return;
	if (--peer->use->refs == 0)
		free(peer->use);
	secret_wipe(peer->conf.secret, sizeof(peer->conf.secret));
	free(peer);
}

void
peer_list_fini(struct peer_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		peer_unref(list->all[i]);
	free(list->all);
	*list = (struct peer_list){0};
}

struct peer *
peer_named(const struct peer_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->all[i]->conf.name, name) == 0)
			return list->all[i];
	return NULL;
}

bool
peer_list_load(struct peer_list *list, const struct lns_conf *conf)
{
	struct peer_list fresh = {.all = calloc(conf->peer_count + 1, sizeof(*fresh.all))};

	if (!fresh.all)
		return false;
	for (size_t i = 0; i <= conf->peer_count; i++) {
		const struct lns_peer *section =
			i < conf->peer_count ? &conf->peers[i] : &conf->others;
		const struct peer *before = peer_named(list, section->name);

		fresh.all[i] = peer_new(section, before ? before->use : NULL);
		if (!fresh.all[i]) {
			peer_list_fini(&fresh);
			return false;
		}
		fresh.count++;
	}
	peer_list_fini(list);
	*list = fresh;
	return true;
}

bool
peer_glob(const char *glob, struct l2tp_bytes name)
{
	const char *star = NULL;
	size_t at = 0, back = 0;

	while (at < name.len) {
		if (*glob == '*') {
			star = ++glob;
			back = at;
		} else if (*glob &&
			   (*glob == '?' || tolower((unsigned char)*glob) == tolower(name.p[at]))) {
			glob++;
			at++;
		} else if (star) {
			/* the last star takes one byte more; those before it need not be tried */
			glob = star;
			at = ++back;
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return !*glob;
}

bool
peer_prefix_has(const struct lns_prefix *prefix, const struct lns_addr *addr)
{
	size_t bytes = prefix->bits / 8;
	unsigned rest = prefix->bits % 8;

	if (prefix->family != addr->family || prefix->bits > 8 * sizeof(addr->ip))
		return false;
	if (memcmp(prefix->ip, addr->ip, bytes) != 0)
		return false;
	return !rest || (prefix->ip[bytes] ^ addr->ip[bytes]) >> (8 - rest) == 0;
}

static bool
matches(const struct lns_peer *peer, const struct lns_addr *addr, struct l2tp_bytes host_name)
{
	bool here = peer->prefixes == 0;

	for (uint32_t i = 0; i < peer->prefixes && i < LNS_PEER_PREFIXES; i++)
		here = here || peer_prefix_has(&peer->prefix[i], addr);
	return here && (!peer->host_name[0] || peer_glob(peer->host_name, host_name));
}

struct peer *
peer_choose(const struct peer_list *list, const struct lns_addr *addr, struct l2tp_bytes host_name)
{
	size_t i = 0;

	if (host_name.len && host_name.p[host_name.len - 1] == 0)
		host_name.len--;
	while (i + 1 < list->count && !matches(&list->all[i]->conf, addr, host_name))
		i++;
	return list->all[i];
}
