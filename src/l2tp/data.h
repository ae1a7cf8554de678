/* Data messages (RFC 2661 §3.1, §5.4) in both directions. */
#ifndef L2TP_DATA_H
#define L2TP_DATA_H

#include "l2tp/header.h"
#include "l2tp/session.h"

/* A data message that came along the tunnel's path; see lns_input(). */
enum lns_verdict data_input(struct lns *lns, struct tunnel *t, const struct l2tp_header *h,
			    struct lns_data *data);
/* What has waited for its turn long enough gets it; sets the session's timer again. */
void data_expire(struct lns *lns, struct session *s);
/* True when the session's data messages carry numbers now. */
bool data_is_numbered(const struct session *s);

#endif
