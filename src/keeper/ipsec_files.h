/* What lnsd writes for libreswan. Pure. */
#ifndef KEEPER_IPSEC_FILES_H
#define KEEPER_IPSEC_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "conf.h"

/* One conn a local address; a host with more than this names its own in server.listen. */
#define IPSEC_ADDRS_MAX 32
#define IPSEC_TEXT_MAX 16384
#define IPSEC_PSK_MAX 256

struct ipsec_version {
	unsigned major, minor;
};

struct ipsec_plan {
	struct ipsec_version version;
	struct conf_addr addrs[IPSEC_ADDRS_MAX];
	size_t count;
	uint16_t port;
	char ike[1024], esp[1024]; /* supported proposals only */
};

/* From "Libreswan 4.10"; false for anything else, strongSwan's `ipsec` too. */
bool ipsec_version_parse(struct ipsec_version *version, const char *text);

/* The name of the conn for the i-th address: lnsd-psk-1, lnsd-psk-2 … */
#define IPSEC_NAME_MAX 24
void ipsec_conn_name(char name[IPSEC_NAME_MAX], size_t i);
/* The other way round: which of our conns a line of `ipsec whack --status` is about; -1: none. */
int ipsec_conn_in(const char *line);

/* /etc/ipsec.d/lnsd.conf; false when it does not fit. */
bool ipsec_conf_text(char *out, size_t cap, const struct ipsec_plan *plan);

/* Takes the key out of the psk file's text: its first line. On false *why says what is wrong. */
bool ipsec_psk_parse(char psk[IPSEC_PSK_MAX], const char *text, const char **why);

/* /etc/ipsec.d/lnsd.secrets; false when it does not fit. */
bool ipsec_secrets_text(char *out, size_t cap, const char *psk);

#endif
