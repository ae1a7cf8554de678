/*
 * Clients as they are, in bytes: what each sends, in which shape, when it waits, what it never
 * answers and how it goes. The facts are data (clients.c); the machine (client.c) is not the
 * project's own, for a real client's is not either.
 */
#ifndef SIM_CLIENT_H
#define SIM_CLIENT_H

#include "lns.h"

/* What stands for a number that is known only later. */
enum client_value { VALUE_BYTES, VALUE_TID, VALUE_SID, VALUE_RESPONSE };

/* One AVP: the flags above its length (0x8000: M), what follows the header. */
struct client_avp {
	uint16_t flags, vendor, attr;
	enum client_value value;
	const char *bytes;
	size_t len;
	size_t false_length; /* 0, or what its header says against the truth */
};

#define CLIENT_AVPS 16

struct client_message {
	unsigned type;
	struct client_avp avp[CLIENT_AVPS]; /* after the Message Type; up to attr 0 */
};

/* How it goes. */
enum client_leaving { LEAVE_CDN_STOPCCN, LEAVE_STOPCCN, LEAVE_VANISH };

struct client_facts {
	const char *name;
	const char *guess;   /* what lns_tunnel_info.client says */
	uint16_t port;	     /* its own */
	uint16_t window;     /* how many of ours it takes ahead */
	unsigned sessions;   /* in its tunnel */
	mstime_t again, cap; /* its retransmissions: the first interval, and the longest */
	unsigned tries;
	mstime_t hello;	    /* between its own HELLOs; 0: sends none */
	bool deaf_to_hello; /* takes none, and acknowledges none */
	bool waits;	    /* ICRQ only when SCCCN is acknowledged, data only when ICCN is */
	bool strict;	 /* takes only plain headers, Message Type first with M, Nr all its own */
	mstime_t renews; /* its SA */
	const char *secret; /* or NULL */
	enum client_leaving leaving;
	struct client_message sccrq, scccn, icrq, iccn, cdn, stopccn;
};

extern const struct client_facts client_facts[];
extern const size_t client_count;

struct client;

/* Bytes leave by this. */
typedef void client_send_fn(void *ctx, const uint8_t *bytes, size_t len);

struct client *client_new(const struct client_facts *facts, client_send_fn *send, void *ctx);
void client_free(struct client *c);

/* Dials, anew when it had a tunnel: with other ids. */
void client_dial(struct client *c, mstime_t now);
void client_input(struct client *c, mstime_t now, const uint8_t *bytes, size_t len);
void client_tick(struct client *c, mstime_t now);
mstime_t client_deadline(const struct client *c);
/* One frame on each session. */
void client_talk(struct client *c, mstime_t now);
void client_leave(struct client *c, mstime_t now);

/* All its sessions are connected, as far as it knows. */
bool client_is_up(const struct client *c);
/* Frames that it got; what it was sent that it cannot take, or NULL. */
unsigned client_frames(const struct client *c);
const char *client_complaint(const struct client *c);

#endif
