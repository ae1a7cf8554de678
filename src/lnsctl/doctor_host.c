/* The checks of the machine: its kernel, its rules, and pppd. */
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lnsctl/doctor.h"
#include "lnsctl/eap.h"
#include "lnsctl/overlap.h"
#include "marks.h"

#ifndef SO_RCVMARK
#define SO_RCVMARK 75
#endif

void
doctor_marks(const struct patient *patient, struct finding *finding)
{
	uint32_t base = patient->conf->ipsec.mark_base, last = base + MARKS_COUNT - 1;
	char rule[160];

	if (patient->conf->ipsec.marks != MARKS_OWN) {
		finding_good(finding, "not looked at: ipsec.marks = ike");
		return;
	}
	switch (marks_find(base, rule, sizeof(rule))) {
	case MARKS_FREE:
		finding_good(finding, "0x%x to 0x%x are used by no rule", base, last);
		break;
	case MARKS_USED:
		finding_bad(finding,
			    "set ipsec.mark-base to a range that nobody uses and restart lnsd, or "
			    "change that rule",
			    "marks of 0x%x to 0x%x are used by others, too: %s", base, last, rule);
		break;
	case MARKS_UNKNOWN:
		finding_bad(finding, "run this as root",
			    "whether 0x%x to 0x%x are free cannot be seen", base, last);
		break;
	}
}

void
doctor_xfrm(const struct patient *patient, struct finding *finding)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_XFRM);

	(void)patient;
	if (fd >= 0)
		finding_good(finding, "the kernel has it");
	else
		finding_bad(finding, "modprobe xfrm_user; use a kernel with CONFIG_XFRM_USER",
			    "the kernel has no IPsec: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
}

void
doctor_rcvmark(const struct patient *patient, struct finding *finding)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;

	(void)patient;
	/* where it exists it may be refused to those who are not root */
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVMARK, &on, sizeof(on)) < 0 &&
	    errno == ENOPROTOOPT)
		finding_good(finding, "by a group of sockets, for about 1000 clients at a time: "
				      "Linux from 5.19 on has no such limit");
	else
		finding_good(finding, "by SO_RCVMARK");
	if (fd >= 0)
		close(fd);
}

void
doctor_addresses(const struct patient *patient, struct finding *finding)
{
	char text[160];

	if (overlap_find(patient->conf, text, sizeof(text)))
		finding_bad(finding, "choose addresses for network.pool that no network here has",
			    "%s: nobody there finds a client", text);
	else
		finding_good(finding, "the clients' are of no network of this machine");
}

void
doctor_pppd(const struct patient *patient, struct finding *finding)
{
	const char *pppd = patient->conf->ppp.pppd;
	bool eap = patient->conf->auth.methods & METHOD_EAP;
	struct eap_found found;

	if (access(pppd, X_OK) < 0) {
		finding_bad(finding, "apt install ppp, or set ppp.pppd",
			    "%.150s cannot be executed: %s", pppd, strerror(errno));
		return;
	}
	if (!eap) {
		finding_good(finding, "%.150s", pppd);
		return;
	}
	found = eap_look(pppd);
	if (found.any)
		finding_good(finding, "%.150s, with EAP-MSCHAPv2%s", pppd,
			     found.tls ? " and EAP-TLS" : "");
	else
		finding_bad(finding, "take eap out of auth.methods", "%.150s knows no EAP", pppd);
}

void
doctor_plugin(const struct patient *patient, struct finding *finding)
{
	static const char path[] = LNSD_LIBDIR "/lnsd-pppd.so";

	(void)patient;
	if (access(path, R_OK) < 0)
		finding_bad(finding, "make install puts it there",
			    "pppd's plugin %.150s cannot be read: %s", path, strerror(errno));
	else
		finding_good(finding, "%s", path);
}
