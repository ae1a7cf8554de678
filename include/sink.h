/* Where the log goes: standard error (src/os/sink.c). */
#ifndef SINK_H
#define SINK_H

#include <stddef.h>

#include "log.h"

/*
 * Lines go to standard error from now on. Where that is the journal they have a "<n>" priority in
 * front, and events go to the journal's own socket, each with its fields as LNSD_USER=…: it is
 * opened here because the worker cannot open it later.
 */
void sink_open(void);

/* More than all fields of an event together. */
#define SINK_EVENT_MAX 8192
/*
 * An event in the journal's protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): a field a line. A field
 * without a value, or for which there is no room, is left out. Gives the length.
 */
size_t sink_event_bytes(char out[SINK_EVENT_MAX], enum log_level level, const char *line,
			const char *event, const struct log_field *fields, size_t count);

#endif
