/*
 * GET /metrics, by libevent's evhttp. Whoever asks, slowly, often or not at all, costs one of
 * SCRAPES_MAX places for SCRAPE_MS at most, and the text is made once a second at most.
 */
#ifndef WORKER_SCRAPE_H
#define WORKER_SCRAPE_H

struct app;
struct scrape;

#define SCRAPES_MAX 16 /* connections; the others wait in the backlog */
#define SCRAPE_MS 5000
#define SCRAPE_TEXT_MS 1000 /* for so long the text is good */

/* Takes the listening descriptor, also on failure. NULL when memory is short. */
struct scrape *scrape_new(struct app *app, int fd);
/* Connections that are there end. Before the loop is freed. */
void scrape_free(struct scrape *scrape);

#endif
