/* What lnsd writes for libreswan. Pure. */
#ifndef KEEPER_IPSEC_FILES_H
#define KEEPER_IPSEC_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "conf.h"
#include "pluto.h"

#define IPSEC_TEXT_MAX 32768
#define IPSEC_PSK_MAX 256

/* What keeps libreswan from refusing a second client of the same public address. */
enum ipsec_apart {
	IPSEC_APART_NOTHING, /* nothing does, or the marks are the IKE daemon's own affair */
	IPSEC_APART_MARK,    /* mark=-1: a mark of its own for the policies of each instance */
	IPSEC_APART_OVERLAP  /* overlapip=yes: their policies replace each other */
};

struct ipsec_proposals {
	char ike[1024], esp[1024]; /* supported ones only */
};

struct ipsec_plan {
	struct pluto_version version;
	struct conf_addr addrs[PLUTO_ADDRS_MAX];
	size_t count;
	uint16_t port;
	enum ipsec_apart apart;
	bool psk;		 /* conns by pre-shared key */
	const char *certificate; /* and by this certificate's; NULL: none */
	time_t cert_from, cert_until;
	bool ikev2; /* each of them for IKEv2, too */
	struct ipsec_proposals v1, v2;
};

/* What the version is known to do, until it has been tried. */
enum ipsec_apart ipsec_apart_guess(const struct pluto_version *version);

/* The conns of a plan. */
struct pluto_conns ipsec_conns_of(const struct ipsec_plan *plan);

/* /etc/ipsec.d/lnsd.conf; false when it does not fit. */
bool ipsec_conf_text(char *out, size_t cap, const struct ipsec_plan *plan);

/* Those of its conns that another text of such a file has to the letter, with all that they share:
 * loading these anew would end their clients' SAs for nothing. */
struct pluto_conns ipsec_conns_alike(const struct ipsec_plan *plan, const char *text,
				     const char *other);

/* A conn of its own to try `apart` with: any peer may come to the loopback address, nobody gets
 * through. Returns `out`. */
#define IPSEC_PROBE_CONN "lnsd-probe"
const char *ipsec_probe_text(char *out, size_t cap, const struct pluto_version *version,
			     enum ipsec_apart apart);

/* Takes the key out of the psk file's text: its first line. On false *why says what is wrong. */
bool ipsec_psk_parse(char psk[IPSEC_PSK_MAX], const char *text, const char **why);

/* /etc/ipsec.d/lnsd.secrets, of an empty key without one; false when it does not fit. */
bool ipsec_secrets_text(char *out, size_t cap, const char *psk);

#endif
