/* See lane.h: what speaks against the kernel, in the order in which it is looked at. */
#include "lane.h"

#include <ctype.h>
#include <stdio.h>

#define FACT(member) offsetof(struct lane_facts, member)

static const struct {
	size_t at;
	enum lane_reason reason;
} against[] = {
	{FACT(pty), LANE_CONFIGURED},
	{FACT(no_l2tp), LANE_NO_L2TP},
	{FACT(no_marks), LANE_NO_MARKS},
	{FACT(inside), LANE_INSIDE},
	{FACT(sequencing), LANE_SEQUENCING},
	{FACT(dscp), LANE_DSCP},
	{FACT(proxied), LANE_PROXIED},
	{FACT(shared), LANE_SHARED},
	{FACT(full), LANE_FULL},
};

static const char *const texts[LANE_REASONS] = {
	[LANE_LOADED] = "kernel L2TP is loaded",
	[LANE_WANTED] = "configured",
	[LANE_CONFIGURED] = "configured",
	[LANE_NO_L2TP] =
		"the kernel has no L2TP for PPP (modules l2tp_ppp and pppox: modprobe l2tp_ppp)",
	[LANE_NO_MARKS] = "the kernel does not tell a datagram's mark (before Linux 5.19)",
	[LANE_INSIDE] = "lnsd answers inside the session: network.routes, search-domain or pool6",
	[LANE_SEQUENCING] = "its [peer] section has sequencing",
	[LANE_DSCP] = "the peer asks for code points",
	[LANE_PROXIED] = "the LAC has negotiated PPP itself",
	[LANE_SHARED] = "another client of the same address and port has the kernel's tunnel",
	[LANE_FULL] = "as many tunnels are in the kernel as may be",
	[LANE_ERROR] = "the kernel refused",
};

struct lane_choice
lane_choose(const struct lane_facts *facts)
{
	for (size_t i = 0; i < sizeof(against) / sizeof(against[0]); i++) {
		const bool *fact = (const void *)((const char *)facts + against[i].at);

		if (*fact)
			return (struct lane_choice){LANE_PTY, against[i].reason};
	}
	return (struct lane_choice){LANE_KERNEL, facts->kernel ? LANE_WANTED : LANE_LOADED};
}

const char *
lane_name(enum lane lane)
{
	return lane == LANE_KERNEL ? "kernel" : "pty";
}

const char *
lane_text(char *out, size_t cap, enum lane_reason reason, const char *error)
{
	if (reason == LANE_ERROR)
		snprintf(out, cap, "%s: %s", texts[reason], error);
	else
		snprintf(out, cap, "%s", reason < LANE_REASONS ? texts[reason] : "");
	return out;
}

static unsigned
read_number(const char **p)
{
	unsigned n = 0;

	for (; isdigit((unsigned char)**p) && n < 1000; ++*p)
		n = n * 10 + (unsigned)(**p - '0');
	return n;
}

/* Linux 6.11, ff6a2ac23cb0 */
bool
lane_found_by_ids(const char *release)
{
	unsigned major = read_number(&release), minor = 0;

	if (*release++ == '.')
		minor = read_number(&release);
	return major > 6 || (major == 6 && minor >= 11);
}
