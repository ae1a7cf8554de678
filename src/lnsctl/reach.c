/*
 * A proposal is three sets: encryption, integrity, group. A client and the gateway agree when one
 * of its offers and one of the configured proposals share something in each of the three.
 */
#include "lnsctl/reach.h"

#include <stdio.h>
#include <string.h>

#include "conf.h"

enum part { ENCRYPTION, INTEGRITY, GROUP, PART_COUNT };

#define AES128 0x01u
#define AES192 0x02u
#define AES256 0x04u
#define DES3 0x08u
#define GCM128 0x10u
#define GCM256 0x20u
#define MD5 0x01u
#define SHA1 0x02u
#define SHA256 0x04u
#define SHA384 0x08u
#define SHA512 0x10u
#define NONE 0x20u
#define DH2 0x01u
#define DH5 0x02u
#define DH14 0x04u
#define DH15 0x08u
#define DH16 0x10u
#define DH19 0x20u
#define DH20 0x40u
#define DH21 0x80u
#define DH31 0x100u
#define ANY (~0u)
/* what libreswan takes for IKEv1 when a proposal names no group */
#define DEFAULT_GROUPS (DH14 | DH5 | DH19 | DH31)

struct suite {
	unsigned part[PART_COUNT];
};

/* libreswan's words; one that is not here takes part in no agreement. */
static const struct {
	const char *name;
	enum part part;
	unsigned bits;
} words[] = {
	{"aes", ENCRYPTION, AES128 | AES192 | AES256},
	{"aes128", ENCRYPTION, AES128},
	{"aes192", ENCRYPTION, AES192},
	{"aes256", ENCRYPTION, AES256},
	{"aes_cbc", ENCRYPTION, AES128 | AES192 | AES256},
	{"aes_cbc128", ENCRYPTION, AES128},
	{"aes_cbc192", ENCRYPTION, AES192},
	{"aes_cbc256", ENCRYPTION, AES256},
	{"aes_128", ENCRYPTION, AES128},
	{"aes_192", ENCRYPTION, AES192},
	{"aes_256", ENCRYPTION, AES256},
	{"3des", ENCRYPTION, DES3},
	{"3des_cbc", ENCRYPTION, DES3},
	{"aes_gcm", ENCRYPTION, GCM128 | GCM256},
	{"aes_gcm128", ENCRYPTION, GCM128},
	{"aes_gcm256", ENCRYPTION, GCM256},
	{"aes_gcm_128", ENCRYPTION, GCM128},
	{"aes_gcm_256", ENCRYPTION, GCM256},
	{"aes_gcm_16", ENCRYPTION, GCM128 | GCM256},
	{"aes_gcm_c", ENCRYPTION, GCM128 | GCM256},
	{"aes_gcm_c_128", ENCRYPTION, GCM128},
	{"aes_gcm_c_256", ENCRYPTION, GCM256},
	{"md5", INTEGRITY, MD5},
	{"sha", INTEGRITY, SHA1},
	{"sha1", INTEGRITY, SHA1},
	{"sha2", INTEGRITY, SHA256},
	{"sha256", INTEGRITY, SHA256},
	{"sha2_256", INTEGRITY, SHA256},
	{"sha384", INTEGRITY, SHA384},
	{"sha2_384", INTEGRITY, SHA384},
	{"sha512", INTEGRITY, SHA512},
	{"sha2_512", INTEGRITY, SHA512},
	{"null", INTEGRITY, NONE},
	{"none", INTEGRITY, NONE},
	{"modp1024", GROUP, DH2},
	{"dh2", GROUP, DH2},
	{"modp1536", GROUP, DH5},
	{"dh5", GROUP, DH5},
	{"modp2048", GROUP, DH14},
	{"dh14", GROUP, DH14},
	{"modp3072", GROUP, DH15},
	{"dh15", GROUP, DH15},
	{"modp4096", GROUP, DH16},
	{"dh16", GROUP, DH16},
	{"ecp_256", GROUP, DH19},
	{"dh19", GROUP, DH19},
	{"ecp_384", GROUP, DH20},
	{"dh20", GROUP, DH20},
	{"ecp_521", GROUP, DH21},
	{"dh21", GROUP, DH21},
	{"curve25519", GROUP, DH31},
	{"dh31", GROUP, DH31},
};

#define OFFERS_MAX 4

