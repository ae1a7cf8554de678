/* See ban.h. */
#include "keeper/ban.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "keeper/ban_file.h"
#include "keeper/session.h"
#include "keeper/state.h"
#include "kept.h"

#define SAVE_AFTER_MS 1000 /* many that come together are written once */
#define EXPIRY_MAX_S 86400
#define SECONDS_MAX (365 * 86400)
#define SOURCE_TEXT_MAX (INET6_ADDRSTRLEN + 4)

static int64_t
now_s(void)
{
	return (int64_t)time(NULL);
}

static const char *
source_text(char out[SOURCE_TEXT_MAX], const struct lns_addr *source)
{
	char address[INET6_ADDRSTRLEN] = "";

	inet_ntop(source->family == 6 ? AF_INET6 : AF_INET, source->ip, address, sizeof(address));
	snprintf(out, SOURCE_TEXT_MAX, "%s%s", address, source->family == 6 ? "/64" : "");
	return out;
}

static bool
same_source(const struct lns_addr *a, const struct lns_addr *b)
{
	const struct lns_addr x = ban_source(a), y = ban_source(b);

	return memcmp(&x, &y, sizeof(x)) == 0;
}

/* ── what becomes of a ban ──────────────────────────────────────────────────────────────── */

static void
tell(struct keeper *keeper, const struct ban *ban, bool holds)
{
	union wall_msg msg;

	if (!keeper->worker_ready)
		return;
	memset(&msg, 0, sizeof(msg));
	msg.ban.kind = WALL_BAN;
	msg.ban.holds = holds;
	msg.ban.ban = *ban;
	keeper_send(keeper, &msg, -1);
}

static void
due_save(struct timer *timer)
{
	struct ban_office *office = owner_of(timer, struct ban_office, save);
	int error = ban_file_write(BANS_PATH, office->group, office->list);

	if (error)
		log_warning("%s cannot be written: %s: who is shut out is let in by a restart",
			    BANS_PATH, strerror(-error));
	office->unsaved = false;
}

static void
expire(struct keeper *keeper)
{
	struct ban_office *office = &keeper->bans;
	struct ban ended;
	char text[SOURCE_TEXT_MAX];

	while (bans_expire(office->list, now_s(), &ended)) {
		log_notice("ban over address=%s reason=%s", source_text(text, &ended.source),
			   ban_reason_name(ended.reason));
		tell(keeper, &ended, false);
	}
}

/* A change: the next one to end may be another, and the file is old. */
static void
settle(struct keeper *keeper)
{
	struct ban_office *office = &keeper->bans;
	int64_t left = bans_next(office->list) - now_s();

	left = left < 0 ? 0 : left > EXPIRY_MAX_S ? EXPIRY_MAX_S : left;
	loop_after(&keeper->loop, &office->expiry, left * 1000 + 1);
	if (!office->unsaved)
		office->unsaved = loop_after(&keeper->loop, &office->save, SAVE_AFTER_MS);
}

static void
due_expiry(struct timer *timer)
{
	struct ban_office *office = owner_of(timer, struct ban_office, expiry);
	struct keeper *keeper = owner_of(office, struct keeper, bans);

	expire(keeper);
	settle(keeper);
}

struct count {
	const struct lns_addr *source;
	unsigned sessions;
};

static bool
count_session(void *ctx, struct session_info *info)
{
	struct count *count = ctx;

	count->sessions += same_source(&info->path.peer, count->source);
	return true;
}

static unsigned
sessions_from(struct keeper *keeper, const struct lns_addr *source)
{
	struct count count = {.source = source};

	session_each(keeper, count_session, &count);
	return count.sessions;
}

/* The packet filter closes, unless others are connected from there or it cannot. */
static void
enforce(struct keeper *keeper, struct ban *ban)
{
	int64_t left = ban->until - now_s();

	ban->in_force = left > 0 && !sessions_from(keeper, &ban->source) && keeper->net.has_table &&
			nft_ban(&keeper->net.nft, &ban->source, (unsigned)left) == 0;
	tell(keeper, ban, true);
}

static void
lift(struct keeper *keeper, const struct ban *ban)
{
	char text[SOURCE_TEXT_MAX];

	if (ban->in_force)
		nft_unban(&keeper->net.nft, &ban->source);
	log_notice("ban lifted address=%s reason=%s", source_text(text, &ban->source),
		   ban_reason_name(ban->reason));
	tell(keeper, ban, false);
}

