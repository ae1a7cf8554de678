/* What outlives a boot: the keeper writes it, and lnsctl reads it, with or without a daemon. */
#ifndef KEPT_H
#define KEPT_H

#define STATE_DIR "/var/lib/lnsd"

/* Who is shut out, a line each (keeper/ban_file.h). */
#define BANS_PATH STATE_DIR "/bans"

/*
 * The history of sessions. One entry is one JSON object in one line, with the keys of `lnsctl
 * history`. A line that is not whole (the power went away, the disk was full) is no entry and is
 * passed over.
 */
#define HISTORY_PATH STATE_DIR "/history"
/* Appended to a history's path: the file before, which goes when the next one is full. */
#define HISTORY_OLD ".1"
/* With its newline: more than an entry of the longest texts, each byte escaped. */
#define HISTORY_LINE_MAX 8192

#endif
