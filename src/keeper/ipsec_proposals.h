/* Which proposals the installed libreswan can do. Waits for `ipsec algparse`. */
#ifndef KEEPER_IPSEC_PROPOSALS_H
#define KEEPER_IPSEC_PROPOSALS_H

#include <stdbool.h>

#include "conf.h"
#include "keeper/ipsec_files.h"

/* What of the configuration, or its profile, libreswan supports, for IKEv1 and, where ipsec.ikev2
 * is on, for IKEv2; what is left out is logged. False when nothing is left of one of the lists, or
 * libreswan did not say of each whether it does. */
bool ipsec_pick_proposals(struct ipsec_plan *plan, const char *ipsec, const struct conf *conf);

/* An error for each of an administrator's list (of key "ike" or "esp") that is refused, or
 * could not be checked. */
void ipsec_try_proposals(const char *ipsec, const char *key, const char *list, const char *file,
			 struct conf_errors *errors);

#define IPSEC_WHY_MAX 200
/* This libreswan says that it cannot do what the profile is there for, and ipsec.ike does not take
 * the profile's place: `why` has the reason. */
bool ipsec_profile_refused(const char *ipsec, const struct conf *conf, char why[IPSEC_WHY_MAX]);

#endif
