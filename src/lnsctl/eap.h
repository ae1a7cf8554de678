/* What the installed pppd can do with EAP, found by asking it. */
#ifndef LNSCTL_EAP_H
#define LNSCTL_EAP_H

#include <stdbool.h>

/* Where pppd, and nobody else, says which certificates EAP-TLS goes by. */
#define EAP_TLS_FILE "/etc/ppp/eaptls-server"

struct eap_found {
	bool any; /* pppd asks for EAP at all: then it has MSCHAPv2 in it */
	bool tls; /* and TLS */
};

/* Starts pppd for a look at its options only. One that cannot be started has neither. */
struct eap_found eap_look(const char *pppd);

#endif
