/* What libreswan knows of certificates: its NSS database, changed by NSS's own tools while pluto
 * runs, and its live connections. Everything here can be done again. Waits for other programs. */
#ifndef LNSCTL_CERT_NSS_H
#define LNSCTL_CERT_NSS_H

#include <stdbool.h>

#define CERT_NSS_PATH 256

struct cert_nss {
	char ipsec[CERT_NSS_PATH], database[CERT_NSS_PATH]; /* "sql:DIR" */
	char certutil[CERT_NSS_PATH], pk12util[CERT_NSS_PATH], crlutil[CERT_NSS_PATH];
};

/* Each gives false when it could not be done, which has been said. */

bool cert_nss_open(struct cert_nss *nss);
/* A CA whose certificates are trusted. */
bool cert_nss_trust(const struct cert_nss *nss, const char *file, const char *nickname);
/* A certificate with its key, under its own name, beside older ones of this name. */
bool cert_nss_import(const struct cert_nss *nss, const char *file, const char *password_file);
/* pluto refuses this certificate from the next login on. */
bool cert_nss_distrust(const struct cert_nss *nss, const char *file, const char *nickname);
/* The CA's list of revoked certificates, which pluto reads anew within a minute. */
bool cert_nss_take_crl(const struct cert_nss *nss, const char *file);

/* Ends the connections of whoever has proved to be `identity`, in pluto's words: "CN=phone",
 * "@phone", "a@example.org". False when pluto does not answer: nobody is connected then. */
bool cert_nss_end(const struct cert_nss *nss, const char *identity);

#endif
