/* The control socket's clients: accept, one request, one answer, close. See include/ctl.h. */
#ifndef WORKER_CONTROL_H
#define WORKER_CONTROL_H

#include <stdint.h>

#include "lns.h"
#include "wall.h"

struct app;
struct control;

/* Takes the listening descriptor, also on failure. NULL when memory is short. */
struct control *control_new(struct app *app, int fd);
/* No new clients from now on; those that are there get their answers. */
void control_close(struct control *control);
void control_free(struct control *control);

/* The keeper's answers; what nobody waits for any more is dropped. */
void control_sa_count(struct control *control, const struct wall_sa_count *count);
void control_sa_end(struct control *control, uint32_t ask);
/* WALL_BAN_DONE */
void control_ban_done(struct control *control, const struct wall_text *text);
/* WALL_CHANGE, WALL_RELOADED */
void control_change(struct control *control, const struct wall_change *change);
void control_reloaded(struct control *control, const struct wall_text *text);

/* What became of a session: for who waits for the call to be placed. `text` says more than the
 * cause, or is empty. */
void control_call_up(struct control *control, struct lns_ref ref);
void control_call_over(struct control *control, struct lns_ref ref, enum cause cause,
		       const char *text);

#endif
