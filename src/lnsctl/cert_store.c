#include "lnsctl/cert_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lnsctl/lnsctl.h"

#define LOCK_TRIES 50
#define LOCK_PAUSE_MS 100

static bool
take_folder(struct cert_store *store, const char *folder)
{
	*store = (struct cert_store){.lock = -1};
	if (folder[0] && strlen(folder) < sizeof(store->folder)) {
		memcpy(store->folder, folder, strlen(folder) + 1);
		return true;
	}
	complain("--folder: '%.60s' is no folder", folder);
	return false;
}

static bool
keep_others_out(struct cert_store *store)
{
	int tries = 0;

	store->lock = open(store->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (store->lock >= 0 && flock(store->lock, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK || ++tries == LOCK_TRIES) {
			complain("%s: somebody else is changing the certificates", store->folder);
			return false;
		}
		poll(NULL, 0, LOCK_PAUSE_MS);
	}
	if (store->lock < 0)
		complain("%s: cannot be opened: %s%s", store->folder, strerror(errno),
			 errno == EACCES ? " (run this as root)" : "");
	return store->lock >= 0;
}

static FILE *
open_file(const struct cert_store *store, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", store->folder, name);
	return fopen(path, "re");
}

static X509 *
read_cert(const struct cert_store *store, const char *name)
{
	FILE *file = open_file(store, name);
	X509 *cert = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;

	if (file)
		fclose(file);
	return cert;
}

static EVP_PKEY *
read_key(const struct cert_store *store)
{
	FILE *file = open_file(store, "ca.key");
	/* one with a password is not ours: nobody is asked for it */
	EVP_PKEY *key = file ? PEM_read_PrivateKey(file, NULL, NULL, (void *)"") : NULL;

	if (file)
		fclose(file);
	return key;
}

static X509_CRL *
read_crl(const struct cert_store *store)
{
	FILE *file = open_file(store, "ca.crl");
	X509_CRL *crl = file ? d2i_X509_CRL_fp(file, NULL) : NULL;

	if (file)
		fclose(file);
	return crl;
}

static bool
read_ca(struct cert_store *store, bool edit)
{
	store->ca = read_cert(store, "ca.pem");
	if (!store->ca && errno == ENOENT) {
		complain("there is no CA in %s: lnsctl cert ca makes one", store->folder);
		return false;
	}
	if (!store->ca || !cert_read(&store->facts, store->ca)) {
		complain("%s/ca.pem cannot be read%s", store->folder,
			 errno == EACCES ? ": run this as root" : "");
		return false;
	}
	store->crl = read_crl(store);
	if (!store->crl) {
		complain("%s/ca.crl cannot be read: nobody knows who is revoked", store->folder);
		return false;
	}
	if (!edit)
		return true;
	store->key = read_key(store);
	if (!store->key || X509_check_private_key(store->ca, store->key) != 1)
		complain("%s/ca.key is not the CA's key, or cannot be read", store->folder);
	return store->key && X509_check_private_key(store->ca, store->key) == 1;
}

static int
compare(const void *a, const void *b)
{
	const struct cert_entry *one = a, *other = b;
	int names = strcmp(one->facts.name, other->facts.name);

	if (names)
		return names;
	return one->facts.until < other->facts.until   ? 1
	       : one->facts.until > other->facts.until ? -1
						       : 0;
}

static bool
keep(struct cert_store *store, X509 *cert)
{
	struct cert_entry *more, entry = {.cert = cert};

	if (!cert_read(&entry.facts, cert) || store->count == CERTS_MAX)
		return false;
	if ((store->count & (store->count - 1)) == 0) {
		more = realloc(store->entries,
			       (store->count ? 2 * store->count : 1) * sizeof(*more));
		if (!more)
			return false;
		store->entries = more;
	}
	entry.revoked = cert_revoked(store->crl, cert);
	store->entries[store->count++] = entry;
	return true;
}

static bool
read_issued(struct cert_store *store)
{
	char path[PATH_MAX];
	struct dirent *found;
	DIR *dir;
	bool ok = true;

	snprintf(path, sizeof(path), "%s/issued", store->folder);
	dir = opendir(path);
	while (dir && ok && (found = readdir(dir))) {
		const char *end = strrchr(found->d_name, '.');
		char name[sizeof("issued/") + sizeof(found->d_name)];
		X509 *cert;

		/* what an interrupted one of us has left ends otherwise */
		if (!end || strcmp(end, ".pem") != 0)
			continue;
		snprintf(name, sizeof(name), "issued/%s", found->d_name);
		cert = read_cert(store, name);
		ok = cert && keep(store, cert);
		if (!ok) {
			complain("%s/%s cannot be read", store->folder, name);
			X509_free(cert);
		}
	}
	if (dir)
		closedir(dir);
	else
		complain("%s: cannot be opened: %s", path, strerror(errno));
	if (store->count)
		qsort(store->entries, store->count, sizeof(store->entries[0]), compare);
	return dir && ok;
}

bool
cert_store_open(struct cert_store *store, const char *folder, bool edit)
{
	if (!take_folder(store, folder))
		return false;
	/* before it is read: what somebody else revokes meanwhile must not be forgotten */
	if (edit && access(store->folder, F_OK) == 0 && !keep_others_out(store))
		return false;
	errno = 0;
	return read_ca(store, edit) && read_issued(store);
}

static bool
make_folder(const char *path, bool *made)
{
	*made = mkdir(path, 0700) == 0;
	if (*made || errno == EEXIST)
		return true;
	complain("%s: cannot be made: %s%s", path, strerror(errno),
		 errno == EACCES ? " (run this as root)" : "");
	return false;
}

bool
cert_store_found(struct cert_store *store, const char *folder)
{
	char path[PATH_MAX];

	if (!take_folder(store, folder))
		return false;
	snprintf(path, sizeof(path), "%s/issued", store->folder);
	if (!make_folder(store->folder, &store->made) || !make_folder(path, &store->made_issued) ||
	    !keep_others_out(store)) {
		cert_store_abandon(store);
		return false;
	}
	snprintf(path, sizeof(path), "%s/ca.pem", store->folder);
	if (access(path, F_OK) == 0) {
		complain("there is a CA in %s already: what it has signed would count no longer. "
			 "Move the folder away to begin anew",
			 store->folder);
		return false;
	}
	return true;
}

void
cert_store_abandon(const struct cert_store *store)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/issued", store->folder);
	if (store->made_issued)
		rmdir(path);
	if (store->made)
		rmdir(store->folder);
}

void
cert_store_close(struct cert_store *store)
{
	for (size_t i = 0; i < store->count; i++)
		X509_free(store->entries[i].cert);
	free(store->entries);
	X509_free(store->ca);
	EVP_PKEY_free(store->key);
	X509_CRL_free(store->crl);
	if (store->lock >= 0)
		close(store->lock);
}

const struct cert_entry *
cert_store_find(const struct cert_store *store, const char *name, time_t now)
{
	for (size_t i = 0; i < store->count; i++) {
		const struct cert_entry *entry = &store->entries[i];

		if (!entry->revoked && entry->facts.until > now &&
		    strcmp(entry->facts.name, name) == 0)
			return entry;
	}
	return NULL;
}
