/*
 * The text of the two files. Every line was seen to be read as meant by libreswan 4.10 and 5.2;
 * what only one of them takes depends on the version. A wrong keyword would keep pluto from
 * starting.
 */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/ipsec_files.h"

#define HEADER "# written by lnsd, do not edit: every change is lost at the next start or reload\n"

struct text {
	char *out;
	size_t cap, len;
	bool full;
};

static void __attribute__((format(printf, 2, 3))) add(struct text *text, const char *fmt, ...)
{
	va_list args;
	int len;

	if (text->full)
		return;
	va_start(args, fmt);
	len = vsnprintf(text->out + text->len, text->cap - text->len, fmt, args);
	va_end(args);
	text->full = len < 0 || (size_t)len >= text->cap - text->len;
	if (!text->full)
		text->len += (size_t)len;
}

/* Digits at *text, which goes on behind them; false when there are none, or far too many. */
static bool
read_number(const char **text, unsigned *number)
{
	char *end;
	unsigned long value = strtoul(*text, &end, 10);

	if (**text < '0' || **text > '9' || value > 100000)
		return false;
	*text = end;
	*number = (unsigned)value;
	return true;
}

bool
ipsec_version_parse(struct ipsec_version *version, const char *text)
{
	const char *name = strstr(text, "ibreswan ");

	if (!name)
		return false;
	name += strlen("ibreswan ");
	name += *name == 'v';
	return read_number(&name, &version->major) && *name++ == '.' &&
	       read_number(&name, &version->minor);
}

void
ipsec_conn_name(char name[IPSEC_NAME_MAX], size_t i)
{
	snprintf(name, IPSEC_NAME_MAX, "lnsd-psk-%u", (unsigned)i + 1);
}

/* `"lnsd-psk-3": …`, with "000 " in front before 5.0 */
int
ipsec_conn_in(const char *line)
{
	static const char prefix[] = "\"lnsd-psk-";
	const char *name = strstr(line, prefix);
	unsigned number;

	if (!name)
		return -1;
	name += strlen(prefix);
	if (!read_number(&name, &number) || number < 1 || number > IPSEC_ADDRS_MAX || *name != '"')
		return -1;
	return (int)number - 1;
}

static void
add_setup(struct text *text)
{
	add(text, HEADER "\nconfig setup\n");
	/* 5.x drops IKEv1, which L2TP clients speak, unless told otherwise (RFC 9395) */
	add(text, "    ikev1-policy=accept\n");
	/* two homes whose PCs are both 192.168.1.100 present the same ID: "yes" would let the
	 * second end the first one's VPN */
	add(text, "    uniqueids=no\n");
}

static void
add_shared(struct text *text, const struct ipsec_plan *plan)
{
	bool five = plan->version.major >= 5;

	add(text, "\nconn lnsd-shared\n");
	/* "keyexchange=ikev1" is a syntax error before 5.0; "ikev2=no" is deprecated after */
	add(text, "    %s\n", five ? "keyexchange=ikev1" : "ikev2=no");
	/* no rightsubnet: in transport mode a client is its public address, behind NAT or not. With
	 * vhost:%priv two clients whose private addresses are equal push each other out. */
	add(text, "    type=transport\n    authby=secret\n");
	add(text, "    leftprotoport=17/%u\n    right=%%any\n    rightprotoport=17/%%any\n",
	    plan->port);
	add(text, "    encapsulation=auto\n    fragmentation=yes\n    pfs=no\n");
	/* a gateway cannot rekey towards a client behind NAT: outlive every client's own lifetime
	 */
	add(text, "    rekey=no\n    ikelifetime=24h\n    salifetime=24h\n");
	add(text, "    dpddelay=30\n    dpdtimeout=300\n");
	/* 5.x knows no other action and warns about the keyword */
	if (!five)
		add(text, "    dpdaction=clear\n");
	add(text, "    ike=%s\n    esp=%s\n", plan->ike, plan->esp);
}

bool
ipsec_conf_text(char *out, size_t cap, const struct ipsec_plan *plan)
{
	struct text text = {.out = out, .cap = cap};

	add_setup(&text);
	add_shared(&text, plan);
	for (size_t i = 0; i < plan->count; i++) {
		bool six = plan->addrs[i].family == 6;
		char ip[INET6_ADDRSTRLEN], name[IPSEC_NAME_MAX];

		inet_ntop(six ? AF_INET6 : AF_INET, plan->addrs[i].ip, ip, sizeof(ip));
		ipsec_conn_name(name, i);
		add(&text, "\nconn %s\n    also=lnsd-shared\n    left=%s\n    auto=add\n", name,
		    ip);
	}
	return !text.full;
}

bool
ipsec_psk_parse(char psk[IPSEC_PSK_MAX], const char *text, const char **why)
{
	size_t len = strcspn(text, "\r\n");

	*why = NULL;
	if (len == 0)
		*why = "its first line is empty";
	else if (len >= IPSEC_PSK_MAX)
		*why = "the key is longer than 255 bytes";
	else if (text[len + strspn(text + len, "\r\n")])
		*why = "it has more than one line";
	for (size_t i = 0; i < len && !*why; i++) {
		if (text[i] == '"')
			*why = "the key has a double quote, which libreswan cannot read";
		else if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			*why = "the key has a control character";
	}
	if (*why)
		return false;
	memcpy(psk, text, len);
	psk[len] = '\0';
	return true;
}

bool
ipsec_secrets_text(char *out, size_t cap, const char *psk)
{
	struct text text = {.out = out, .cap = cap};

	/* one key for all: before the fifth message of Main Mode nobody knows who the client is */
	add(&text, HEADER "%%any %%any : PSK \"%s\"\n", psk);
	return !text.full;
}
