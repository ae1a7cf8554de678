/* The journal's lines about a session: one for each login, each refusal, each logout. */
#ifndef WORKER_JOURNAL_H
#define WORKER_JOURNAL_H

#include "mstime.h"
#include "worker/port.h"

void journal_login(const struct port *port);
/* A session that ends without ever having been up. */
void journal_refused(const struct port *port);
void journal_logout(const struct port *port, mstime_t now);

#endif
