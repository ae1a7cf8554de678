#include "keeper/radius_acct.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "keeper/radius_link.h"
#include "keeper/session.h"
#include "keeper/session_state.h"
#include "keeper/state.h"

/* How long a stop waits for what the worker has counted */
#define LAST_WORD_MS 2000

struct account {
	TAILQ_ENTRY(account) next; /* of those that were up */
	struct keeper *keeper;
	struct radius_record record; /* what all records of the session have, and the last counts */
	uint32_t interim_s;	     /* 0: none in between */
	mstime_t up;
	struct timer timer; /* the next interim record, or the end of the wait */
	bool listed, closing, counted;
};

static void
send_record(struct account *account, enum radius_status status)
{
	union radius_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.record = account->record;
	msg.record.kind = RADIUS_RECORD;
	msg.record.status = status;
	if (!account->closing) {
		msg.record.when = time(NULL);
		msg.record.duration_s = (uint32_t)((loop_now() - account->up) / 1000);
	}
	radius_send(account->keeper, &msg);
}

static void
account_free(struct account *account)
{
	if (!account)
		return;
	if (account->listed) {
		TAILQ_REMOVE(&account->keeper->radius.accounts, account, next);
		loop_cancel(&account->keeper->loop, &account->timer);
	}
	free(account);
}

static void
close_account(struct account *account)
{
	send_record(account, STATUS_STOP);
	account_free(account);
}

static void
wait_for_interim(struct account *account)
{
	if (account->interim_s)
		loop_after(&account->keeper->loop, &account->timer,
			   (mstime_t)account->interim_s * 1000);
	else
		loop_cancel(&account->keeper->loop, &account->timer);
}

static void
due(struct timer *timer)
{
	struct account *account = owner_of(timer, struct account, timer);
	union wall_msg msg;

	if (account->closing) {
		close_account(account);
		return;
	}
	memset(&msg, 0, sizeof(msg));
	msg.use.kind = WALL_USE;
	msg.use.ref = account->record.line.ref;
	keeper_send(account->keeper, &msg, -1);
	wait_for_interim(account);
}

static struct account *
account_of(struct session_info *info)
{
	if (!info->account)
		info->account = calloc(1, sizeof(*info->account));
	return info->account;
}

bool
radius_acct_note(struct session_info *info, const struct radius_verdict *verdict)
{
	struct account *account = account_of(info);

	if (!account)
		return false;
	account->record.remote = 1;
	account->record.class_len = verdict->class_len;
	memcpy(account->record.class, verdict->class, verdict->class_len);
	account->interim_s = verdict->grant.interim_s;
	return true;
}

void
radius_acct_start(struct keeper *keeper, struct session_info *info)
{
	struct account *account = radius_wanted(keeper) ? account_of(info) : NULL;

	if (!account || account->listed)
		return;
	account->keeper = keeper;
	account->timer.due = due;
	account->up = loop_now();
	account->record.line = radius_line_of(info);
	account->record.address = info->address;
	account->record.prefix6 = info->prefix6;
	snprintf(account->record.user, sizeof(account->record.user), "%s", info->user);
	if (!account->interim_s)
		account->interim_s = (uint32_t)(keeper->conf->auth.radius_interim / 1000);
	TAILQ_INSERT_TAIL(&keeper->radius.accounts, account, next);
	account->listed = true;
	send_record(account, STATUS_START);
	wait_for_interim(account);
}

void
radius_acct_stop(struct keeper *keeper, struct session_info *info, enum cause cause)
{
	struct account *account = info->account;

	info->account = NULL;
	if (!account || !account->listed) {
		account_free(account);
		return;
	}
	account->record.cause = cause;
	account->record.when = time(NULL);
	account->record.duration_s = (uint32_t)((loop_now() - account->up) / 1000);
	account->closing = true;
	if (account->counted || !loop_after(&keeper->loop, &account->timer, LAST_WORD_MS))
		close_account(account);
}

static struct account *
closing_account(struct keeper *keeper, struct lns_ref ref)
{
	struct account *account;

	/* those that end now are the last that came to their end: few */
	TAILQ_FOREACH(account, &keeper->radius.accounts, next)
	{
		const struct lns_ref *own = &account->record.line.ref;

		if (account->closing && own->tid == ref.tid && own->sid == ref.sid &&
		    own->serial == ref.serial)
			return account;
	}
	return NULL;
}

void
radius_acct_used(struct keeper *keeper, const struct wall_used *used)
{
	struct session *session = session_find(keeper, used->ref);
	struct account *account =
		session ? session->info.account : closing_account(keeper, used->ref);

	if (!account || !account->listed)
		return;
	account->record.rx_bytes = used->rx_bytes;
	account->record.tx_bytes = used->tx_bytes;
	account->record.rx_packets = used->rx_packets;
	account->record.tx_packets = used->tx_packets;
	account->counted = used->last;
	if (account->closing)
		close_account(account);
	else if (!used->last)
		send_record(account, STATUS_INTERIM);
}

void
radius_acct_interim(struct keeper *keeper, struct session_info *info, uint32_t interim_s)
{
	(void)keeper;
	if (!info->account || !info->account->listed)
		return;
	info->account->interim_s = interim_s;
	wait_for_interim(info->account);
}

void
radius_acct_settle(struct keeper *keeper)
{
	struct account *account = TAILQ_FIRST(&keeper->radius.accounts), *next;

	for (; account; account = next) {
		next = TAILQ_NEXT(account, next);
		if (account->closing)
			close_account(account);
	}
}

void
radius_acct_announce(struct keeper *keeper, enum radius_status status)
{
	union radius_msg msg;

	memset(&msg, 0, sizeof(msg));
	msg.record.kind = RADIUS_RECORD;
	msg.record.status = status;
	msg.record.when = time(NULL);
	radius_send(keeper, &msg);
}
