/*
 * The IPsec profiles: which proposals the gateway accepts from a client, in libreswan's words. One
 * IKE group a proposal, because IKEv1 takes no list of groups, as IKEv2 does; AES-GCM with "-null",
 * because 5.x refuses it together with an integrity algorithm.
 */
#include "conf.h"

struct profile {
	const char *name, *ike, *ike2, *esp;
	const char *needs; /* the IKE proposal that it is there for */
};

/* Apple, Windows (twice), ChromeOS (twice), Windows with AES-128 */
#define COMPATIBLE_IKE                                                                             \
	"aes256-sha2;dh14,aes256-sha1;dh20,aes256-sha1;dh14,"                                      \
	"aes128-sha2;dh15,aes128-sha1;dh14,aes128-sha1;dh19"
/* Linux; the last ones are of routers */
#define COMPATIBLE_IKE2                                                                            \
	"aes_gcm-sha2-dh31+dh20+dh19+dh14,aes256-sha2-dh31+dh20+dh19+dh14,"                        \
	"aes128-sha2-dh31+dh20+dh19+dh14,aes256-sha1-dh14,aes128-sha1-dh14"
#define COMPATIBLE_ESP "aes_gcm-null,aes256-sha2,aes128-sha2,aes256-sha1,aes128-sha1"
#define LEGACY_NEEDS "aes256-sha1;modp1024"

static const struct profile profiles[] = {
	[PROFILE_COMPATIBLE] = {"compatible", COMPATIBLE_IKE, COMPATIBLE_IKE2, COMPATIBLE_ESP,
				NULL},
	/* No SHA-1 anywhere, which leaves Windows outside */
	[PROFILE_MODERN] = {"modern", "aes256-sha2;dh20,aes256-sha2;dh19,aes256-sha2;dh14",
			    "aes_gcm-sha2-dh31+dh20+dh19,aes256-sha2-dh31+dh20+dh19+dh14",
			    "aes_gcm256-null,aes_gcm128-null,aes256-sha2", NULL},
	/* Android up to 11 and Windows XP know no other group than modp1024, old routers 3DES only.
	 * None of them speaks IKEv2. */
	[PROFILE_LEGACY] = {"legacy",
			    COMPATIBLE_IKE ",aes256-sha2;modp1024," LEGACY_NEEDS
					   ",aes128-sha1;modp1024,3des-sha1;dh14,3des-sha1;dh5,"
					   "3des-sha1;modp1024,3des-md5;modp1024",
			    COMPATIBLE_IKE2, COMPATIBLE_ESP ",3des-sha1,3des-md5", LEGACY_NEEDS},
};

const char *
conf_profile_name(enum conf_profile profile)
{
	return profiles[profile].name;
}

const char *
conf_profile_ike(enum conf_profile profile)
{
	return profiles[profile].ike;
}

const char *
conf_profile_ike2(enum conf_profile profile)
{
	return profiles[profile].ike2;
}

const char *
conf_profile_esp(enum conf_profile profile)
{
	return profiles[profile].esp;
}

const char *
conf_profile_needs(enum conf_profile profile)
{
	return profiles[profile].needs;
}
