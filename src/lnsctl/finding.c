#include "lnsctl/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
finding_good(struct finding *finding, const char *fmt, ...)
{
	va_list args;

	finding->ok = true;
	va_start(args, fmt);
	vsnprintf(finding->text, sizeof(finding->text), fmt, args);
	va_end(args);
	finding->fix[0] = '\0';
}

void
finding_bad(struct finding *finding, const char *fix, const char *fmt, ...)
{
	va_list args;

	finding->ok = false;
	va_start(args, fmt);
	vsnprintf(finding->text, sizeof(finding->text), fmt, args);
	va_end(args);
	snprintf(finding->fix, sizeof(finding->fix), "%s", fix);
}

/* "table T, chain C: RULE" */
static void
split(const char *where, char table[64], char chain[64])
{
	const char *comma = strstr(where, ", chain "), *colon = comma ? strchr(comma, ':') : NULL;

	table[0] = chain[0] = '\0';
	if (!colon || strncmp(where, "table ", 6) != 0)
		return;
	snprintf(table, 64, "%.*s", (int)(comma - where - 6), where + 6);
	comma += strlen(", chain ");
	snprintf(chain, 64, "%.*s", (int)(colon - comma), comma);
}

/* firewalld and ufw would undo a rule that is put among theirs: they are told. */
const char *
finding_open(char fix[256], const char *where, const char *what)
{
	const char *port = strncmp(what, "udp ", 4) == 0 ? what + 4 : NULL;
	char table[64], chain[64], match[48] = "";
	const char *name;
	char *old;

	split(where, table, chain);
	name = strchr(table, ' ');
	old = strstr(table, "tables ");
	if (strstr(table, "firewalld")) {
		snprintf(match, sizeof(match), "%s/udp", port ? port : "");
		snprintf(fix, 256, "firewall-cmd --permanent --add-%s%s && firewall-cmd --reload",
			 port ? "port=" : "protocol=", port ? match : "esp");
	} else if (strstr(where, "ufw")) {
		snprintf(match, sizeof(match), "%s/udp", port ? port : "");
		snprintf(fix, 256, "ufw allow %s", port ? match : "proto esp from any to any");
	} else if (old) {
		*strchr(table, ' ') = '\0';
		snprintf(fix, 256, "%s-legacy -t %s -I %s %s%s -j ACCEPT", table,
			 old + strlen("tables "), chain, port ? "-p udp --dport " : "-p esp",
			 port ? port : "");
	} else if (name && (strcmp(chain, "INPUT") == 0 || strcmp(chain, "PREROUTING") == 0)) {
		/* iptables' own, on top of nftables */
		snprintf(fix, 256, "%stables -t %s -I %s %s%s -j ACCEPT",
			 strncmp(table, "ip6", 3) == 0 ? "ip6" : "ip", name + 1, chain,
			 port ? "-p udp --dport " : "-p esp", port ? port : "");
	} else {
		snprintf(fix, 256, "nft insert rule %s %s %s%s accept", table, chain,
			 port ? "udp dport " : "meta l4proto esp", port ? port : "");
	}
	return fix;
}

const char *
finding_name(const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "._@-";

	return name[0] && name[0] != '-' && name[strspn(name, plain)] == '\0' ? name : "NAME";
}
