/* See rule_match.h. */
#include "os/rule_match.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX 512

struct reader {
	const char *at;
	const struct rules_packet *packet;
	struct rule_verdict *verdict;
	bool negated; /* the next condition */
};

/* The next word; what stands in quotes or braces is one, without them. */
static bool
next_word(struct reader *reader, char word[WORD_MAX])
{
	char close;
	size_t len;

	reader->at += strspn(reader->at, " \t\n");
	if (!*reader->at)
		return false;
	close = *reader->at == '"' ? '"' : *reader->at == '{' ? '}' : '\0';
	if (close)
		reader->at++;
	for (len = 0; reader->at[len]; len++) {
		if (close ? reader->at[len] == close : strchr(" \t\n", reader->at[len]) != NULL)
			break;
	}
	snprintf(word, WORD_MAX, "%.*s", (int)len, reader->at);
	reader->at += len;
	if (close && *reader->at)
		reader->at++;
	return true;
}

static void
hold(struct reader *reader, enum rule_matches matches)
{
	if (reader->negated && matches != RULE_MAYBE)
		matches = matches == RULE_YES ? RULE_NO : RULE_YES;
	reader->negated = false;
	if (matches < reader->verdict->matches)
		reader->verdict->matches = matches;
}

/* The condition's value, behind a "!" or "!=" if there is one */
static bool
take_value(struct reader *reader, char word[WORD_MAX])
{
	while (next_word(reader, word)) {
		if (strcmp(word, "!=") != 0 && strcmp(word, "!") != 0 && strcmp(word, "==") != 0)
			return true;
		reader->negated = word[0] == '!';
	}
	return false;
}

/* Whether one of "a, b-c" is it */
static enum rule_matches
any_of(char *list, const struct rules_packet *packet,
       enum rule_matches (*is)(const struct rules_packet *packet, const char *item))
{
	enum rule_matches best = RULE_NO;

	for (char *item; (item = strsep(&list, ", "));) {
		enum rule_matches one = *item ? is(packet, item) : RULE_NO;

		best = one > best ? one : best;
	}
	return best;
}

static enum rule_matches
is_port(const struct rules_packet *packet, const char *item)
{
	static const struct {
		const char *name;
		unsigned long port;
	} names[] = {{"isakmp", 500}, {"ipsec-nat-t", 4500}, {"l2tp", 1701}, {"l2f", 1701}};
	char *end;
	unsigned long first = strtoul(item, &end, 10), last = first;

	for (size_t i = 0; end == item && i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(item, names[i].name) == 0)
			return packet->protocol == 17 && packet->port == names[i].port ? RULE_YES
										       : RULE_NO;
	}
	if (*end == '-' || *end == ':')
		last = strtoul(end + 1, &end, 10);
	if (packet->protocol != 17)
		return RULE_NO;
	/* a name of another service is none of ours */
	return *item >= '0' && *item <= '9' && packet->port >= first && packet->port <= last
		       ? RULE_YES
		       : RULE_NO;
}

static enum rule_matches
is_protocol(const struct rules_packet *packet, const char *item)
{
	const char *name = packet->protocol == 17 ? "udp" : "esp";
	const char *number = packet->protocol == 17 ? "17" : "50";

	return strcmp(item, name) == 0 || strcmp(item, number) == 0 || strcmp(item, "all") == 0
		       ? RULE_YES
		       : RULE_NO;
}

static enum rule_matches
is_interface(const struct rules_packet *packet, const char *item)
{
	char name[IF_NAMESIZE + 2];
	size_t len;

	snprintf(name, sizeof(name), "%.17s", item);
	name[strcspn(name, "\"")] = '\0';
	len = strlen(name);
	if (strcmp(name, "lo") == 0)
		return RULE_NO;
	if (!packet->iface[0])
		return RULE_MAYBE;
	if (len && (name[len - 1] == '+' || name[len - 1] == '*'))
		return strncmp(name, packet->iface, len - 1) == 0 ? RULE_YES : RULE_NO;
	return strcmp(name, packet->iface) == 0 ? RULE_YES : RULE_NO;
}

