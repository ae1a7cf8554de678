/* The core's settings for a configuration. */
#ifndef WORKER_SETTINGS_H
#define WORKER_SETTINGS_H

#include <stdbool.h>

#include "conf.h"
#include "lns.h"

/* `machine` is the host name where the configuration gives none. False when memory is short. Free
 * with settings_free() when the core has copied it: it holds secrets. */
bool settings_make(struct lns_conf *settings, const struct conf *conf, const char *machine);
void settings_free(struct lns_conf *settings);

#endif
