/* Files of the CA and of its clients: bytes that are put in place together. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lnsctl/cert_store.h"
#include "lnsctl/lnsctl.h"

/* A place for a file of these bytes. */
static void __attribute__((format(printf, 4, 0)))
add(struct cert_files *files, BIO *bytes, mode_t mode, const char *fmt, va_list args)
{
	struct cert_file *file = &files->list[files->count];
	char *start = NULL;
	long len = bytes ? BIO_get_mem_data(bytes, &start) : 0;
	int path_len;

	file->bytes = len > 0 ? malloc((size_t)len) : NULL;
	path_len = vsnprintf(file->file.path, sizeof(file->file.path), fmt, args);
	if (file->bytes && start && path_len > 0 && (size_t)path_len < sizeof(file->file.path)) {
		memcpy(file->bytes, start, (size_t)len);
		file->len = (size_t)len;
		file->mode = mode;
		files->count++;
	} else {
		free(file->bytes);
		files->broken = true;
	}
	BIO_free(bytes);
}

/* What was encoded, or nothing. */
static BIO *
encode(bool ok, BIO *bio)
{
	if (ok)
		return bio;
	BIO_free(bio);
	return NULL;
}

void
cert_files_add_cert(struct cert_files *files, X509 *cert, const char *fmt, ...)
{
	BIO *bio = BIO_new(BIO_s_mem());
	va_list args;

	va_start(args, fmt);
	add(files, encode(bio && PEM_write_bio_X509(bio, cert), bio), 0644, fmt, args);
	va_end(args);
}

void
cert_files_add_key(struct cert_files *files, EVP_PKEY *key, const char *fmt, ...)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	va_list args;

	va_start(args, fmt);
	add(files,
	    encode(bio && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), bio), 0600,
	    fmt, args);
	va_end(args);
}

void
cert_files_add_crl(struct cert_files *files, X509_CRL *crl, const char *fmt, ...)
{
	BIO *bio = BIO_new(BIO_s_mem());
	va_list args;

	va_start(args, fmt);
	add(files, encode(bio && i2d_X509_CRL_bio(bio, crl), bio), 0644, fmt, args);
	va_end(args);
}

void
cert_files_add_bundle(struct cert_files *files, PKCS12 *bundle, const char *fmt, ...)
{
	BIO *bio = BIO_new(BIO_s_mem());
	va_list args;

	va_start(args, fmt);
	add(files, encode(bio && bundle && i2d_PKCS12_bio(bio, bundle), bio), 0600, fmt, args);
	va_end(args);
}

/* Beside its place. 0 or an errno */
static int
prepare(struct cert_file *file)
{
	int fd = whole_begin(&file->file), error;

	if (fd < 0)
		return -fd;
	error = fchmod(fd, file->mode) < 0 ? errno : whole_write(fd, file->bytes, file->len);
	if (close(fd) < 0 && !error)
		error = errno;
	return error;
}

static int
put(struct cert_files *files, const char **path)
{
	int error = 0;

	for (size_t i = 0; i < files->count && !error; i++) {
		*path = files->list[i].file.path;
		error = prepare(&files->list[i]);
	}
	for (size_t i = 0; i < files->count && !error; i++) {
		*path = files->list[i].file.path;
		error = whole_place(&files->list[i].file);
	}
	for (size_t i = 0; i < files->count; i++) {
		if (error)
			whole_take_back(&files->list[i].file);
		else
			whole_done(&files->list[i].file);
	}
	return error;
}

bool
cert_files_put(struct cert_files *files)
{
	sigset_t all, before;
	const char *path = "";
	int error;

	if (files->broken) {
		complain("memory is short: nothing is changed");
		return false;
	}
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	error = put(files, &path);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (error)
		complain("%s: cannot be written: %s%s; nothing is changed", path, strerror(error),
			 error == EACCES || error == EPERM ? " (run this as root)" : "");
	return error == 0;
}

void
cert_files_fini(struct cert_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		OPENSSL_cleanse(files->list[i].bytes, files->list[i].len);
		free(files->list[i].bytes);
	}
	files->count = 0;
}