static bool
in_prefix(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	return memcmp(a, b, whole) == 0 && (!rest || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

/* A single address, or a prefix; a range is not understood */
static enum rule_matches
is_source(const struct rules_packet *packet, const char *item)
{
	static const uint8_t nobody[16];
	uint8_t ip[16];
	char text[INET6_ADDRSTRLEN];
	size_t len = strcspn(item, "/");
	unsigned most = packet->family == 4 ? 32 : 128, bits = most;

	if (len >= sizeof(text) || memcmp(packet->ip, nobody, sizeof(nobody)) == 0)
		return RULE_MAYBE;
	snprintf(text, sizeof(text), "%.*s", (int)len, item);
	if (item[len] == '/')
		bits = (unsigned)strtoul(item + len + 1, NULL, 10);
	if (inet_pton(packet->family == 4 ? AF_INET : AF_INET6, text, ip) != 1 || bits > most)
		return RULE_MAYBE;
	return in_prefix(ip, packet->ip, bits) ? RULE_YES : RULE_NO;
}

/* The packets that open something are looked at. */
static enum rule_matches
is_state(const struct rules_packet *packet, const char *item)
{
	(void)packet;
	return strcasecmp(item, "new") == 0 || strcasecmp(item, "untracked") == 0 ? RULE_YES
										  : RULE_NO;
}

static enum rule_matches
is_decrypted(const struct rules_packet *packet, const char *item)
{
	bool yes = strcmp(item, "exists") == 0 || strcmp(item, "ipsec") == 0;
	bool no = strcmp(item, "missing") == 0 || strcmp(item, "none") == 0;

	if (!yes && !no)
		return RULE_MAYBE;
	return packet->decrypted == yes ? RULE_YES : RULE_NO;
}

/* What is for another machine never comes to the input. */
static enum rule_matches
is_local(const struct rules_packet *packet, const char *item)
{
	(void)packet;
	return strcasecmp(item, "local") == 0 ? RULE_YES : RULE_NO;
}

/* Nobody sends it elsewhere. */
static enum rule_matches
is_translated(const struct rules_packet *packet, const char *item)
{
	(void)packet;
	return strcasecmp(item, "dnat") == 0 ? RULE_NO : RULE_MAYBE;
}

/* Conditions: what a word asks of its value */
static const struct {
	const char *word;
	enum rule_matches (*is)(const struct rules_packet *packet, const char *item);
} conditions[] = {
	{"dport", is_port},	   {"--dport", is_port},      {"--dports", is_port},
	{"protocol", is_protocol}, {"l4proto", is_protocol},  {"nexthdr", is_protocol},
	{"-p", is_protocol},	   {"iifname", is_interface}, {"iif", is_interface},
	{"-i", is_interface},	   {"saddr", is_source},      {"-s", is_source},
	{"state", is_state},	   {"--ctstate", is_state},   {"--state", is_state},
	{"secpath", is_decrypted}, {"--pol", is_decrypted},   {"--dst-type", is_local},
	{"type", is_local},	   {"status", is_translated}, {"--ctstatus", is_translated},
};

/* What says nothing about the packet, and how many words follow that say nothing either */
static const struct {
	const char *word;
	unsigned values;
} silent[] = {
	{"counter", 0},
	{"packets", 1},
	{"bytes", 1},
	{"log", 0},
	{"prefix", 1},
	{"level", 1},
	{"flags", 1},
	{"comment", 1},
	{"-m", 1},
	{"--comment", 1},
	{"-c", 2},
	{"--log-prefix", 1},
	{"--log-level", 1},
	{"fib", 1},
	{"meta", 0},
	{"ct", 0},
	{"th", 0},
	{"with", 9},
	{"--reject-with", 1},
	{"--dir", 1},
	{"handle", 1},
	{"#", 9},
};

static const struct {
	const char *word;
	enum rule_act act;
} acts[] = {
	{"accept", RULE_ACCEPT}, {"drop", RULE_DROP}, {"reject", RULE_DROP},
	{"return", RULE_RETURN}, {"jump", RULE_JUMP}, {"goto", RULE_GOTO},
	{"-j", RULE_JUMP},	 {"-g", RULE_GOTO},   {"continue", RULE_NOTHING},
};

/* What iptables has in place of a chain */
static const struct {
	const char *word;
	enum rule_act act;
} targets[] = {
	{"ACCEPT", RULE_ACCEPT}, {"DROP", RULE_DROP},	     {"REJECT", RULE_DROP},
	{"RETURN", RULE_RETURN}, {"LOG", RULE_NOTHING},	     {"NFLOG", RULE_NOTHING},
	{"MARK", RULE_NOTHING},	 {"CONNMARK", RULE_NOTHING}, {"TCPMSS", RULE_NOTHING},
	{"TRACE", RULE_NOTHING}, {"CT", RULE_NOTHING},	     {"NOTRACK", RULE_NOTHING},
};

static void
take_chain(struct reader *reader, enum rule_act act)
{
	char word[WORD_MAX] = "";

	reader->verdict->act = act;
	if (!next_word(reader, word))
		return;
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		if (strcmp(word, targets[i].word) == 0) {
			reader->verdict->act = targets[i].act;
			return;
		}
	}
	snprintf(reader->verdict->chain, sizeof(reader->verdict->chain), "%.63s", word);
}

/* A verdict map may do anything; so may what is compared in a way that is not known here. */
static void
take_comparison(struct reader *reader, char value[WORD_MAX],
		enum rule_matches (*is)(const struct rules_packet *packet, const char *item))
{
	if (strcmp(value, "vmap") == 0)
		reader->verdict->act = RULE_JUMP;
	if (strcmp(value, "vmap") == 0 || strchr("@.&$<>", value[0]))
		hold(reader, RULE_MAYBE);
	else
		hold(reader, any_of(value, reader->packet, is));
}

static bool
take_condition(struct reader *reader, const char *word)
{
	char value[WORD_MAX];

	for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
		if (strcmp(word, conditions[i].word) != 0)
			continue;
		if (take_value(reader, value))
			take_comparison(reader, value, conditions[i].is);
		return true;
	}
	return false;
}

