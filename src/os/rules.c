/* See rules.h. The chains as they are told, and a packet's way through them. */
#include "rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "os/rule_match.h"

#define RULES_MAX 20000
#define ASK_MS 5000
#define DEPTH_MAX 16
#define OURS "inet lnsd"

enum hook { HOOK_NONE, HOOK_PREROUTING, HOOK_INPUT };

struct rule {
	char *table, *chain, *text;
	enum hook hook; /* of a line that makes a chain a base chain, or names its policy */
	bool drops;	/* that policy */
};

struct rules {
	struct rule *list;
	size_t count;
	char table[64], chain[64]; /* where the lines are now */
	bool save, six;		   /* they are iptables-save's; of ip6tables */
};

struct rules *
rules_new(void)
{
	return calloc(1, sizeof(struct rules));
}

void
rules_free(struct rules *rules)
{
	for (size_t i = 0; rules && i < rules->count; i++) {
		free(rules->list[i].table);
		free(rules->list[i].chain);
		free(rules->list[i].text);
	}
	if (rules)
		free(rules->list);
	free(rules);
}

static void
add(struct rules *rules, const char *chain, const char *text, enum hook hook, bool drops)
{
	struct rule *list, *rule;

	if (rules->count == RULES_MAX || strcmp(rules->table, OURS) == 0)
		return;
	list = reallocarray(rules->list, rules->count + 1, sizeof(*list));
	if (!list)
		return;
	rules->list = list;
	rule = &list[rules->count];
	*rule = (struct rule){.table = strdup(rules->table),
			      .chain = strdup(chain),
			      .text = strdup(text),
			      .hook = hook,
			      .drops = drops};
	if (rule->table && rule->chain && rule->text) {
		rules->count++;
		return;
	}
	free(rule->table);
	free(rule->chain);
	free(rule->text);
}

static void
keep_words(char *out, size_t cap, const char *text)
{
	size_t len = strcspn(text, "{\n");

	while (len && text[len - 1] == ' ')
		len--;
	snprintf(out, cap, "%.*s", (int)len, text);
}

/* `type filter hook input priority filter; policy drop;` NAT's chains decide about no packet. */
static void
take_nft_base(struct rules *rules, const char *line)
{
	enum hook hook = strstr(line, " hook input ")	     ? HOOK_INPUT
			 : strstr(line, " hook prerouting ") ? HOOK_PREROUTING
							     : HOOK_NONE;

	if (hook && strncmp(line, "type nat", 8) != 0)
		add(rules, rules->chain, "policy drop", hook, strstr(line, "policy drop") != NULL);
}

static void
take_nft(struct rules *rules, const char *line)
{
	if (strncmp(line, "chain ", 6) == 0)
		keep_words(rules->chain, sizeof(rules->chain), line + 6);
	else if (strncmp(line, "type ", 5) == 0)
		take_nft_base(rules, line);
	else if (line[0] == '}')
		rules->chain[0] = '\0';
	else if (rules->chain[0] && line[0] && line[0] != '#')
		add(rules, rules->chain, line, HOOK_NONE, false);
}

/* `:INPUT DROP [0:0]`, `-A INPUT -p udp -j DROP` */
static void
take_save(struct rules *rules, const char *line)
{
	char chain[64];
	const char *rest;

	if (strstr(rules->table, " nat") || (line[0] != ':' && strncmp(line, "-A ", 3) != 0))
		return;
	line += line[0] == ':' ? 1 : 3;
	rest = line + strcspn(line, " ");
	snprintf(chain, sizeof(chain), "%.*s", (int)(rest - line), line);
	rest += strspn(rest, " ");
	if (line[-1] != ':')
		add(rules, chain, rest, HOOK_NONE, false);
	else if (strcmp(chain, "INPUT") == 0)
		add(rules, chain, "policy DROP", HOOK_INPUT, strncmp(rest, "DROP", 4) == 0);
	else if (strcmp(chain, "PREROUTING") == 0)
		add(rules, chain, "policy DROP", HOOK_PREROUTING, strncmp(rest, "DROP", 4) == 0);
}

void
rules_line(struct rules *rules, const char *line)
{
	line += strspn(line, " \t");
	if (line[0] == '#') {
		rules->six = strstr(line, "ip6tables") != NULL;
	} else if (line[0] == '*') {
		rules->save = true;
		snprintf(rules->table, sizeof(rules->table), "ip%stables %.40s",
			 rules->six ? "6" : "", line + 1);
	} else if (strncmp(line, "table ", 6) == 0) {
		rules->save = false;
		keep_words(rules->table, sizeof(rules->table), line + 6);
		rules->chain[0] = '\0';
	} else if (rules->save) {
		take_save(rules, line);
	} else {
		take_nft(rules, line);
	}
}

/* Where a walk has come to. */
enum fate { FATE_GOES_ON, FATE_DROPPED, FATE_IN };

