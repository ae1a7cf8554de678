/* One question to the daemon (include/ctl.h). */
#ifndef LNSCTL_CLIENT_H
#define LNSCTL_CLIENT_H

#include <jansson.h>

#include "lnsctl/lnsctl.h"

/* How long the daemon may take to take the connection, and to say something. */
#define CLIENT_CONNECT_MS 5000
#define CLIENT_SILENCE_MS 30000
#define CLIENT_ANSWER_MAX (256u << 20)

struct answer {
	enum exit_code code;
	json_t *data;	 /* CODE_DONE: what the daemon sent; the caller's */
	char error[512]; /* else: a sentence with the fix */
};

/* A request as it stands in ctl.h, which it takes. The daemon may be silent for so long. */
void client_request(const struct settings *settings, json_t *request, int silence_ms,
		    struct answer *answer);
/* The same in two steps, for who reads the answer himself: sends the request, which it takes, and
 * gives the connection; -1: *answer says why not. */
int client_open(const struct settings *settings, json_t *request, struct answer *answer);
/* An answer that has come: all of it, or the first line of one without an end. */
void client_read(struct answer *answer, const char *text, size_t len);

/* One of a verb and its argument, which may be NULL. */
void client_ask(const struct settings *settings, const char *verb, const char *arg,
		struct answer *answer);

/* The same; says the error on standard error. Gives the data (the caller's) or NULL with *code. */
json_t *client_fetch(const struct settings *settings, const char *verb, const char *arg,
		     enum exit_code *code);

#endif
