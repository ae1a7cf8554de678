/*
 * The text of the two files. Every line was seen to be read as meant by libreswan 4.10 and 5.2;
 * what only one of them takes depends on the version. A wrong keyword would keep pluto from
 * starting.
 */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
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

/* From 5.3 on "-1" may be read as one constant for all. */
enum ipsec_apart
ipsec_apart_guess(const struct pluto_version *version)
{
	bool constant = version->major > 5 || (version->major == 5 && version->minor >= 3);

	return constant ? IPSEC_APART_OVERLAP : IPSEC_APART_MARK;
}

uint64_t
ipsec_conns_of(const struct ipsec_plan *plan)
{
	uint64_t v1 = (UINT64_C(1) << plan->count) - 1;

	return plan->ikev2 ? v1 | v1 << PLUTO_ADDRS_MAX : v1;
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

/* "keyexchange=ikev1" is a syntax error before 5.0; "ikev2=no" is deprecated after */
static const char *
key_exchange(const struct pluto_version *version, bool v2)
{
	if (version->major >= 5)
		return v2 ? "keyexchange=ikev2" : "keyexchange=ikev1";
	return v2 ? "ikev2=insist" : "ikev2=no";
}

/* Each client has policies and a mark of ours; these only keep libreswan from refusing the second
 * client behind a NAT. reqid= must not be given: all clients would have the same. */
static void
add_apart(struct text *text, enum ipsec_apart apart)
{
	if (apart == IPSEC_APART_MARK)
		add(text, "    mark=-1\n");
	else if (apart == IPSEC_APART_OVERLAP)
		add(text, "    overlapip=yes\n");
}

static void
add_shared(struct text *text, const struct ipsec_plan *plan, bool v2)
{
	const struct ipsec_proposals *proposals = v2 ? &plan->v2 : &plan->v1;

	add(text, "\nconn %s\n    %s\n", v2 ? "lnsd-shared-v2" : "lnsd-shared",
	    key_exchange(&plan->version, v2));
	/* no rightsubnet: in transport mode a client is its public address, behind NAT or not. With
	 * vhost:%priv two clients whose private addresses are equal push each other out. */
	add(text, "    type=transport\n    authby=secret\n");
	add(text, "    leftprotoport=17/%u\n    right=%%any\n    rightprotoport=17/%%any\n",
	    plan->port);
	add(text, "    encapsulation=auto\n    fragmentation=yes\n    pfs=no\n");
	/* a gateway cannot rekey towards a client behind NAT: outlive every client's own lifetime
	 */
	add(text, "    rekey=no\n    ikelifetime=24h\n    salifetime=24h\n");
	add(text, "    dpddelay=30\n");
	if (!v2)
		add(text, "    dpdtimeout=300\n");
	else
		add(text, "    narrowing=yes\n");
	/* 5.x knows no other action and warns about the keyword */
	if (plan->version.major < 5)
		add(text, "    dpdaction=clear\n");
	add_apart(text, plan->apart);
	add(text, "    ike=%s\n    esp=%s\n", proposals->ike, proposals->esp);
}

static void
add_conn(struct text *text, const struct ipsec_plan *plan, size_t i, bool v2)
{
	bool six = plan->addrs[i].family == 6;
	char ip[INET6_ADDRSTRLEN], name[PLUTO_NAME_MAX];

	inet_ntop(six ? AF_INET6 : AF_INET, plan->addrs[i].ip, ip, sizeof(ip));
	pluto_conn_name(name, v2 ? PLUTO_ADDRS_MAX + i : i);
	add(text, "\nconn %s\n    also=%s\n    left=%s\n", name,
	    v2 ? "lnsd-shared-v2" : "lnsd-shared", ip);
	/* RFC 7296 §2.23.1: a client behind NAT proposes its private address, which 5.x narrows
	 * from this and then replaces by the public one */
	if (v2 && plan->version.major >= 5)
		add(text, "    rightsubnet=%s\n", six ? "::/0" : "0.0.0.0/0");
	add(text, "    auto=add\n");
}

bool
ipsec_conf_text(char *out, size_t cap, const struct ipsec_plan *plan)
{
	struct text text = {.out = out, .cap = cap};

	add_setup(&text);
	add_shared(&text, plan, false);
	if (plan->ikev2)
		add_shared(&text, plan, true);
	for (size_t i = 0; i < plan->count; i++) {
		add_conn(&text, plan, i, false);
		if (plan->ikev2)
			add_conn(&text, plan, i, true);
	}
	return !text.full;
}

const char *
ipsec_probe_text(char *out, size_t cap, const struct pluto_version *version, enum ipsec_apart apart)
{
	struct text text = {.out = out, .cap = cap};

	add(&text, "conn " IPSEC_PROBE_CONN "\n    %s\n", key_exchange(version, false));
	add(&text, "    type=transport\n    authby=secret\n");
	add(&text, "    left=127.0.0.1\n    right=%%any\n    ike=aes128-sha2;dh14\n");
	add_apart(&text, apart);
	return out;
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