/* What a client offers by itself, without an administrator's hand; an empty suite ends a list. */
static const struct client {
	const char *name;
	struct suite ike[OFFERS_MAX], esp[OFFERS_MAX];
	const char *ike_example, *esp_example; /* what to add for it */
	unsigned methods;		       /* of logging in that it knows */
	const char *condition;
} clients[] = {
	{"windows",
	 {{{AES256, SHA1, DH20}},
	  {{AES128, SHA1, DH19}},
	  {{AES256, SHA1, DH14}},
	  {{DES3, SHA1, DH14 | DH2}}},
	 {{{AES256 | AES128 | DES3, SHA1, ANY}}},
	 "aes256-sha1;dh20",
	 "aes256-sha1",
	 METHOD_MSCHAPV2 | METHOD_CHAP | METHOD_PAP | METHOD_EAP,
	 "behind a NAT of the server's own, with AssumeUDPEncapsulationContextOnSendRule = 2 "
	 "there"},
	{"macos",
	 {{{AES256, SHA256 | SHA1 | MD5 | SHA512, DH14}},
	  {{AES256, SHA256 | SHA1 | MD5, DH5}},
	  {{AES256 | AES128 | DES3, SHA1 | MD5, DH2}}},
	 {{{AES256 | AES128 | DES3, SHA256 | SHA1 | MD5, ANY}}},
	 "aes256-sha2;dh14",
	 "aes256-sha2",
	 METHOD_MSCHAPV2 | METHOD_CHAP | METHOD_PAP,
	 ""},
	{"ios",
	 {{{AES256, SHA256 | SHA1 | MD5 | SHA512, DH14}},
	  {{AES256, SHA256 | SHA1 | MD5, DH5}},
	  {{AES256 | AES128 | DES3, SHA1 | MD5, DH2}}},
	 {{{AES256 | AES128 | DES3, SHA256 | SHA1 | MD5, ANY}}},
	 "aes256-sha2;dh14",
	 "aes256-sha2",
	 METHOD_MSCHAPV2 | METHOD_CHAP | METHOD_PAP,
	 ""},
	/* the built-in client, up to Android 11 */
	{"android",
	 {{{AES256 | AES128 | DES3, SHA256 | SHA1 | MD5, DH2}}},
	 {{{AES256 | AES128 | DES3, SHA256 | SHA1 | MD5, ANY}}},
	 "aes256-sha2;modp1024, which few builds of libreswan can do",
	 "aes256-sha2",
	 METHOD_MSCHAPV2 | METHOD_CHAP | METHOD_PAP,
	 "the built-in client, which Android has to version 11"},
	{"chromeos",
	 {{{AES128, SHA256, DH15}}, {{AES128, SHA1, DH14}}, {{DES3, SHA1, DH5 | DH2}}},
	 {{{GCM128, NONE, ANY}}, {{AES128, SHA256 | SHA1, ANY}}, {{DES3, SHA1 | MD5, ANY}}},
	 "aes128-sha2;dh15",
	 "aes_gcm128-null",
	 METHOD_MSCHAPV2 | METHOD_CHAP | METHOD_PAP,
	 ""},
	{"networkmanager",
	 {{{AES256, SHA256, DH14 | DH5}},
	  {{AES256, SHA1, DH14 | DH5 | DH20}},
	  {{AES128, SHA1, DH19}},
	  {{DES3, SHA1, DH14}}},
	 {{{AES256 | AES128 | DES3, SHA1, ANY}}},
	 "aes256-sha2;dh14",
	 "aes256-sha1",
	 METHOD_MSCHAPV2 | METHOD_CHAP | METHOD_PAP | METHOD_EAP,
	 ""},
	{"mikrotik",
	 {{{AES128 | DES3, SHA1, DH14 | DH2}}},
	 {{{AES256 | AES192 | AES128, SHA1, ANY}}},
	 "aes128-sha1;dh14",
	 "aes256-sha1",
	 METHOD_MSCHAPV2 | METHOD_CHAP | METHOD_PAP,
	 "with pfs-group=none there"},
};

/* One word, or several joined by '+', into the suite. */
static void
add_word(struct suite *suite, const char *word, size_t len)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strlen(words[i].name) == len && strncasecmp(words[i].name, word, len) == 0)
			suite->part[words[i].part] |= words[i].bits;
	}
}

/* Reads one proposal, up to a comma; gives what stands behind it, NULL at the end. */
static const char *
next_suite(const char *list, struct suite *suite)
{
	memset(suite, 0, sizeof(*suite));
	while (*list && *list != ',') {
		size_t len = strcspn(list, "-;+, \t");

		add_word(suite, list, len);
		list += len;
		list += strspn(list, "-;+ \t");
	}
	/* AES-GCM is its own integrity */
	if (!suite->part[INTEGRITY] && suite->part[ENCRYPTION] & (GCM128 | GCM256))
		suite->part[INTEGRITY] = NONE;
	if (!suite->part[GROUP])
		suite->part[GROUP] = DEFAULT_GROUPS;
	return *list ? list + 1 : NULL;
}

static bool
share(const struct suite *a, const struct suite *b)
{
	for (size_t i = 0; i < PART_COUNT; i++) {
		if (!(a->part[i] & b->part[i]))
			return false;
	}
	return true;
}

static bool
agree(const struct suite offers[OFFERS_MAX], const char *list)
{
	while (list) {
		struct suite suite;

		list = next_suite(list, &suite);
		for (size_t i = 0; i < OFFERS_MAX && offers[i].part[ENCRYPTION]; i++) {
			if (share(&offers[i], &suite))
				return true;
		}
	}
	return false;
}

/* "mschapv2, chap" */
static void
name_methods(char *out, size_t cap, unsigned methods)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {{METHOD_MSCHAPV2, "mschapv2"},
		     {METHOD_CHAP, "chap"},
		     {METHOD_PAP, "pap"},
		     {METHOD_EAP, "eap"}};
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (methods & names[i].bit && len < cap)
			len += (size_t)snprintf(out + len, cap - len, "%s%s", len ? ", " : "",
						names[i].name);
	}
}

bool
reach_at(size_t i, const struct reach_offer *offer, struct reach *reach)
{
	const struct client *client = &clients[i];
	char methods[48];

	if (i >= sizeof(clients) / sizeof(clients[0]))
		return false;
	*reach = (struct reach){.client = client->name, .condition = client->condition};
	if (!agree(client->ike, offer->ike)) {
		snprintf(reach->why, sizeof(reach->why),
			 "offers no IKE proposal that is configured (it would take %s)",
			 client->ike_example);
	} else if (!agree(client->esp, offer->esp)) {
		snprintf(reach->why, sizeof(reach->why),
			 "offers no ESP proposal that is configured (it would take %s)",
			 client->esp_example);
	} else if (!(client->methods & offer->methods)) {
		name_methods(methods, sizeof(methods), client->methods);
		snprintf(reach->why, sizeof(reach->why), "knows none of auth.methods (it knows %s)",
			 methods);
	}
	reach->works = !reach->why[0];
	return true;
}
