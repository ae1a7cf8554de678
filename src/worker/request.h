/* A request of the control socket: bytes to a verb and its argument. Pure: no socket, no state. */
#ifndef WORKER_REQUEST_H
#define WORKER_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lns.h"
#include "wall.h"

enum request_verb {
	VERB_STATUS,
	VERB_SESSIONS,
	VERB_TUNNELS,
	VERB_SHOW,
	VERB_DISCONNECT,
	VERB_DIAL,
	VERB_DRAIN,
	VERB_RELOAD,
	VERB_BANS,
	VERB_BAN,
	VERB_UNBAN,
	VERB_RELOAD_USERS,
	VERB_MESSAGES,
	VERB_TRACE,
	VERB_TRAFFIC,
	VERB_COUNT
};

struct request {
	enum request_verb verb;
	char arg[256];	     /* UTF-8 without control bytes; empty where the verb takes none */
	char number[128];    /* the same; of VERB_DIAL */
	uint16_t tunnel;     /* of VERB_DIAL; 0: any */
	bool only_new;	     /* of VERB_DRAIN */
	uint32_t seconds;    /* of VERB_BAN; 0: as configured. Of VERB_RELOAD; 0: for good */
	enum reload_act act; /* of VERB_RELOAD */
	bool data;	     /* of VERB_TRACE */
};

/* One line without its newline. On false `why` (capacity cap) says what is wrong. */
bool request_parse(struct request *request, const char *line, size_t len, char *why, size_t cap);

/* The session's ID of ctl.h, "TID-SID". */
#define REQUEST_ID_MAX 12
const char *request_id_text(char dst[REQUEST_ID_MAX], struct lns_ref ref);

/* A tunnel's ID in decimal; 0 when the argument is none. */
uint16_t request_tunnel_id(const char *arg);

#endif
