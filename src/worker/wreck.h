/*
 * Tunnels that died badly: who it was, why, and the trail of the last control messages. So many are
 * kept, the oldest goes first; those that never were established apart, for anybody can make these.
 */
#ifndef WORKER_WRECK_H
#define WORKER_WRECK_H

#include <stdbool.h>
#include <stddef.h>

#include "lns.h"
#include "trail.h"

#define WRECKS_MAX 32 /* of each of the two */

struct wreck {
	struct lns_ref ref;
	struct lns_path path;
	char user[128]; /* of its last session; "" when it had none that had logged in */
	enum cause cause;
	enum closed_by by;
	char text[96]; /* escaped */
	mstime_t at;
	bool was_up;
	struct trail trail;
};

struct wreck_list {
	struct wreck list[WRECKS_MAX];
	size_t total; /* that have been */
};

struct wrecks {
	struct wreck_list early, late; /* never established, and the others */
	/* whose session ended last: its tunnel's end is told right after */
	uint16_t last_tid;
	char last_user[128];
};

/* A session's end. */
void wrecks_session_over(struct wrecks *wrecks, struct lns_ref ref, const char *user);
/* A tunnel's end; one that ended as it should is not kept. */
void wrecks_tunnel_down(struct wrecks *wrecks, const struct lns_act *act, mstime_t now);
/* What a tunnel says after its end (StopCCN) belongs to its trail. */
void wrecks_said(struct wrecks *wrecks, const struct lns_act *act);

/* The i-th of all, those of `late` first, each newest first; NULL past the last. */
const struct wreck *wrecks_at(const struct wrecks *wrecks, size_t i);

#endif
