/*
 * The files of another gateway as words. The first byte says whose rules hold. No word is longer
 * than it may be, no line is passed over, and the end is reached.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "lnsctl/import_words.h"

static void
read_words(const char *text, enum words_kind kind)
{
	const char *end = text + strlen(text);
	struct words words;
	struct word word;
	int lines = 1, line = 0;

	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	words_init(&words, text, kind);
	while (words_next(&words, &word)) {
		assert(words.at <= end && strlen(word.text) < IMPORT_WORD_MAX);
		assert(words.line >= line && words.line <= lines);
		assert(line || word.first);
		line = words.line;
	}
	assert(words.at == end);
}

static void
read_pairs(const char *text)
{
	char key[16], value[16];

	while (*text) {
		size_t len = strcspn(text, "\n");

		if (words_pair(text, len, key, value, sizeof(key)))
			assert(key[0] && strlen(key) < 16 && strlen(value) < 16);
		text += len + (text[len] == '\n');
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size == 0)
		return 0;
	/* of exactly this size, so that a step beyond its end is seen */
	text = malloc(size);
	assert(text);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	read_words(text, data[0] & 1 ? WORDS_IPSEC : WORDS_PPPD);
	read_pairs(text);
	free(text);
	return 0;
}
