/* The checks of the machine: its kernel, its files, its clock, and pppd. */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
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

void
doctor_ppp_device(const struct patient *patient, struct finding *finding)
{
	int fd = open("/dev/ppp", O_RDWR | O_CLOEXEC);

	(void)patient;
	if (fd >= 0)
		finding_good(finding, "/dev/ppp");
	else if (errno == ENOENT)
		finding_bad(finding,
			    "modprobe ppp_generic; in a container, let it have the device (lxc: "
			    "lxc.cgroup2.devices.allow = c 108:0 rwm)",
			    "there is no /dev/ppp: no session can be set up");
	else if (errno == EACCES || errno == EPERM)
		finding_bad(finding, "run this as root",
			    "/dev/ppp is there; whether it works cannot be seen by you");
	else
		finding_bad(finding, "modprobe ppp_generic", "/dev/ppp does not work: %s",
			    strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* What a session takes of the kernel */
static const char *const modules[] = {"ppp_generic", "ppp_async", "esp4", "xfrm_user", "nf_tables"};

static void
note_blocked(void *ctx, const char *line)
{
	bool *blocked = ctx;

	/* "install /bin/false": somebody forbids it */
	*blocked = *blocked || strstr(line, "/bin/false") || strstr(line, "/bin/true");
}

/* modprobe's configuration counts, so it is asked. */
static bool
has_module(const char *modprobe, const char *name)
{
	const char *const argv[] = {modprobe, "--show-depends", name, NULL};
	char path[80];
	bool blocked = false;

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	return access(path, F_OK) == 0 ||
	       (command_run(argv, 5000, note_blocked, &blocked) == 0 && !blocked);
}

void
doctor_modules(const struct patient *patient, struct finding *finding)
{
	char folder[160], modprobe[256], missing[160] = "", fix[256];
	struct utsname name;
	size_t len = 0;

	(void)patient;
	uname(&name);
	snprintf(folder, sizeof(folder), "/lib/modules/%.100s/modules.dep", name.release);
	if (access(folder, R_OK) < 0 || !command_find(modprobe, sizeof(modprobe), "modprobe")) {
		finding_good(finding, "not looked at: there are no modules of this kernel here");
		return;
	}
	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
		if (!has_module(modprobe, modules[i]) && len < sizeof(missing))
			len += (size_t)snprintf(missing + len, sizeof(missing) - len, " %s",
						modules[i]);
	}
	snprintf(fix, sizeof(fix),
		 "modprobe -a%s; if that is refused: grep -r 'install\\|blacklist' "
		 "/etc/modprobe.d; if they are not there: apt install linux-image-amd64 (a cloud "
		 "kernel has no PPP)",
		 missing);
	if (missing[0])
		finding_bad(finding, fix, "the kernel lacks%s", missing);
	else
		finding_good(finding, "the kernel has all that a session takes");
}

/* A clock that is wrong makes certificates and one-time codes wrong. */
void
doctor_time(const struct patient *patient, struct finding *finding)
{
	struct timex timex = {.modes = 0};
	bool loose = adjtimex(&timex) == TIME_ERROR;
	time_t now = time(NULL);
	struct tm tm;
	char text[40] = "";

	if (gmtime_r(&now, &tm))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm);
	if (tm.tm_year + 1900 < 2024)
		finding_bad(finding, "timedatectl set-ntp true", "the clock is wrong: %s", text);
	else if (loose && patient->conf->ipsec.certificate[0])
		finding_bad(finding, "apt install systemd-timesyncd; timedatectl set-ntp true",
			    "%s, which nobody keeps right: certificates and one-time codes go by "
			    "it",
			    text);
	else
		finding_good(finding, "%s%s", text,
			     loose ? ", not synchronized (one-time codes go by it)" : "");
}

/* 0: as it should be, or not there. */
static mode_t
too_open(const char *path)
{
	struct stat st;

	if (!path[0] || stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	return st.st_mode & (S_IRWXG | S_IRWXO);
}

void
doctor_files(const struct patient *patient, struct finding *finding)
{
	const struct conf *conf = patient->conf;
	const char *const secrets[] = {conf->auth.users_file, conf->auth.radius_secret_file,
				       "/etc/ipsec.d/lnsd.secrets"};
	struct stat st;
	char fix[300];

	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
		if (!too_open(secrets[i]))
			continue;
		snprintf(fix, sizeof(fix), "chmod 600 %s", secrets[i]);
		finding_bad(finding, fix, "others can read or write %s", secrets[i]);
		return;
	}
	if (stat(LNSD_SYSCONFDIR "/lnsd", &st) == 0 && st.st_mode & S_IWOTH)
		finding_bad(finding, "chmod o-w " LNSD_SYSCONFDIR "/lnsd",
			    "anybody can change what is in " LNSD_SYSCONFDIR "/lnsd");
	else
		finding_good(finding, "nobody but root has a way to the secrets");
}
