/* `lnsctl cert`: what its actions share. */
#ifndef LNSCTL_CERT_H
#define LNSCTL_CERT_H

#include "lnsctl/cert_store.h"
#include "lnsctl/lnsctl.h"

#define CERT_FOLDER LNSD_SYSCONFDIR "/lnsd/ca"

/* Of --folder, or the one that lnsd's CA has. */
const char *cert_folder(const struct settings *settings);

/* --days and --bits, or what is given for them where they are not. False when they are no such
 * numbers, which has been said. */
bool cert_read_size(const struct settings *settings, struct cert_plan *plan, int days, int bits);

/* ipsec.certificate names it. */
bool cert_configured(const struct settings *settings, const char *name);

/* A name that no certificate can have: said. */
bool cert_take_name(const char *name);

/* Certificates of the gateway, of a client, and a later one in place of either. */
verb_fn cert_server, cert_client, cert_renew;

#endif
