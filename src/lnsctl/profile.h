/*
 * Ready settings for a client: what it has to know, and a table of the systems that they can be
 * written for. A writer fills a text from a profile and knows nothing of files and options.
 */
#ifndef LNSCTL_PROFILE_H
#define LNSCTL_PROFILE_H

#include <jansson.h>
#include <stdbool.h>

#include "conf.h"
#include "grant.h"
#include "lnsctl/profile_text.h"

/* Without --secrets, or where nobody knows them: what stands in their places, or is asked for. */
#define PROFILE_NO_KEY "PRE-SHARED-KEY"
#define PROFILE_NO_PASSWORD "PASSWORD"

struct profile {
	const char *server; /* the name or address that clients use */
	const char *user;
	const char *key;      /* the pre-shared key, or NULL */
	const char *password; /* or NULL */
	bool otp; /* the user types a code behind the password, which is never the same */
	const struct conf *conf;
};

typedef void profile_writer(const struct profile *profile, struct profile_text *text);

profile_writer profile_write_windows;
profile_writer profile_write_apple;
profile_writer profile_write_android;
profile_writer profile_write_networkmanager;
profile_writer profile_write_routeros;
profile_writer profile_write_strongswan;

/* A system; its name is a word of the command line. */
struct profile_os {
	const char *name, *suffix;
	const char *client; /* its name in reach.h, or NULL */
	profile_writer *write;
	bool qr;	      /* a telephone's camera can read the text */
	bool ipv4;	      /* its L2TP knows no IPv6 outside */
	const char *notes[6]; /* what its user has to do, and what cannot work; ends with NULL */
};

/* The i-th, or NULL past the last. */
const struct profile_os *profile_os_at(size_t i);
/* By name; says on standard error when there is none. */
const struct profile_os *profile_os_find(const char *name);

/* The notes for this profile, as texts: those of the system, then what is special here. */
json_t *profile_notes(const struct profile_os *os, const struct profile *profile);

/* "VPN vpn.example.org": what clients show, with a name or address behind that has nothing to be
 * quoted. */
#define PROFILE_TITLE "VPN %s"

/* A UUID that follows from the bytes, always the same one (RFC 9562 §5.3). */
#define PROFILE_UUID_MAX 37
void profile_uuid(char uuid[PROFILE_UUID_MAX], const char *kind, const char *bytes, size_t len);

/* Whether the client keeps its own way to the Internet and sends only network.routes into the
 * session. */
bool profile_is_split(const struct profile *profile);
/* The i-th of network.routes that is IPv4, as text in `out`, or NULL past the last. */
const char *profile_route(const struct profile *profile, size_t i, char out[GRANT_TEXT_MAX]);

#endif
