/*
 * The IPsec profiles: which proposals the gateway accepts from a client, in libreswan's words. One
 * IKE group a proposal, because IKEv1 takes no list of groups, as IKEv2 does; AES-GCM with "-null",
 * because 5.x refuses it together with an integrity algorithm.
 */
#include "conf.h"

struct profile {
	const char *name, *ike, *ike2, *esp;
};

static const struct profile profiles[] = {
	/* Apple, Windows (twice), ChromeOS (twice), Windows with AES-128 */
	[PROFILE_COMPATIBLE] = {"compatible",
				"aes256-sha2;dh14,aes256-sha1;dh20,aes256-sha1;dh14,"
				"aes128-sha2;dh15,aes128-sha1;dh14,aes128-sha1;dh19",
				/* Linux; the last ones are of routers */
				"aes_gcm-sha2-dh31+dh20+dh19+dh14,aes256-sha2-dh31+dh20+dh19+dh14,"
				"aes128-sha2-dh31+dh20+dh19+dh14,aes256-sha1-dh14,aes128-sha1-dh14",
				"aes_gcm-null,aes256-sha2,aes128-sha2,aes256-sha1,aes128-sha1"},
	/* No SHA-1 anywhere, which leaves Windows outside */
	[PROFILE_MODERN] = {"modern", "aes256-sha2;dh20,aes256-sha2;dh19,aes256-sha2;dh14",
			    "aes_gcm-sha2-dh31+dh20+dh19,aes256-sha2-dh31+dh20+dh19+dh14",
			    "aes_gcm256-null,aes_gcm128-null,aes256-sha2"},
	[PROFILE_LEGACY] = {"legacy", NULL, NULL, NULL},
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
