/* Data messages (RFC 2661 §3.1, §5.4): the header in both directions. */
#ifndef L2TP_DATA_H
#define L2TP_DATA_H

#include "l2tp/session.h"

/* A header taken apart; control and data. */
struct l2tp_header {
	bool control, has_length, has_sequence;
	uint16_t tid, sid, ns, nr;
	const uint8_t *body; /* what follows, without padding after Length and without the offset */
	size_t len;
};

/*
 * False for what is not L2TPv2, lies about its length, or is a control message without both Length
 * and sequence numbers (§3.1). Bytes after Length are cut off.
 */
bool header_read(struct l2tp_header *h, const uint8_t *bytes, size_t len);

/* A data message that came along the tunnel's path; see lns_input(). */
enum lns_verdict data_input(struct lns *lns, struct tunnel *t, const struct l2tp_header *h,
			    struct lns_data *data);
/* What has waited for its turn long enough gets it; sets the session's timer again. */
void data_expire(struct lns *lns, struct session *s);
/* True when the session's data messages carry numbers now. */
bool data_is_numbered(const struct session *s);

#endif
