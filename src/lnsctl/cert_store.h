/*
 * The CA's folder: its key (ca.key), its certificate (ca.pem), the list of those that it has
 * revoked (ca.crl), and each certificate that it has signed (issued/SERIAL.pem). That is all there
 * is of memory: there is no index that could say something else than the certificates do.
 */
#ifndef LNSCTL_CERT_STORE_H
#define LNSCTL_CERT_STORE_H

#include <limits.h>
#include <openssl/types.h>
#include <stdbool.h>
#include <sys/types.h>

#include "lnsctl/cert_make.h"
#include "lnsctl/whole.h"

#define CERTS_MAX 100000

struct cert_entry {
	X509 *cert;
	struct cert_facts facts;
	bool revoked;
};

struct cert_store {
	char folder[PATH_MAX - 512];
	int lock;		/* a descriptor of the folder, or -1 */
	bool made, made_issued; /* by us, and just now: the folder and the one in it */
	X509 *ca;
	EVP_PKEY *key; /* NULL when it was opened to be looked at only */
	X509_CRL *crl;
	struct cert_facts facts;    /* the CA's */
	struct cert_entry *entries; /* by name, then the one that ends last first */
	size_t count;
};

/* Reads the CA and what it has signed; with `edit` its key, too, and keeps others out until
 * cert_store_close(). False: it has been said why. */
bool cert_store_open(struct cert_store *store, const char *folder, bool edit);
/* Makes the folder for a CA that is not there yet; the caller fills in ca, key and crl, and writes
 * them. False when there is one, or no folder can be made, which has been said. */
bool cert_store_found(struct cert_store *store, const char *folder);
/* Removes the folders that cert_store_found() has made. */
void cert_store_abandon(const struct cert_store *store);
void cert_store_close(struct cert_store *store);

/* The newest one of this name that is neither revoked nor over at `now`; NULL: none. */
const struct cert_entry *cert_store_find(const struct cert_store *store, const char *name,
					 time_t now);

/* Bytes that become a file. */
struct cert_file {
	struct whole file;
	mode_t mode;
	unsigned char *bytes; /* cert_files_fini() wipes and frees them */
	size_t len;
};

#define CERT_FILES_MAX 3
/* Zero-initialise. */
struct cert_files {
	struct cert_file list[CERT_FILES_MAX];
	size_t count;
	bool broken; /* one could not be added: memory is short */
};

/* Each adds a file; the path is made as printf does. */
void cert_files_add_cert(struct cert_files *files, X509 *cert, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void cert_files_add_key(struct cert_files *files, EVP_PKEY *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void cert_files_add_crl(struct cert_files *files, X509_CRL *crl, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void cert_files_add_bundle(struct cert_files *files, PKCS12 *bundle, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Writes them all beside their places, and then, in their order, puts them in place; no signal can
 * come in between. False when one cannot be written, which has been said: all are as they were. */
bool cert_files_put(struct cert_files *files);
void cert_files_fini(struct cert_files *files);

#endif
