/*
 * What `doctor` looks at: a row for each check. A check says in `text` what it found and, where
 * that is wrong, in `fix` what to do. To add one, write its function and give it a row in doctor.c.
 */
#ifndef LNSCTL_DOCTOR_H
#define LNSCTL_DOCTOR_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "conf.h"
#include "lnsctl/finding.h"
#include "lnsctl/lnsctl.h"
#include "lnsctl/uplink.h"
#include "pluto.h"
#include "rules.h"

/* What several checks need is looked up once. */
struct patient {
	const struct conf *conf;
	bool has_ipsec; /* the program, */
	char ipsec[256];
	bool is_libreswan; /* and whose it is */
	struct pluto_version version;
	struct pluto_state pluto;
	bool daemon;			 /* it answers, */
	const json_t *status, *sessions; /* and this is what it says; NULL: nothing */
	struct uplink uplink;
	struct rules *rules; /* of the packet filter; NULL: they cannot be seen */
};

typedef void check_fn(const struct patient *patient, struct finding *finding);

/* doctor_ipsec.c */
check_fn doctor_libreswan, doctor_pluto, doctor_ikev1, doctor_ikev2, doctor_uniqueids, doctor_conns,
	doctor_apart, doctor_psk, doctor_certificate;
/* doctor_host.c */
check_fn doctor_marks, doctor_xfrm, doctor_rcvmark, doctor_addresses, doctor_pppd, doctor_plugin,
	doctor_ppp_device, doctor_modules, doctor_time, doctor_files;
/* doctor_net.c */
check_fn doctor_forwarding, doctor_table, doctor_nat, doctor_forward_rules, doctor_rp_filter,
	doctor_mtu, doctor_loops, doctor_dns;
/* doctor_port.c */
check_fn doctor_port, doctor_cover, doctor_udp500, doctor_udp4500, doctor_esp, doctor_udp1701;

/* doctor_client.c: a row for each kind of evidence of the client with this address, and the
 * verdict. False: it is no address. */
bool doctor_client(json_t *report, const struct settings *settings, const struct patient *patient,
		   const char *client);

/* doctor.c */
void doctor_add(json_t *report, const char *check, const struct finding *finding);

#endif
