/* The checks of libreswan: the program, what runs of it, and what it has of ours. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "command.h"
#include "lnsctl/doctor.h"
#include "nss.h"

#define OUR_FILE "/etc/ipsec.d/lnsd.conf"

/* Nothing is to be said of a libreswan that is not ours to manage, or that another check says all
 * about. */
static bool
is_settled(const struct patient *patient, struct finding *finding, bool needs_pluto)
{
	if (!patient->conf->ipsec.manage)
		finding_good(finding, "not looked at: ipsec.manage = no");
	else if (!patient->is_libreswan)
		finding_good(finding, "not looked at: there is no libreswan");
	else if (needs_pluto && !patient->pluto.answered)
		finding_good(finding, "not looked at: pluto does not answer");
	else
		return false;
	return true;
}

void
doctor_libreswan(const struct patient *patient, struct finding *finding)
{
	if (!patient->conf->ipsec.manage)
		finding_good(finding, "not looked at: ipsec.manage = no");
	else if (!patient->has_ipsec)
		finding_bad(finding, "apt install libreswan", "libreswan is not installed");
	else if (!patient->is_libreswan)
		finding_bad(finding, "apt install libreswan (it replaces strongSwan's)",
			    "%.150s is not libreswan's", patient->ipsec);
	else
		finding_good(finding, "libreswan %u.%u", patient->version.major,
			     patient->version.minor);
}

void
doctor_pluto(const struct patient *patient, struct finding *finding)
{
	if (is_settled(patient, finding, false))
		return;
	if (patient->pluto.answered)
		finding_good(finding, "pluto runs");
	else
		finding_bad(finding, "systemctl start ipsec; or run this as root",
			    "libreswan's pluto does not answer");
}

void
doctor_ikev1(const struct patient *patient, struct finding *finding)
{
	if (is_settled(patient, finding, true))
		return;
	if (!patient->pluto.drops_ikev1)
		finding_good(finding, "pluto accepts IKEv1");
	else
		finding_bad(finding,
			    "systemctl restart ipsec (and remove ikev1-policy from "
			    "/etc/ipsec.conf)",
			    "pluto drops IKEv1, so no client can connect");
}

/* Seen with 5.2, with NAT and without: in transport mode the selectors of a renewal are held
 * against the narrowed ones and found to be others. */
void
doctor_ikev2(const struct patient *patient, struct finding *finding)
{
	if (is_settled(patient, finding, false))
		return;
	if (!patient->conf->ipsec.ikev2)
		finding_good(finding, "not offered: ipsec.ikev2 = no");
	else if (patient->version.major < 5)
		finding_good(finding, "offered");
	else
		finding_bad(finding, "set ipsec.ikev2 = no, or use libreswan 4.x",
			    "with libreswan %u.%u the SA of a client by IKEv2 is not renewed: it "
			    "must connect anew when that ends, usually after an hour",
			    patient->version.major, patient->version.minor);
}

void
doctor_uniqueids(const struct patient *patient, struct finding *finding)
{
	if (is_settled(patient, finding, true))
		return;
	if (!patient->pluto.uniqueids)
		finding_good(finding, "uniqueids=no");
	else
		finding_bad(finding,
			    "systemctl restart ipsec (and remove uniqueids from /etc/ipsec.conf)",
			    "pluto runs with uniqueids=yes: clients with equal private addresses "
			    "end each other's VPN");
}

static size_t
count_conns(uint32_t conns)
{
	size_t count = 0;

	for (; conns; conns &= conns - 1)
		count++;
	return count;
}

void
doctor_conns(const struct patient *patient, struct finding *finding)
{
	const uint32_t *conns = patient->pluto.conns.of;
	size_t v1 = count_conns(conns[PLUTO_PSK]) + count_conns(conns[PLUTO_CERT]);
	size_t v2 = count_conns(conns[PLUTO_PSK_V2]) + count_conns(conns[PLUTO_CERT_V2]);

	if (is_settled(patient, finding, true))
		return;
	if (!v1 || (patient->conf->ipsec.ikev2 && !v2))
		finding_bad(finding,
			    "systemctl start lnsd; /etc/ipsec.conf must include "
			    "/etc/ipsec.d/*.conf",
			    "pluto has not all of lnsd's connections");
	else if (v2)
		finding_good(finding, "%zu for IKEv1, %zu for IKEv2", v1, v2);
	else
		finding_good(finding, "%zu for IKEv1", v1);
}

/* What lnsd wrote after it had tried what libreswan can do. */
void
doctor_apart(const struct patient *patient, struct finding *finding)
{
	char line[1024];
	const char *found = NULL;
	FILE *file;

	if (is_settled(patient, finding, false))
		return;
	if (patient->conf->ipsec.marks != MARKS_OWN) {
		finding_bad(finding, "set ipsec.marks = own",
			    "only one client behind each NAT can connect: libreswan gives no marks "
			    "to SAs, as ipsec.marks = ike wants it");
		return;
	}
	file = fopen(OUR_FILE, "re");
	if (!file) {
		finding_bad(finding, "systemctl start lnsd", OUR_FILE " is not there");
		return;
	}
	while (!found && fgets(line, sizeof(line), file))
		found = strstr(line, "mark=-1")		? "mark=-1"
			: strstr(line, "overlapip=yes") ? "overlapip=yes"
							: NULL;
	fclose(file);
	if (found)
		finding_good(finding, "several can connect, by %s", found);
	else
		finding_bad(finding,
			    "install a libreswan that gives each client a mark with mark=-1 (4.x, "
			    "5.0 to 5.2)",
			    "only one client behind each NAT can connect: libreswan %u.%u refuses "
			    "the second",
			    patient->version.major, patient->version.minor);
}

void
doctor_psk(const struct patient *patient, struct finding *finding)
{
	const char *path = patient->conf->ipsec.psk_file;
	char fix[256];
	struct stat st;

	if (!patient->conf->ipsec.manage) {
		finding_good(finding, "not looked at: ipsec.manage = no");
	} else if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0) {
		if (patient->conf->ipsec.certificate[0]) {
			finding_good(finding, "none: clients need a certificate");
			return;
		}
		snprintf(fix, sizeof(fix), "(umask 077; openssl rand -base64 24 >%.150s)", path);
		finding_bad(finding, fix, "there is no pre-shared key in %.150s", path);
	} else if (st.st_mode & (S_IRWXG | S_IRWXO)) {
		snprintf(fix, sizeof(fix), "chmod 600 %.150s", path);
		finding_bad(finding, fix, "others can read %.150s", path);
	} else {
		finding_good(
			finding,
			"%.150s; all clients share it, and only PPP passwords tell users apart",
			path);
	}
}

void
doctor_certificate(const struct patient *patient, struct finding *finding)
{
	const char *nickname = patient->conf->ipsec.certificate;
	struct nss_cert cert;

	if (is_settled(patient, finding, false))
		return;
	if (!nickname[0]) {
		finding_good(finding, "none: ipsec.certificate = none");
		return;
	}
	nss_look(&cert, patient->ipsec, nickname, time(NULL));
	if (cert.state == NSS_GOOD)
		finding_good(finding, "%s", cert.text);
	else
		finding_bad(finding, cert.fix, "%s", cert.text);
}
