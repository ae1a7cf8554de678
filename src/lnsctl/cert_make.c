#include "lnsctl/cert_make.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define SERIAL_BYTES 16
#define DAY_S (24L * 3600)
/* clients whose clock is behind */
#define SLACK_S 3600L

bool
cert_name_ok(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len < CERT_NAME_MAX && isalnum((unsigned char)name[0]) &&
	       strspn(name, LETTERS "._@+-") == len;
}

/* "DNS:", "IP:", "email:"; NULL for what is none of them. */
static const char *
kind_of_name(const char *name)
{
	unsigned char address[16];
	const char *at = strchr(name, '@');

	if (inet_pton(AF_INET, name, address) == 1 || inet_pton(AF_INET6, name, address) == 1)
		return "IP:";
	if (!isalnum((unsigned char)name[0]) && strncmp(name, "*.", 2) != 0)
		return NULL;
	if (at && strspn(name, LETTERS "._+-") == (size_t)(at - name) &&
	    strspn(at + 1, LETTERS ".-") == strlen(at + 1) && at[1])
		return "email:";
	return name[1 + strspn(name + 1, LETTERS ".-")] ? NULL : "DNS:";
}

bool
cert_names(char names[CERT_NAMES_MAX], const char *list, char bad[CERT_NAME_MAX])
{
	size_t len = 0;

	names[0] = '\0';
	for (;;) {
		int item = (int)strcspn(list, ",");
		char name[256];
		const char *kind;

		snprintf(name, sizeof(name), "%.*s", item, list);
		kind = kind_of_name(name);
		if (kind && item < (int)sizeof(name))
			len += (size_t)snprintf(names + len, CERT_NAMES_MAX - len, "%s%s%s",
						len ? ", " : "", kind, name);
		if (!kind || item >= (int)sizeof(name) || len >= CERT_NAMES_MAX) {
			snprintf(bad, CERT_NAME_MAX, "%.60s", name);
			return false;
		}
		list += item;
		if (!*list)
			return true;
		list += 1 + strspn(list + 1, " ");
	}
}

EVP_PKEY *
cert_make_key(int bits)
{
	return EVP_RSA_gen((unsigned)bits);
}

static bool
add_extension(X509 *cert, X509 *ca, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *extension;
	bool ok;

	X509V3_set_ctx(&ctx, ca, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = extension && X509_add_ext(cert, extension, -1);
	X509_EXTENSION_free(extension);
	return ok;
}

/* What each kind may do. Windows looks for serverAuth at the gateway and for clientAuth in its own
 * store; 1.3.6.1.5.5.8.2.2 is the older purpose for IKE, which some clients ask for. */
static const struct {
	int nid;
	const char *of[CERT_CLIENT + 1];
} extensions[] = {
	{NID_basic_constraints,
	 {"critical,CA:TRUE,pathlen:0", "critical,CA:FALSE", "critical,CA:FALSE"}},
	{NID_key_usage,
	 {"critical,keyCertSign,cRLSign", "critical,digitalSignature,keyEncipherment",
	  "critical,digitalSignature,keyEncipherment"}},
	{NID_ext_key_usage, {NULL, "serverAuth,1.3.6.1.5.5.8.2.2", "clientAuth,1.3.6.1.5.5.8.2.2"}},
	{NID_subject_key_identifier, {"hash", "hash", "hash"}},
	{NID_authority_key_identifier, {NULL, "keyid:always", "keyid:always"}},
};

static bool
add_extensions(X509 *cert, X509 *ca, const struct cert_plan *plan)
{
	for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
		const char *value = extensions[i].of[plan->kind];

		if (value && !add_extension(cert, ca, extensions[i].nid, value))
			return false;
	}
	return !plan->names[0] || add_extension(cert, ca, NID_subject_alt_name, plan->names);
}

/* Nobody guesses it, and no list has to be kept of those that were given away. */
static bool
set_serial(X509 *cert)
{
	unsigned char bytes[SERIAL_BYTES];
	BIGNUM *number;
	bool ok;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	bytes[0] = (bytes[0] & 0x7f) | 0x40;
	number = BN_bin2bn(bytes, sizeof(bytes), NULL);
	ok = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
	BN_free(number);
	return ok;
}