static const struct ban *
shut_out(struct keeper *keeper, const struct lns_addr *peer, enum ban_reason reason,
	 int64_t seconds)
{
	struct ban_office *office = &keeper->bans;
	struct ban ban = {.source = ban_source(peer),
			  .reason = reason,
			  .since = now_s(),
			  .until = now_s() + seconds};
	struct ban evicted, *kept;
	char text[SOURCE_TEXT_MAX];

	if (bans_put(office->list, &ban, &evicted))
		lift(keeper, &evicted);
	kept = bans_find(office->list, peer);
	enforce(keeper, kept);
	log_warning("banned address=%s reason=%s ban_s=%lld%s", source_text(text, &ban.source),
		    ban_reason_name(reason), (long long)seconds,
		    kept->in_force ? "" : " (refuses new connections only)");
	settle(keeper);
	return kept;
}

/* ── who has failed ─────────────────────────────────────────────────────────────────────── */

/* In auth.ban-never, or a LAC of a section of its own: behind that are many. */
static bool
exempt(const struct conf *conf, const struct lns_addr *peer)
{
	bool lac = false;

	for (size_t i = 0; !lac && i < conf->peer_count; i++)
		lac = ban_exempt(peer, conf->peers[i].address, conf->peers[i].address_count);
	return lac || ban_exempt(peer, conf->auth.ban_never, conf->auth.ban_never_count);
}

/* True when it was the last straw. */
static bool
note(struct keeper *keeper, const struct lns_addr *peer, enum ban_reason reason)
{
	const struct conf *conf = keeper->conf;

	if (!keeper->bans.list || !conf->auth.ban_time || exempt(conf, peer) ||
	    ban_holds(keeper, peer) ||
	    !bans_failure(keeper->bans.list, peer, conf->auth.ban_after, now_s()))
		return false;
	shut_out(keeper, peer, reason, conf->auth.ban_time / 1000);
	return true;
}

void
ban_note_login(struct keeper *keeper, const struct lns_path *path, enum cause cause)
{
	if (cause == CAUSE_WRONG_PASSWORD || cause == CAUSE_UNKNOWN_USER ||
	    cause == CAUSE_WRONG_CODE || cause == CAUSE_RADIUS_REJECT)
		note(keeper, &path->peer, BAN_PASSWORD);
}

void
ban_note_psk(struct keeper *keeper, const struct lns_addr *peer)
{
	note(keeper, peer, BAN_PSK);
}

struct offender {
	struct keeper *keeper;
	uint32_t mark;
};

static bool
end_session_of(void *ctx, struct session_info *info)
{
	const struct offender *offender = ctx;

	if (info->path.mark == offender->mark)
		session_end(offender->keeper, info->ref, CAUSE_BANNED, BY_SERVER, NULL);
	return true;
}

void
ban_note_malformed(struct keeper *keeper, const struct lns_path *path)
{
	struct offender offender = {.keeper = keeper, .mark = path->mark};

	if (path->mark && note(keeper, &path->peer, BAN_MALFORMED))
		session_each(keeper, end_session_of, &offender);
}

bool
ban_holds(const struct keeper *keeper, const struct lns_addr *peer)
{
	const struct ban *ban = keeper->bans.list ? bans_find(keeper->bans.list, peer) : NULL;

	return ban && ban->until > now_s();
}

void
ban_session_over(struct keeper *keeper, const struct lns_addr *peer)
{
	struct ban *ban = keeper->bans.list ? bans_find(keeper->bans.list, peer) : NULL;

	if (ban && !ban->in_force && !keeper->ending)
		enforce(keeper, ban);
}

/* ── by command ─────────────────────────────────────────────────────────────────────────── */

static void
answer(struct keeper *keeper, uint32_t ask, bool ok, const char *text)
{
	union wall_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.text.kind = WALL_BAN_DONE;
	msg.text.ask = ask;
	msg.text.ok = ok;
	snprintf(msg.text.text, sizeof(msg.text.text), "%s", text);
	keeper_send(keeper, &msg, -1);
}

static void
add(struct keeper *keeper, const struct wall_ban_ask *ask)
{
	int64_t seconds = ask->seconds			? ask->seconds
			  : keeper->conf->auth.ban_time ? keeper->conf->auth.ban_time / 1000
							: BANS_WINDOW_S;
	unsigned sessions = sessions_from(keeper, &ask->addr);
	char source[SOURCE_TEXT_MAX], text[256];
	const struct lns_addr key = ban_source(&ask->addr);

	source_text(source, &key);
	if (exempt(keeper->conf, &ask->addr)) {
		snprintf(text, sizeof(text),
			 "%s is never shut out: it stands in auth.ban-never or a [peer] section",
			 source);
		answer(keeper, ask->ask, false, text);
		return;
	}
	shut_out(keeper, &ask->addr, BAN_ADMIN, seconds < SECONDS_MAX ? seconds : SECONDS_MAX);
	if (sessions)
		snprintf(text, sizeof(text),
			 "banned %s; it has %u sessions, which go on (lnsctl disconnect)", source,
			 sessions);
	else
		snprintf(text, sizeof(text), "banned %s", source);
	answer(keeper, ask->ask, true, text);
}

