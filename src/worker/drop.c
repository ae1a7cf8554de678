/* See drop.h. */
#include "worker/drop.h"

#include <string.h>

#include "worker/addr.h"
#include "worker/app.h"

void
drop_unprotected(struct app *app, const struct lns_path *path)
{
	char peer[ADDR_TEXT_MAX];
	uint32_t held;

	app->unprotected++;
	if (log_limit_pass(&app->unprotected_lines, app_now(app), &held))
		log_warning("dropped unprotected datagram peer=%s mark=0x%08x held_back=%u",
			    addr_text(peer, &path->peer), path->mark, held);
}

void
drop_stray(struct app *app, const struct lns_path *path)
{
	uint64_t strays = lns_counters(app->lns).dropped_path;
	char peer[ADDR_TEXT_MAX];
	uint32_t held;

	if (strays == app->strays)
		return;
	app->strays = strays;
	if (log_limit_pass(&app->stray_lines, app_now(app), &held))
		log_warning("dropped datagram of another path than its tunnel's peer=%s "
			    "mark=0x%08x held_back=%u",
			    addr_text(peer, &path->peer), path->mark, held);
}

bool
drop_banned(struct app *app, const struct lns_path *path, const uint8_t *bytes, size_t len)
{
	bool opens = len >= 6 && (bytes[0] & 0xc0) == 0xc0 && bytes[4] == 0 && bytes[5] == 0;
	char peer[ADDR_TEXT_MAX];
	uint32_t held;

	if (!opens || !bans_find(app->bans, &path->peer))
		return false;
	app->banned++;
	if (log_limit_pass(&app->banned_lines, app_now(app), &held))
		log_info("dropped tunnel request of a banned address peer=%s held_back=%u",
			 addr_text(peer, &path->peer), held);
	return true;
}

void
drop_malformed(struct app *app, const struct lns_path *path)
{
	uint64_t malformed = lns_counters(app->lns).dropped_malformed;

	if (malformed != app->malformed && path->mark && sa_find(&app->sas, path->mark))
		app->offender = *path;
	app->malformed = malformed;
}

void
drop_tell(struct app *app)
{
	union wall_msg msg;

	if (!app->offender.peer.family)
		return;
	if (app->conf->auth.ban_after && !wall_wants_write(app->wall)) {
		memset(&msg, 0, sizeof(msg));
		msg.offence.kind = WALL_OFFENCE;
		msg.offence.path = app->offender;
		app_tell(app, &msg);
	}
	app->offender.peer.family = 0;
}
