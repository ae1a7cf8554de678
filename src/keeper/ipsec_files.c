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

/* What sets the kinds apart. */
static const struct {
	bool v2, certificate;
	const char *shared; /* the conn that has what is the same for all addresses */
} kinds[PLUTO_KINDS] = {[PLUTO_PSK] = {false, false, "lnsd-shared"},
			[PLUTO_PSK_V2] = {true, false, "lnsd-shared-v2"},
			[PLUTO_CERT] = {false, true, "lnsd-certificate"},
			[PLUTO_CERT_V2] = {true, true, "lnsd-certificate-v2"}};

static bool
has_kind(const struct ipsec_plan *plan, enum pluto_kind kind)
{
	return (plan->ikev2 || !kinds[kind].v2) &&
	       (kinds[kind].certificate ? plan->certificate != NULL : plan->psk);
}

struct pluto_conns
ipsec_conns_of(const struct ipsec_plan *plan)
{
	uint32_t all = (uint32_t)((UINT64_C(1) << plan->count) - 1);
	struct pluto_conns conns;

	for (enum pluto_kind kind = 0; kind < PLUTO_KINDS; kind++)
		conns.of[kind] = has_kind(plan, kind) ? all : 0;
	return conns;
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

	add(text, "\nconn %s\n    %s\n", kinds[v2 ? PLUTO_PSK_V2 : PLUTO_PSK].shared,
	    key_exchange(&plan->version, v2));
	/* no rightsubnet: in transport mode a client is its public address, behind NAT or not. With
	 * vhost:%priv two clients whose private addresses are equal push each other out. */
	add(text, "    type=transport\n");
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

/* pluto shows clients the certificate that it has found when the conn was added: with a renewed one
 * the conn is another. `ipsec whack --rereadcerts` would end 4.10. */
static void
add_life(struct text *text, const struct ipsec_plan *plan)
{
	char from[32], until[32];
	struct tm tm;

	strftime(from, sizeof(from), "%F %T", gmtime_r(&plan->cert_from, &tm));
	strftime(until, sizeof(until), "%F %T", gmtime_r(&plan->cert_until, &tm));
	add(text, "    # valid from %s until %s GMT\n", from, until);
}

/* RFC 3193 §5.1: each machine has a key of its own, and ours proves to clients who we are. IKEv1
 * knows RSA only. */
static void
add_certificate(struct text *text, const struct ipsec_plan *plan, bool v2)
{
	enum pluto_kind kind = v2 ? PLUTO_CERT_V2 : PLUTO_CERT;

	if (!has_kind(plan, kind))
		return;
	add(text, "\nconn %s\n    also=%s\n", kinds[kind].shared,
	    kinds[v2 ? PLUTO_PSK_V2 : PLUTO_PSK].shared);
	add_life(text, plan);
	add(text, "    authby=rsasig\n");
	add(text, "    leftcert=%s\n    leftid=%%fromcert\n    leftsendcert=always\n",
	    plan->certificate);
	/* whoever the authority that signed ours has signed, under a name of the certificate. By
	 * IKEv2, 4.10 takes the private address of a client behind NAT only with "%any". */
	add(text, "    rightid=%s\n    rightca=%%same\n", v2 ? "%any" : "%fromcert");
}

static void
add_conn(struct text *text, const struct ipsec_plan *plan, size_t i, enum pluto_kind kind)
{
	bool six = plan->addrs[i].family == 6;
	char ip[INET6_ADDRSTRLEN], name[PLUTO_NAME_MAX];

	inet_ntop(six ? AF_INET6 : AF_INET, plan->addrs[i].ip, ip, sizeof(ip));
	pluto_conn_name(name, kind * PLUTO_ADDRS_MAX + i);
	add(text, "\nconn %s\n    also=%s\n    left=%s\n", name, kinds[kind].shared, ip);
	if (!kinds[kind].certificate)
		add(text, "    authby=secret\n");
	/* RFC 7296 §2.23.1: a client behind NAT proposes its private address, which 5.x narrows
	 * from this and then replaces by the public one */
	if (kinds[kind].v2 && plan->version.major >= 5)
		add(text, "    rightsubnet=%s\n", six ? "::/0" : "0.0.0.0/0");
	add(text, "    auto=add\n");
}

bool
ipsec_conf_text(char *out, size_t cap, const struct ipsec_plan *plan)
{
	struct text text = {.out = out, .cap = cap};

	add_setup(&text);
	add_shared(&text, plan, false);
	add_certificate(&text, plan, false);
	if (plan->ikev2)
		add_shared(&text, plan, true);
	add_certificate(&text, plan, true);
	for (size_t i = 0; i < plan->count; i++)
		for (enum pluto_kind kind = 0; kind < PLUTO_KINDS; kind++)
			if (has_kind(plan, kind))
				add_conn(&text, plan, i, kind);
	return !text.full;
}

/* From "conn NAME" up to the next conn; NULL: there is none. */
static const char *
find_conn(const char *text, const char *name, size_t *len)
{
	char first[PLUTO_NAME_MAX + 16];
	const char *start, *end;

	snprintf(first, sizeof(first), "\nconn %s\n", name);
	start = strstr(text, first);
	end = start ? strstr(start + 1, "\nconn ") : NULL;
	*len = !start ? 0 : end ? (size_t)(end - start) : strlen(start);
	return start;
}

static bool
alike(const char *text, const char *other, const char *name)
{
	size_t len, other_len;
	const char *conn = find_conn(text, name, &len);
	const char *other_conn = find_conn(other, name, &other_len);

	return conn && other_conn && len == other_len && memcmp(conn, other_conn, len) == 0;
}

struct pluto_conns
ipsec_conns_alike(const struct ipsec_plan *plan, const char *text, const char *other)
{
	struct pluto_conns conns = ipsec_conns_of(plan);

	for (enum pluto_kind kind = 0; kind < PLUTO_KINDS; kind++) {
		enum pluto_kind base = kinds[kind].v2 ? PLUTO_PSK_V2 : PLUTO_PSK;
		bool shared = alike(text, other, kinds[base].shared) &&
			      alike(text, other, kinds[kind].shared);

		for (size_t i = 0; i < plan->count; i++) {
			char name[PLUTO_NAME_MAX];

			pluto_conn_name(name, kind * PLUTO_ADDRS_MAX + i);
			if (!shared || !alike(text, other, name))
				conns.of[kind] &= ~(UINT32_C(1) << i);
		}
	}
	return conns;
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

	add(&text, HEADER);
	/* one key for all: before the fifth message of Main Mode nobody knows who the client is */
	if (psk[0])
		add(&text, "%%any %%any : PSK \"%s\"\n", psk);
	return !text.full;
}
