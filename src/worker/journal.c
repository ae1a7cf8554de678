/* See journal.h. */
#include "worker/journal.h"

#include <inttypes.h>
#include <string.h>

#include "log.h"
#include "worker/addr.h"

#define USER_TEXT 300 /* a name with some bytes escaped */

static const char *
user_text(char dst[USER_TEXT], const struct port *port)
{
	return log_escape(dst, USER_TEXT, port->user, strlen(port->user));
}

void
journal_login(const struct port *port)
{
	char user[USER_TEXT], address[ADDR_TEXT_MAX], peer[ADDR_TEXT_MAX];

	log_notice("login user=\"%s\" session=%u-%u address=%s peer=%s client=%s ifname=%s "
		   "setup_ms=%" PRId64
		   " serial=%u calling=\"%s\" called=\"%s\" tx_bps=%u rx_bps=%u",
		   user_text(user, port), port->ref.tid, port->ref.sid,
		   addr_ip4_text(address, port->address), addr_text(peer, &port->path.peer),
		   port->client, port->ifname, port->up_at - port->tunnel_at, port->call.serial,
		   port->call.calling, port->call.called, port->call.tx_speed, port->call.rx_speed);
}

void
journal_refused(const struct port *port)
{
	char user[USER_TEXT], peer[ADDR_TEXT_MAX];

	log_notice("refused user=\"%s\" session=%u-%u peer=%s cause=%s closed_by=%s text=\"%s\"",
		   user_text(user, port), port->ref.tid, port->ref.sid,
		   addr_text(peer, &port->path.peer), cause_name(port->end.cause),
		   closed_by_name(port->end.by),
		   port->end.text[0] ? port->end.text : cause_text(port->end.cause));
}

void
journal_logout(const struct port *port, mstime_t now)
{
	char user[USER_TEXT], address[ADDR_TEXT_MAX], peer[ADDR_TEXT_MAX];

	log_notice("logout user=\"%s\" session=%u-%u address=%s peer=%s duration_s=%" PRId64
		   " rx_bytes=%" PRIu64 " tx_bytes=%" PRIu64 " cause=%s closed_by=%s text=\"%s\"",
		   user_text(user, port), port->ref.tid, port->ref.sid,
		   addr_ip4_text(address, port->address), addr_text(peer, &port->path.peer),
		   (now - port->up_at) / 1000, port->counters.rx_bytes, port->counters.tx_bytes,
		   cause_name(port->end.cause), closed_by_name(port->end.by),
		   port->end.text[0] ? port->end.text : cause_text(port->end.cause));
}
