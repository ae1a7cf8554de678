/*
 * The certificate that libreswan answers with (src/os): it lives in libreswan's NSS database, and
 * certutil is asked for it. Waits for other programs.
 */
#ifndef NSS_H
#define NSS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum nss_state {
	NSS_GOOD,
	NSS_ENDING, /* within 30 days */
	NSS_BAD,    /* libreswan takes it no more: not there, without its key, not valid now */
	NSS_UNKNOWN /* it could not be looked at: not by this user, or not without certutil */
};

struct nss_cert {
	enum nss_state state;
	char text[160];	    /* what was found, in any state */
	char fix[160];	    /* what to do; empty when it is good */
	time_t from, until; /* tell it from the one that it is renewed by; 0: not known */
};

/* What `now` (seconds since 1970) is to be thought of the certificate of this nickname. `ipsec` is
 * the path of libreswan's program, which says where the database is. */
void nss_look(struct nss_cert *cert, const char *ipsec, const char *nickname, time_t now);

/* Where libreswan's certificates are, "sql:DIR", as it says itself; false when it does not. */
bool nss_database(char *database, size_t cap, const char *ipsec);

/* libreswan takes it, as far as is known. */
bool nss_usable(const struct nss_cert *cert);

/* The nickname's line of `certutil -L`: false when it is another's. *key: the private key is there,
 * too. Pure. */
bool nss_read_row(const char *line, const char *nickname, bool *key);
/* A line of `certutil -L -n NICKNAME`: "Not Before: …" or "Not After : …", in GMT. False for any
 * other line. Pure. */
bool nss_read_time(const char *line, bool *after, time_t *when);

#endif
