/* What the tests of src/conf share: a text in, a configuration or errors out. */
#ifndef CONF_FIXTURE_H
#define CONF_FIXTURE_H

#include "conf.h"

/* Of the last parse. */
extern struct conf_errors errors;

/* A checked fixture. */
void errors_begin(void);
void errors_end(void);

/* One file called t.conf. */
struct conf *parse_text(const char *text);
/* Fails the test unless the text is taken without an error. */
struct conf *take_text(const char *text);
/* Fails the test unless there is exactly one error, at this line and with this text. */
void refuse_text(const char *text, int line, const char *want);
/* A conf_diff_fn: a line for each change, behind what is in the text at ctx. */
void note_change(void *ctx, const char *section, const char *key, enum conf_live live,
		 const char *from, const char *to);

#endif
