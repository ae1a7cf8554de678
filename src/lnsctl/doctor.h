/*
 * What `doctor` looks at: a row for each check. A check says in `text` what it found and, where
 * that is wrong, in `fix` what to do. To add one, write its function and give it a row in doctor.c.
 */
#ifndef LNSCTL_DOCTOR_H
#define LNSCTL_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "conf.h"
#include "lnsctl/lnsctl.h"
#include "pluto.h"

struct finding {
	bool ok;
	char text[256], fix[256];
};

/* What several checks need is looked up once. */
struct patient {
	const struct conf *conf;
	bool has_ipsec; /* the program, */
	char ipsec[256];
	bool is_libreswan; /* and whose it is */
	struct pluto_version version;
	struct pluto_state pluto;
};

/* All is well, and this is what was found. */
void finding_good(struct finding *finding, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Not ok, with what is wrong; `fix` is a sentence or a command. */
void finding_bad(struct finding *finding, const char *fix, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

typedef void check_fn(const struct patient *patient, struct finding *finding);

/* doctor_ipsec.c */
check_fn doctor_libreswan, doctor_pluto, doctor_ikev1, doctor_ikev2, doctor_uniqueids, doctor_conns,
	doctor_apart, doctor_psk, doctor_certificate;
/* doctor_host.c */
check_fn doctor_marks, doctor_xfrm, doctor_rcvmark, doctor_addresses, doctor_pppd, doctor_plugin;
/* doctor_net.c */
check_fn doctor_forwarding, doctor_table, doctor_forward_rules;

#endif
