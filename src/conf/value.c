#include "conf/value.h"

#include <stdio.h>
#include <string.h>

#include "suggest.h"

static void *
member(const struct option *option, void *record)
{
	return (char *)record + option->offset;
}

static const void *
const_member(const struct option *option, const void *record)
{
	return (const char *)record + option->offset;
}

bool
value_digits(const char **text, int64_t *number)
{
	const char *p = *text;

	*number = 0;
	while (*p >= '0' && *p <= '9') {
		*number = *number * 10 + (*p++ - '0');
		if (*number > 1000000000000000)
			return false;
	}
	if (p == *text)
		return false;
	*text = p;
	return true;
}

bool
value_next_item(const char **list, char *item, size_t cap)
{
	const char *start = *list, *comma = strchr(start, ',');
	size_t len = comma ? (size_t)(comma - start) : strlen(start);

	*list = comma ? comma + 1 : NULL;
	while (len > 0 && (*start == ' ' || *start == '\t')) {
		start++;
		len--;
	}
	while (len > 0 && (start[len - 1] == ' ' || start[len - 1] == '\t'))
		len--;
	if (len == 0 || len >= cap)
		return false;
	memcpy(item, start, len);
	item[len] = '\0';
	return true;
}

/* yes and no */

bool
value_bool(const char *text, bool *truth)
{
	static const char *const yes[] = {"yes", "true", "on"}, *const no[] = {"no", "false",
									       "off"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
			*truth = strcmp(text, yes[i]) == 0;
			return true;
		}
	}
	return false;
}

static bool
parse_bool(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	if (value_bool(text, member(option, record)))
		return true;
	snprintf(why, WHY_MAX, "'%.60s' is neither yes nor no", text);
	return false;
}

static void
format_bool(const struct option *option, const void *record, char out[VALUE_TEXT_MAX])
{
	const bool *truth = const_member(option, record);

	snprintf(out, VALUE_TEXT_MAX, "%s", *truth ? "yes" : "no");
}

const struct value_type type_bool = {parse_bool, format_bool};

/* Numbers */

static void
store(const struct option *option, void *record, int64_t number)
{
	uint16_t half = (uint16_t)number;
	uint32_t word = (uint32_t)number;

	memcpy(member(option, record), option->size == sizeof(half) ? (void *)&half : (void *)&word,
	       option->size);
}

static bool
parse_number(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	const char *p = text;
	int64_t number;

	if (!value_digits(&p, &number) || *p != '\0') {
		snprintf(why, WHY_MAX, "'%.60s' is not a number", text);
		return false;
	}
	if (number < option->least || number > option->most) {
		snprintf(why, WHY_MAX, "%.20s is out of range (%lld to %lld)", text,
			 (long long)option->least, (long long)option->most);
		return false;
	}
	store(option, record, number);
	return true;
}

static uint32_t
load(const struct option *option, const void *record)
{
	uint16_t half;
	uint32_t word;

	if (option->size == sizeof(half)) {
		memcpy(&half, const_member(option, record), sizeof(half));
		return half;
	}
	memcpy(&word, const_member(option, record), sizeof(word));
	return word;
}

static void
format_number(const struct option *option, const void *record, char out[VALUE_TEXT_MAX])
{
	snprintf(out, VALUE_TEXT_MAX, "%u", load(option, record));
}

const struct value_type type_number = {parse_number, format_number};

/* Decimal or 0x…, up to 32 bits. */
static bool
read_mark(const char *text, int64_t *mark)
{
	size_t digits;

	if (strncmp(text, "0x", 2) != 0)
		return value_digits(&text, mark) && *text == '\0' && *mark <= UINT32_MAX;
	text += 2;
	digits = strspn(text, "0123456789abcdefABCDEF");
	if (digits == 0 || digits > 8 || text[digits] != '\0')
		return false;
	for (*mark = 0; *text; text++)
		*mark = *mark << 4 | (*text <= '9' ? *text - '0' : (*text | 0x20) - 'a' + 10);
	return true;
}