static bool
set_times(X509 *cert, X509 *ca, int days, time_t now)
{
	time_t from = now - SLACK_S, until = now + days * DAY_S;
	const ASN1_TIME *last = ca ? X509_get0_notAfter(ca) : NULL;

	if (!ASN1_TIME_set(X509_getm_notBefore(cert), from))
		return false;
	if (last && ASN1_TIME_cmp_time_t(last, until) < 0)
		return X509_set1_notAfter(cert, last) == 1;
	return ASN1_TIME_set(X509_getm_notAfter(cert), until) != NULL;
}

static bool
set_names(X509 *cert, X509 *ca, const char *name)
{
	X509_NAME *subject = X509_get_subject_name(cert);

	return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name,
					  -1, -1, 0) &&
	       X509_set_issuer_name(cert, X509_get_subject_name(ca));
}

X509 *
cert_make(const struct cert_plan *plan, EVP_PKEY *key, X509 *ca, EVP_PKEY *ca_key, time_t now)
{
	X509 *cert = X509_new();
	X509 *issuer = ca ? ca : cert;

	if (cert && X509_set_version(cert, X509_VERSION_3) && set_serial(cert) &&
	    set_times(cert, ca, plan->days, now) && set_names(cert, issuer, plan->name) &&
	    X509_set_pubkey(cert, key) && add_extensions(cert, issuer, plan) &&
	    X509_sign(cert, ca ? ca_key : key, EVP_sha256()) > 0)
		return cert;
	X509_free(cert);
	return NULL;
}

static bool
add_revoked(X509_CRL *crl, X509 *cert, const ASN1_TIME *when)
{
	X509_REVOKED *entry = X509_REVOKED_new();

	if (entry && X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(cert)) &&
	    X509_REVOKED_set_revocationDate(entry, (ASN1_TIME *)when) &&
	    X509_CRL_add0_revoked(crl, entry))
		return true;
	X509_REVOKED_free(entry);
	return false;
}

static bool
copy_revoked(X509_CRL *crl, X509_CRL *before)
{
	STACK_OF(X509_REVOKED) *entries = before ? X509_CRL_get_REVOKED(before) : NULL;

	for (int i = 0; i < sk_X509_REVOKED_num(entries); i++) {
		X509_REVOKED *entry = X509_REVOKED_dup(sk_X509_REVOKED_value(entries, i));

		if (!entry || !X509_CRL_add0_revoked(crl, entry)) {
			X509_REVOKED_free(entry);
			return false;
		}
	}
	return true;
}

/* NSS takes a list only when its number is not smaller than the one before. */
static bool
number_crl(X509_CRL *crl, X509_CRL *before, X509 *ca)
{
	ASN1_INTEGER *number =
		before ? X509_CRL_get_ext_d2i(before, NID_crl_number, NULL, NULL) : NULL;
	int64_t last = 0;
	X509_EXTENSION *key_id;
	X509V3_CTX ctx;
	bool ok;

	if (number && !ASN1_INTEGER_get_int64(&last, number))
		last = 0;
	ASN1_INTEGER_free(number);
	number = ASN1_INTEGER_new();
	X509V3_set_ctx(&ctx, ca, NULL, NULL, crl, 0);
	key_id = X509V3_EXT_conf_nid(NULL, &ctx, NID_authority_key_identifier, "keyid:always");
	ok = number && key_id && ASN1_INTEGER_set_int64(number, last + 1) &&
	     X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0) &&
	     X509_CRL_add_ext(crl, key_id, -1);
	ASN1_INTEGER_free(number);
	X509_EXTENSION_free(key_id);
	return ok;
}

X509_CRL *
cert_make_crl(X509_CRL *before, X509 *const revoked[], size_t count, X509 *ca, EVP_PKEY *ca_key,
	      time_t now)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *when = ASN1_TIME_set(NULL, now);
	bool ok = crl && when && X509_CRL_set_version(crl, X509_CRL_VERSION_2) &&
		  X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca)) &&
		  X509_CRL_set1_lastUpdate(crl, when) &&
		  /* an outdated list would be a fault of its own, and nobody fetches it */
		  X509_CRL_set1_nextUpdate(crl, X509_get0_notAfter(ca)) &&
		  copy_revoked(crl, before) && number_crl(crl, before, ca);

	for (size_t i = 0; ok && i < count; i++)
		ok = add_revoked(crl, revoked[i], when);
	ok = ok && X509_CRL_sort(crl) && X509_CRL_sign(crl, ca_key, EVP_sha256()) > 0;
	ASN1_TIME_free(when);
	if (ok)
		return crl;
	X509_CRL_free(crl);
	return NULL;
}

