/* Datagrams that go no further: counted, logged a few at a time, and told to the keeper where it
 * may shut out who sent them. */
#ifndef WORKER_DROP_H
#define WORKER_DROP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lns.h"

struct app;

/* Not from a client through its SA: it touches no state. */
void drop_unprotected(struct app *app, const struct lns_path *path);

/* Of who is shut out, what may open a tunnel: a control message without a Tunnel ID. Those that
 * others have, behind the same NAT, go on. True when it goes no further. */
bool drop_banned(struct app *app, const struct lns_path *path, const uint8_t *bytes, size_t len);

/* Was it for a tunnel, but by another path or under another SA's mark? The core has counted it. */
void drop_stray(struct app *app, const struct lns_path *path);

/*
 * Was it broken? That counts when it came through a client's SA: without one anybody can send it in
 * anybody's name. One of each turn is told to the keeper, so that a flood does not become another.
 */
void drop_malformed(struct app *app, const struct lns_path *path);
/* At the end of a turn. */
void drop_tell(struct app *app);

#endif