static void
del(struct keeper *keeper, const struct wall_ban_ask *ask)
{
	const struct lns_addr key = ban_source(&ask->addr);
	const struct ban *found = bans_find(keeper->bans.list, &ask->addr);
	char source[SOURCE_TEXT_MAX], text[128];
	struct ban ban;

	if (!found) {
		snprintf(text, sizeof(text), "%s is not banned", source_text(source, &key));
		answer(keeper, ask->ask, false, text);
		return;
	}
	ban = *found;
	bans_remove(keeper->bans.list, &ask->addr);
	lift(keeper, &ban);
	settle(keeper);
	snprintf(text, sizeof(text), "let in again %s", source_text(source, &key));
	answer(keeper, ask->ask, true, text);
}

static void
del_all(struct keeper *keeper, uint32_t ask)
{
	const struct ban *first;
	unsigned count = 0;
	char text[64];

	while ((first = bans_at(keeper->bans.list, 0))) {
		const struct ban ban = *first;

		bans_remove(keeper->bans.list, &ban.source);
		lift(keeper, &ban);
		count++;
	}
	settle(keeper);
	snprintf(text, sizeof(text), "let in again: %u", count);
	answer(keeper, ask, true, text);
}

void
ban_asked(struct keeper *keeper, const struct wall_ban_ask *ask)
{
	if (!keeper->bans.list)
		answer(keeper, ask->ask, false, "out of memory");
	else if (ask->holds)
		add(keeper, ask);
	else if (ask->all)
		del_all(keeper, ask->ask);
	else
		del(keeper, ask);
}

/* ── life ───────────────────────────────────────────────────────────────────────────────── */

void
ban_start(struct keeper *keeper, gid_t group)
{
	struct ban_office *office = &keeper->bans;
	int error;

	*office = (struct ban_office){.list = bans_new(),
				      .expiry = {.due = due_expiry},
				      .save = {.due = due_save},
				      .group = group};
	error = office->list ? ban_file_read(BANS_PATH, office->list, now_s()) : -ENOMEM;
	if (error)
		log_warning("%s cannot be read: %s: nobody is shut out yet", BANS_PATH,
			    strerror(-error));
	if (office->list && bans_at(office->list, 0))
		settle(keeper);
}

void
ban_stop(struct keeper *keeper)
{
	struct ban_office *office = &keeper->bans;

	if (office->unsaved)
		due_save(&office->save);
	loop_cancel(&keeper->loop, &office->save);
	loop_cancel(&keeper->loop, &office->expiry);
	bans_free(office->list);
	office->list = NULL;
}

/* In one transaction: each by itself would take the kernel milliseconds. */
void
ban_restore(struct keeper *keeper)
{
	struct bans *list = keeper->bans.list;
	struct ban *ban;
	char *text = NULL, address[INET6_ADDRSTRLEN];
	size_t len;
	FILE *out = list && keeper->net.has_table ? open_memstream(&text, &len) : NULL;
	bool done;

	if (!out)
		return;
	for (size_t i = 0; (ban = bans_at(list, i)); i++) {
		bool six = ban->source.family == 6;
		int64_t left = ban->until - now_s();

		ban->in_force = left > 0 && !sessions_from(keeper, &ban->source) &&
				inet_ntop(six ? AF_INET6 : AF_INET, ban->source.ip, address,
					  sizeof(address));
		if (ban->in_force)
			fprintf(out, "add element inet lnsd banned%c { %s timeout %llds }\n",
				six ? '6' : '4', address, (long long)left);
	}
	done = fclose(out) == 0 && nft_run(&keeper->net.nft, text) == 0;
	free(text);
	for (size_t i = 0; (ban = bans_at(list, i)); i++) {
		ban->in_force = ban->in_force && done;
		tell(keeper, ban, true);
	}
}

void
ban_tell_all(struct keeper *keeper)
{
	const struct ban *ban;

	for (size_t i = 0; keeper->bans.list && (ban = bans_at(keeper->bans.list, i)); i++)
		tell(keeper, ban, true);
}

void
ban_settle(struct keeper *keeper)
{
	const struct ban *at;
	size_t i = 0;

	if (!keeper->bans.list)
		return;
	while ((at = bans_at(keeper->bans.list, i))) {
		const struct ban ban = *at;

		if (!exempt(keeper->conf, &ban.source)) {
			i++;
			continue;
		}
		bans_remove(keeper->bans.list, &ban.source);
		lift(keeper, &ban);
		settle(keeper);
	}
}
