#include "marks.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

#define ASK_MS 1000
#define UPPER (~(uint32_t)(MARKS_COUNT - 1))

/* Decimal or 0x…, of 32 bits at most, and nothing of a word behind it. */
static bool
read_mark(const char **text, uint32_t *mark)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t base = strncmp(*text, "0x", 2) == 0 ? 16 : 10, value = 0;
	const char *p = *text + (base == 16 ? 2 : 0), *first = p, *digit;

	while (*p && (digit = memchr(digits, *p | 0x20, base)) && value <= UINT32_MAX) {
		value = value * base + (uint64_t)(digit - digits);
		p++;
	}
	if (p == first || value > UINT32_MAX || isalnum((unsigned char)*p))
		return false;
	*text = p;
	*mark = (uint32_t)value;
	return true;
}

static bool
is_given(uint32_t mark, uint32_t base)
{
	return (mark & UPPER) == base;
}

/* What is asked is whether the bits under the mask are those of `mark`. */
static bool
is_asked(uint32_t mark, uint32_t mask, uint32_t base)
{
	return mask && !(mark & ~mask) && !((mark ^ base) & mask & UPPER);
}

/* V or V/M */
static bool
asks_for(const char *text, uint32_t base)
{
	uint32_t mark, mask = ~0u;

	if (!read_mark(&text, &mark))
		return false;
	if (*text == '/' && (text++, !read_mark(&text, &mask)))
		return false;
	return is_asked(mark, mask, base);
}

static bool
gives(const char *text, uint32_t base)
{
	uint32_t mark;

	return read_mark(&text, &mark) && is_given(mark, base);
}

/* ── nft ────────────────────────────────────────────────────────────────────────────────── */

/* Takes a word, and the spaces behind it. */
static bool
take(const char **text, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*text, word, len) != 0)
		return false;
	*text += len;
	*text += strspn(*text, " ");
	return true;
}

/* V or V-W */
static bool
nft_item(const char **text, uint32_t base, bool *used)
{
	uint32_t first, last;

	if (!read_mark(text, &first))
		return false;
	last = first;
	if (**text == '-' && (++*text, !read_mark(text, &last)))
		return false;
	*text += strspn(*text, " ");
	*used = *used || (first <= base + (MARKS_COUNT - 1) && last >= base);
	return true;
}

/* "{ 0x1, 0x3-0x7 }", and the keys and values of a map */
static bool
nft_set(const char *text, uint32_t base)
{
	bool used = false;

	while (*text && *text != '}' && !used) {
		if (nft_item(&text, base, &used))
			continue;
		text += strcspn(text, " }");
		text += strspn(text, " ");
	}
	return used;
}

/* What a mark is set to: numbers, marks and operators, up to the next statement. A mask alone would
 * clear bits, but is taken for a mark all the same. */
static bool
nft_gives(const char *text, uint32_t base)
{
	static const char *const words[] = {"meta mark", "ct mark", "mark", "map", "or", "and",
					    "xor",	 "|",	    "&",    "^",   "(",	 ")"};
	bool used = false, more = true;

	while (more && !used) {
		if (take(&text, "{"))
			return nft_set(text, base);
		more = nft_item(&text, base, &used);
		for (size_t i = 0; !more && i < sizeof(words) / sizeof(words[0]); i++)
			more = take(&text, words[i]);
	}
	return used;
}

static bool
nft_uses(const char *text, uint32_t base)
{
	uint32_t mark, mask;
	bool used = false;

	if (take(&text, "set "))
		return nft_gives(text, base);
	if (take(&text, "& ") || take(&text, "and ")) {
		if (!read_mark(&text, &mask))
			return false;
		text += strspn(text, " ");
		take(&text, "== ");
		return read_mark(&text, &mark) && is_asked(mark, mask, base);
	}
	if (take(&text, "vmap {") || take(&text, "map {") || take(&text, "{"))
		return nft_set(text, base);
	take(&text, "== ");
	return nft_item(&text, base, &used) && used;
}

/* ── any of them ────────────────────────────────────────────────────────────────────────── */

static const struct {
	const char *before;
	bool (*uses)(const char *text, uint32_t base);
} words[] = {
	{"--mark ", asks_for},	 {"fwmark ", asks_for},	   {"--set-mark ", gives},
	{"--set-xmark ", gives}, {"meta mark ", nft_uses}, {"ct mark ", nft_uses},
};

/* "! --mark 1", "not from all fwmark 1" */
static bool
is_denied(const char *line, const char *at)
{
	return (at - line >= 2 && strncmp(at - 2, "! ", 2) == 0) || strstr(line, "not from ");
}

bool
marks_line_uses(const char *line, uint32_t base)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *at = line;

		while ((at = strstr(at, words[i].before))) {
			const char *text = at + strlen(words[i].before);

			if (!is_denied(line, at) && words[i].uses(text, base))
				return true;
			at = text;
		}
	}
	return false;
}

struct search {
	uint32_t base;
	const char *program;
	char *rule;
	size_t cap;
	bool found;
};

static void
look_at(void *ctx, const char *line)
{
	struct search *search = ctx;

	if (search->found || !marks_line_uses(line, search->base))
		return;
	search->found = true;
	line += strspn(line, " \t");
	snprintf(search->rule, search->cap, "%s: %s", search->program, line);
	for (char *tab = search->rule; (tab = strchr(tab, '\t'));)
		*tab = ' ';
}

enum marks_answer
marks_find(uint32_t base, char *rule, size_t cap)
{
	static const char *const programs[][3] = {
		{"ip", "rule"},		  {"ip", "-6", "rule"}, {"nft", "list", "ruleset"},
		{"iptables-save"},	  {"ip6tables-save"},	{"iptables-legacy-save"},
		{"ip6tables-legacy-save"}};
	struct search search = {.base = base, .rule = rule, .cap = cap};
	bool answered = false;

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]) && !search.found; i++) {
		char path[256];
		const char *const argv[] = {path, programs[i][1], programs[i][2], NULL};

		search.program = programs[i][0];
		if (command_find(path, sizeof(path), programs[i][0]) &&
		    command_run(argv, ASK_MS, look_at, &search) == 0)
			answered = true;
	}
	if (search.found)
		return MARKS_USED;
	return answered ? MARKS_FREE : MARKS_UNKNOWN;
}