static bool
take_silent(struct reader *reader, const char *word)
{
	char value[WORD_MAX];

	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
		if (strcmp(word, silent[i].word) != 0)
			continue;
		for (unsigned left = silent[i].values; left && next_word(reader, value); left--)
			;
		return true;
	}
	return false;
}

static bool
take_act(struct reader *reader, const char *word)
{
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		if (strcmp(word, acts[i].word) != 0)
			continue;
		if (acts[i].act == RULE_JUMP || acts[i].act == RULE_GOTO)
			take_chain(reader, acts[i].act);
		else
			reader->verdict->act = acts[i].act;
		return true;
	}
	return false;
}

/* `udp dport`, `tcp flags`: the protocol stands before what it has */
static bool
take_protocol(struct reader *reader, const char *word)
{
	static const char *const others[] = {"tcp", "icmp", "icmpv6", "sctp", "dccp", "ah"};

	if (strcmp(word, "udp") == 0 || strcmp(word, "esp") == 0) {
		hold(reader, is_protocol(reader->packet, word));
		return true;
	}
	if (strcmp(word, "ip") == 0 || strcmp(word, "ip6") == 0) {
		hold(reader,
		     (reader->packet->family == 4) == (word[2] == '\0') ? RULE_YES : RULE_NO);
		return true;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (strcmp(word, others[i]) == 0) {
			hold(reader, RULE_NO);
			return true;
		}
	}
	return false;
}

void
rule_match(const char *text, const struct rules_packet *packet, struct rule_verdict *verdict)
{
	struct reader reader = {.at = text, .packet = packet, .verdict = verdict};
	char word[WORD_MAX];

	*verdict = (struct rule_verdict){.matches = RULE_YES, .act = RULE_NOTHING};
	while (next_word(&reader, word)) {
		if (strcmp(word, "!") == 0)
			reader.negated = true;
		else if (!take_condition(&reader, word) && !take_silent(&reader, word) &&
			 !take_act(&reader, word) && !take_protocol(&reader, word))
			hold(&reader, RULE_MAYBE);
	}
}