struct walk {
	const struct rules *rules;
	const struct rules_packet *packet;
	const struct rule *by; /* what drops it */
	bool unsure;	       /* a rule before may have let it in */
};

/* `ip filter`, `inet filter`, `iptables filter`, `ip6tables filter` */
static bool
has_family(const struct rule *rule, uint8_t family)
{
	bool four =
		strncmp(rule->table, "ip ", 3) == 0 || strncmp(rule->table, "iptables ", 9) == 0;
	bool six = strncmp(rule->table, "ip6", 3) == 0;

	return four ? family == 4 : six ? family == 6 : strncmp(rule->table, "inet ", 5) == 0;
}

static bool
same_chain(const struct rule *rule, const char *table, const char *chain)
{
	return strcmp(rule->table, table) == 0 && strcmp(rule->chain, chain) == 0;
}

static enum fate walk_chain(struct walk *walk, const char *table, const char *chain, int depth);

/* A rule that may match, or not: whether it keeps the packet from what comes behind. One that drops
 * does not, nor a chain that only logs. */
static bool
may_save(const struct walk *walk, const struct rule *rule, const struct rule_verdict *verdict,
	 int depth)
{
	struct walk aside = {.rules = walk->rules, .packet = walk->packet};

	if (verdict->act != RULE_JUMP || !verdict->chain[0] || depth == DEPTH_MAX)
		return verdict->act != RULE_DROP;
	return walk_chain(&aside, rule->table, verdict->chain, depth + 1) == FATE_IN ||
	       aside.unsure;
}

static enum fate
walk_chain(struct walk *walk, const char *table, const char *chain, int depth)
{
	for (size_t i = 0; i < walk->rules->count; i++) {
		const struct rule *rule = &walk->rules->list[i];
		struct rule_verdict verdict;
		enum fate fate = FATE_GOES_ON;

		if (rule->hook || !same_chain(rule, table, chain))
			continue;
		rule_match(rule->text, walk->packet, &verdict);
		if (verdict.matches == RULE_NO || verdict.act == RULE_NOTHING)
			continue;
		if (verdict.matches == RULE_MAYBE) {
			walk->unsure = walk->unsure || may_save(walk, rule, &verdict, depth);
			continue;
		}
		if (verdict.act == RULE_RETURN)
			return FATE_GOES_ON;
		if (verdict.act == RULE_ACCEPT)
			return FATE_IN;
		if (verdict.act == RULE_DROP) {
			walk->by = rule;
			return FATE_DROPPED;
		}
		if (depth < DEPTH_MAX)
			fate = walk_chain(walk, table, verdict.chain, depth + 1);
		if (fate != FATE_GOES_ON || verdict.act == RULE_GOTO)
			return fate;
	}
	return FATE_GOES_ON;
}

/* Chains that ufw has made: it is told to change them, as it would undo what others do there. */
static bool
has_ufw(const struct rules *rules, const char *table)
{
	for (size_t i = 0; i < rules->count; i++) {
		if (strcmp(rules->list[i].table, table) == 0 &&
		    strncmp(rules->list[i].chain, "ufw-", 4) == 0)
			return true;
	}
	return false;
}

/* Whatever accepts a packet in one base chain, the next one may drop it. */
static bool
dropped_at(const struct rules *rules, const struct rules_packet *packet, enum hook hook,
	   char *where, size_t cap)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *base = &rules->list[i];
		struct walk walk = {.rules = rules, .packet = packet};
		enum fate fate;

		if (base->hook != hook || !has_family(base, packet->family))
			continue;
		fate = walk_chain(&walk, base->table, base->chain, 0);
		if (fate == FATE_GOES_ON && base->drops) {
			fate = FATE_DROPPED;
			walk.by = base;
		}
		if (fate != FATE_DROPPED || walk.unsure)
			continue;
		snprintf(where, cap, "table %s, chain %s: %s%s", walk.by->table, walk.by->chain,
			 walk.by->text, has_ufw(rules, walk.by->table) ? " (ufw's)" : "");
		return true;
	}
	return false;
}

bool
rules_drop(const struct rules *rules, const struct rules_packet *packet, char *where, size_t cap)
{
	return dropped_at(rules, packet, HOOK_PREROUTING, where, cap) ||
	       dropped_at(rules, packet, HOOK_INPUT, where, cap);
}

static void
take_line(void *ctx, const char *line)
{
	rules_line(ctx, line);
}

bool
rules_ask(struct rules *rules)
{
	static const char *const programs[][3] = {
		{"nft", "list", "ruleset"}, {"iptables-legacy-save"}, {"ip6tables-legacy-save"}};
	bool answered = false;

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		char path[256];
		const char *const argv[] = {path, programs[i][1], programs[i][2], NULL};

		if (command_find(path, sizeof(path), programs[i][0]) &&
		    command_run(argv, ASK_MS, take_line, rules) == 0)
			answered = true;
	}
	return answered;
}
