/* Accounting: a record when a session comes up, in between and when it has ended (RFC 2866). What
 * has passed is the worker's to say: a stop waits for its last word, but not for long. */
#ifndef KEEPER_RADIUS_ACCT_H
#define KEEPER_RADIUS_ACCT_H

#include "cause.h"
#include "radius.h"
#include "wall.h"

struct account;
struct keeper;
struct session_info;

/* What a server said of a session that it lets in: kept until its end. False when memory is short.
 */
bool radius_acct_note(struct session_info *info, const struct radius_verdict *verdict);
/* The session is up; nothing where there are no servers. */
void radius_acct_start(struct keeper *keeper, struct session_info *info);
/* It has ended; frees the account of one that was never up. */
void radius_acct_stop(struct keeper *keeper, struct session_info *info, enum cause cause);
/* WALL_USED */
void radius_acct_used(struct keeper *keeper, const struct wall_used *used);
/* Another interval between records, in seconds, from now on. */
void radius_acct_interim(struct keeper *keeper, struct session_info *info, uint32_t interim_s);

/* Stops that wait for the worker's last word go without it. */
void radius_acct_settle(struct keeper *keeper);
/* Accounting-On or -Off */
void radius_acct_announce(struct keeper *keeper, enum radius_status status);

#endif
