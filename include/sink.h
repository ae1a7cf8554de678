/* Where the log goes: standard error (src/os/sink.c). */
#ifndef SINK_H
#define SINK_H

/* Lines go to standard error from now on; with a "<n>" priority in front where that is the journal.
 */
void sink_open(void);

#endif