PKCS12 *
cert_make_bundle(EVP_PKEY *key, X509 *cert, X509 *ca, const char *password)
{
	STACK_OF(X509) *more = sk_X509_new_null();
	struct cert_facts facts;
	PKCS12 *bundle = NULL;
	/* Windows before 10 1709, macOS before 15, iOS and Android read nothing newer than 3DES and
	 * SHA-1 here: the password, which has 100 bits, makes up for it */
	int cipher = NID_pbe_WithSHA1And3_Key_TripleDES_CBC;

	if (more && (!ca || sk_X509_push(more, ca) > 0) && cert_read(&facts, cert))
		bundle = PKCS12_create(password, facts.name, key, cert, more, cipher, cipher,
				       PKCS12_DEFAULT_ITER, -1, 0);
	sk_X509_free(more);
	if (bundle &&
	    !PKCS12_set_mac(bundle, password, -1, NULL, 0, PKCS12_DEFAULT_ITER, EVP_sha1())) {
		PKCS12_free(bundle);
		bundle = NULL;
	}
	return bundle;
}

static time_t
read_time(const ASN1_TIME *text)
{
	struct tm tm;

	return ASN1_TIME_to_tm(text, &tm) ? timegm(&tm) : 0;
}

static enum cert_kind
read_kind(X509 *cert)
{
	if (X509_get_extension_flags(cert) & EXFLAG_CA)
		return CERT_CA;
	return X509_get_extended_key_usage(cert) & XKU_SSL_SERVER ? CERT_SERVER : CERT_CLIENT;
}

/* As cert_names() gives it. */
static void
read_names(char names[CERT_NAMES_MAX], X509 *cert)
{
	GENERAL_NAMES *list = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	size_t len = 0;

	names[0] = '\0';
	for (int i = 0; i < sk_GENERAL_NAME_num(list) && len < CERT_NAMES_MAX; i++) {
		int type;
		const ASN1_STRING *value =
			GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(list, i), &type);
		const char *text = (const char *)ASN1_STRING_get0_data(value);
		char address[INET6_ADDRSTRLEN] = "";
		int text_len = ASN1_STRING_length(value);

		if (type == GEN_IPADD) {
			inet_ntop(text_len == 4 ? AF_INET : AF_INET6, text, address,
				  sizeof(address));
			text = address;
			text_len = (int)strlen(address);
		} else if (type != GEN_DNS && type != GEN_EMAIL) {
			continue;
		}
		len += (size_t)snprintf(names + len, CERT_NAMES_MAX - len, "%s%s%.*s",
					len ? ", " : "",
					type == GEN_IPADD ? "IP:"
					: type == GEN_DNS ? "DNS:"
							  : "email:",
					text_len, text);
	}
	GENERAL_NAMES_free(list);
}

bool
cert_read(struct cert_facts *facts, X509 *cert)
{
	BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
	char *serial = number ? BN_bn2hex(number) : NULL;
	EVP_PKEY *key = X509_get0_pubkey(cert);

	memset(facts, 0, sizeof(*facts));
	facts->kind = read_kind(cert);
	facts->bits = key ? EVP_PKEY_get_bits(key) : 0;
	facts->from = read_time(X509_get0_notBefore(cert));
	facts->until = read_time(X509_get0_notAfter(cert));
	read_names(facts->names, cert);
	snprintf(facts->serial, sizeof(facts->serial), "%s", serial ? serial : "");
	OPENSSL_free(serial);
	BN_free(number);
	return X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, facts->name,
					 sizeof(facts->name)) > 0 &&
	       facts->serial[0] && facts->until > facts->from;
}

bool
cert_revoked(X509_CRL *crl, X509 *cert)
{
	X509_REVOKED *entry;

	return X509_CRL_get0_by_cert(crl, &entry, cert) == 1;
}
