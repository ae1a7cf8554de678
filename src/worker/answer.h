/* The answers to control requests, as JSON documents (ctl.h). */
#ifndef WORKER_ANSWER_H
#define WORKER_ANSWER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "wall.h"
#include "worker/request.h"

struct app;
struct sa_counts;

/* The mark whose SAs are to be counted before the answer is made; 0: none. */
uint32_t answer_wants_count(const struct app *app, const struct request *request);

/* Does what is asked (all verbs but those that wait for somebody: VERB_RELOAD, VERB_RELOAD_USERS,
 * VERB_BAN, VERB_UNBAN, VERB_DIAL, VERB_TRACE) and gives the whole answer; NULL when memory is
 * short. */
json_t *answer_request(struct app *app, const struct request *request,
		       const struct sa_counts *counts);

/* The answer to a VERB_DIAL whose call is connected. */
json_t *answer_call(const struct request *request, struct lns_ref ref);
/* The answer to what was done, in words. */
json_t *answer_done(const char *text);
/* The answer to a reload from what the keeper told, which stays the caller's. */
json_t *answer_reload(bool ok, const struct request *request, json_t *changes, json_t *lines);
/* One of its changes. */
json_t *answer_change(const struct wall_change *change);
/* {"ok": false, "error": text} */
json_t *answer_refused(const char *text);

/* Somebody's text as a JSON string, escaped where it is not plain UTF-8; NULL: null. */
json_t *answer_text(const char *text);

#endif
