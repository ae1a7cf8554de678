/*
 * Writing and loading libreswan's files, from beginning to end. Waits for other programs, so it
 * runs in a helper process (ipsec.c) or in `lnsd -t`, never in the keeper's loop.
 */
#ifndef KEEPER_IPSEC_LOAD_H
#define KEEPER_IPSEC_LOAD_H

#include <stdbool.h>

#include "conf.h"
#include "keeper/ipsec_files.h"
#include "nss.h"

#define IPSEC_CONF_FILE "/etc/ipsec.d/lnsd.conf"
#define IPSEC_SECRETS_FILE "/etc/ipsec.d/lnsd.secrets"
#define IPSEC_SECRETS_MAX (IPSEC_PSK_MAX + 256)

struct ipsec_outcome {
	bool loaded;	  /* every conn of ours is in pluto */
	bool psk_open;	  /* others than its owner may read the psk file */
	char version[32]; /* "4.10"; empty: no libreswan */
	char text[160];	  /* what keeps clients out, or empty */
	char fix[160];
	struct nss_cert certificate; /* good where none is configured */
	enum ipsec_apart apart;
	bool known;	     /* apart was tried with this version, not only guessed */
	uint64_t pluto_life; /* that it was last tried in */
};

/*
 * Asks libreswan's version and proposals, writes the two files if they differ (never one that pluto
 * would refuse), loads what is new, and tries once in a life of pluto what lets it take several
 * clients behind one NAT. Logs what it does. `before` is the outcome of the last time (zeros: there
 * was none), `marks` that of the start, as a reload cannot change it.
 */
void ipsec_load(struct ipsec_outcome *outcome, const struct ipsec_outcome *before,
		const struct conf *conf, enum conf_marks marks);

/* What ipsec_load() would write into the two files at the first time; nothing is written. `secrets`
 * has the key. False: outcome->text says why. */
bool ipsec_texts(struct ipsec_outcome *outcome, const struct conf *conf, char text[IPSEC_TEXT_MAX],
		 char secrets[IPSEC_SECRETS_MAX]);

/* Tries ipsec.ike and ipsec.esp, where given, and what the profile needs with `ipsec algparse`;
 * errors name what is refused. Nothing is found wrong where no libreswan is installed. */
void ipsec_check_proposals(const struct conf *conf, const char *file, struct conf_errors *errors);

#endif
