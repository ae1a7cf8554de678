/* Certificates and what belongs to them, made with OpenSSL in memory: keys, a CA, what it signs,
 * its list of revoked ones, a client's bundle. No files. */
#ifndef LNSCTL_CERT_MAKE_H
#define LNSCTL_CERT_MAKE_H

#include <openssl/pkcs12.h>
#include <stdbool.h>
#include <time.h>

enum cert_kind { CERT_CA, CERT_SERVER, CERT_CLIENT };

#define CERT_NAME_MAX 65    /* a common name has 64 characters at most */
#define CERT_NAMES_MAX 1024 /* "DNS:gw.example.org, IP:192.0.2.1" */
#define CERT_SERIAL_MAX 41  /* in hex */
#define CERT_ENDING_DAYS 30

/* What a certificate says. */
struct cert_facts {
	enum cert_kind kind;
	char name[CERT_NAME_MAX]; /* its common name, which is its nickname, too */
	char names[CERT_NAMES_MAX];
	char serial[CERT_SERIAL_MAX];
	time_t from, until;
	int bits;
};

/* What is wished for. */
struct cert_plan {
	enum cert_kind kind;
	const char *name;
	const char *names; /* of cert_names(); "" for a CA */
	int days, bits;
};

/* Letters, digits and ._@+-, none of these in front: what ipsec.certificate and every tool's
 * command line take. */
bool cert_name_ok(const char *name);

/* "gw.example.org,192.0.2.1,a@example.org" as the subjectAltName that says so. False for what is no
 * host name, address or mail address, which `bad` points to then. */
bool cert_names(char names[CERT_NAMES_MAX], const char *list, char bad[CERT_NAME_MAX]);

/* RSA, which is all that IKEv1 knows. NULL when it cannot be made. */
EVP_PKEY *cert_make_key(int bits);

/* A certificate for `key`, signed by the CA's, or by itself where `ca` is NULL. It ends with its CA
 * at the latest. NULL when it cannot be made. */
X509 *cert_make(const struct cert_plan *plan, EVP_PKEY *key, X509 *ca, EVP_PKEY *ca_key,
		time_t now);

/* The list before (NULL: none) and these certificates, which count as revoked from now on. NULL
 * when it cannot be made. */
X509_CRL *cert_make_crl(X509_CRL *before, X509 *const revoked[], size_t count, X509 *ca,
			EVP_PKEY *ca_key, time_t now);

/* Key and certificate, with the CA's unless that is NULL, under the certificate's name; readable by
 * old systems, too. NULL when it cannot be made. */
PKCS12 *cert_make_bundle(EVP_PKEY *key, X509 *cert, X509 *ca, const char *password);

/* False for what none of ours says: no common name, no validity. */
bool cert_read(struct cert_facts *facts, X509 *cert);
bool cert_revoked(X509_CRL *crl, X509 *cert);

#endif
