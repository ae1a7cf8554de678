/* All that can be measured, from the app's state: a table of metrics, in Prometheus' text format.
 */
#ifndef WORKER_METRICS_H
#define WORKER_METRICS_H

#include <stddef.h>

struct app;

/* The caller's to free; NULL when memory is short. */
char *metrics_text(struct app *app, size_t *len);

#endif