/* The marks are base and what the lower bits count, so these must be 0. */
static bool
parse_mark(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	int64_t mark;

	if (!read_mark(text, &mark)) {
		snprintf(why, WHY_MAX, "'%.60s' is not a 32-bit number", text);
		return false;
	}
	if (mark < option->least || mark > option->most || mark % option->step != 0) {
		snprintf(why, WHY_MAX,
			 "%.20s is not a multiple of 0x%llx from 0x%llx to 0x%llx, such as "
			 "0x20000000",
			 text, (unsigned long long)option->step, (unsigned long long)option->least,
			 (unsigned long long)option->most);
		return false;
	}
	store(option, record, mark);
	return true;
}

static void
format_mark(const struct option *option, const void *record, char out[VALUE_TEXT_MAX])
{
	snprintf(out, VALUE_TEXT_MAX, "0x%08x", load(option, record));
}

const struct value_type type_mark = {parse_mark, format_mark};

/* Durations */

static const struct unit {
	const char *name;
	int64_t ms;
} units[] = {{"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

/* The largest unit that needs no fraction. */
static void
write_time(int64_t ms, char *out, size_t cap)
{
	size_t i = 0;

	while (units[i].ms > 1 && ms % units[i].ms != 0)
		i++;
	if (ms == 0)
		snprintf(out, cap, "0");
	else
		snprintf(out, cap, "%lld%s", (long long)(ms / units[i].ms), units[i].name);
}

static bool
parse_time(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	const char *p = text;
	char least[32], most[32];
	int64_t number, ms = 0;

	if (value_digits(&p, &number)) {
		if (*p == '\0')
			ms = 1000;
		for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
			if (strcmp(p, units[i].name) == 0)
				ms = units[i].ms;
		}
	}
	if (ms == 0) {
		snprintf(why, WHY_MAX, "'%.60s' is not a time (such as 500ms, 30s, 10m or 1h)",
			 text);
		return false;
	}
	if (number > option->most / ms || number * ms < option->least) {
		write_time(option->least, least, sizeof(least));
		write_time(option->most, most, sizeof(most));
		snprintf(why, WHY_MAX, "%.20s is out of range (%s to %s)", text, least, most);
		return false;
	}
	if (option->step && number * ms % option->step != 0) {
		snprintf(why, WHY_MAX, "%.20s is no whole number of seconds", text);
		return false;
	}
	*(mstime_t *)member(option, record) = number * ms;
	return true;
}

static void
format_time(const struct option *option, const void *record, char out[VALUE_TEXT_MAX])
{
	write_time(*(const mstime_t *)const_member(option, record), out, VALUE_TEXT_MAX);
}

const struct value_type type_time = {parse_time, format_time};

/* Words */

static const struct word *
refuse_word(const struct option *option, const char *text, char why[WHY_MAX])
{
	struct suggest suggest;
	char hint[SUGGEST_HINT_MAX];

	suggest_init(&suggest, text);
	for (const struct word *word = option->words; word->name; word++)
		suggest_try(&suggest, word->name);
	snprintf(why, WHY_MAX, "unknown value '%.40s'%s", text, suggest_hint(&suggest, hint));
	return NULL;
}

static const struct word *
find_word(const struct option *option, const char *text, char why[WHY_MAX])
{
	for (const struct word *word = option->words; word->name; word++) {
		if (strcmp(text, word->name) != 0)
			continue;
		if (word->built)
			return word;
		snprintf(why, WHY_MAX, "'%s' is not yet supported", text);
		return NULL;
	}
	return refuse_word(option, text, why);
}

/* Every enum of struct conf has the size of an unsigned (-fshort-enums is not for us). */
_Static_assert(sizeof(enum conf_data_path) == sizeof(unsigned) &&
		       sizeof(enum log_level) == sizeof(unsigned),
	       "an enum is an unsigned");

static bool
parse_word(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	const struct word *word = find_word(option, text, why);

	if (word)
		memcpy(member(option, record), &word->value, sizeof(word->value));
	return word != NULL;
}

static void
format_word(const struct option *option, const void *record, char out[VALUE_TEXT_MAX])
{
	unsigned value;

	memcpy(&value, const_member(option, record), sizeof(value));
	out[0] = '\0';
	for (const struct word *word = option->words; word->name; word++) {
		if (word->value == value)
			snprintf(out, VALUE_TEXT_MAX, "%s", word->name);
	}
}

const struct value_type type_word = {parse_word, format_word};

static bool
parse_word_set(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	unsigned set = 0;
	char item[64];

	while (text) {
		const struct word *word;

		if (!value_next_item(&text, item, sizeof(item))) {
			snprintf(why, WHY_MAX, "the list has an empty or overlong item");
			return false;
		}
		word = find_word(option, item, why);
		if (!word)
			return false;
		set |= word->value;
	}
	memcpy(member(option, record), &set, sizeof(set));
	return true;
}

static void
format_word_set(const struct option *option, const void *record, char out[VALUE_TEXT_MAX])
{
	size_t len = 0;
	unsigned set;

	memcpy(&set, const_member(option, record), sizeof(set));
	out[0] = '\0';
	for (const struct word *word = option->words; word->name; word++) {
		if (set & word->value)
			len += (size_t)snprintf(out + len, VALUE_TEXT_MAX - len, "%s%s",
						len ? ", " : "", word->name);
	}
}

const struct value_type type_word_set = {parse_word_set, format_word_set};

/* Texts */

static bool
store_text(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	size_t len = strlen(text);

	if (len >= option->size) {
		snprintf(why, WHY_MAX, "the value is longer than %zu bytes", option->size - 1);
		return false;
	}
	memcpy(member(option, record), text, len + 1);
	return true;
}

static bool
parse_text(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	if (strpbrk(text, " \t")) {
		snprintf(why, WHY_MAX, "the value has white space in it");
		return false;
	}
	return store_text(option, text, record, why);
}

static bool
parse_path(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	if (text[0] != '/') {
		snprintf(why, WHY_MAX, "'%.60s' is not an absolute path", text);
		return false;
	}
	return store_text(option, text, record, why);
}

/* It stands without quotes in libreswan's file and as an argument of certutil; what is before a
 * colon would be a token's name. */
static bool
parse_nickname(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._@+-";

	if (text[0] == '-' || text[strspn(text, bytes)] != '\0') {
		snprintf(
			why, WHY_MAX,
			"'%.60s' is no nickname: letters, digits and ._@+- only, and no - in front",
			text);
		return false;
	}
	return store_text(option, text, record, why);
}

/* Only the form: what the words mean is the IKE daemon's to say. */
static bool
parse_proposals(const struct option *option, const char *text, void *record, char why[WHY_MAX])
{
	static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-;+";
	const char *list = text;
	char item[128];

	do {
		if (!value_next_item(&list, item, sizeof(item))) {
			snprintf(why, WHY_MAX,
				 "there is an empty or overlong proposal in the list");
			return false;
		}
		if (item[strspn(item, bytes)] != '\0') {
			snprintf(why, WHY_MAX, "'%.60s' is no proposal (such as %s)", item,
				 strcmp(option->key, "ike") == 0 ? "aes256-sha2;dh14"
								 : "aes256-sha2");
			return false;
		}
	} while (list);
	return store_text(option, text, record, why);
}

static void
format_text(const struct option *option, const void *record, char out[VALUE_TEXT_MAX])
{
	snprintf(out, VALUE_TEXT_MAX, "%s", (const char *)const_member(option, record));
}

const struct value_type type_text = {parse_text, format_text};
const struct value_type type_nickname = {parse_nickname, format_text};
const struct value_type type_path = {parse_path, format_text};
const struct value_type type_proposals = {parse_proposals, format_text};
