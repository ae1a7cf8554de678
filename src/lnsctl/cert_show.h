/* How certificates are shown. */
#ifndef LNSCTL_CERT_SHOW_H
#define LNSCTL_CERT_SHOW_H

#include <jansson.h>
#include <time.h>

#include "lnsctl/cert_store.h"
#include "lnsctl/lnsctl.h"

/* A day of the certificate's life, 2026-11-21 (UTC). */
#define CERT_DAY_MAX 16
const char *cert_day(char text[CERT_DAY_MAX], time_t when);

/* The document of one certificate. */
json_t *cert_document(const struct cert_facts *facts, bool revoked, time_t now);

/* All of them, the CA first, as a table or as a document. */
enum exit_code cert_print_list(const struct cert_store *store, bool json, time_t now);

#endif
