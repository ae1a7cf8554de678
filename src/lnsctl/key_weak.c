#include "lnsctl/key_weak.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "md5.h"

#define KEY_ROOM 512
/* About 80 bits of what people think up by themselves */
#define LEAST_BYTES 16
#define LEAST_DIFFERENT 8

/* What a key is made of when it is made for the occasion */
static const char *const words[] = {"password", "passwort", "secret",	"qwerty",
				    "letmein",	"vpnvpn",   "l2tp",	"ipsec",
				    "changeme", "12345678", "abcdefgh", "sharedkey"};

static bool
has_word(const char *key, size_t len, const char *word)
{
	size_t most = strlen(word);

	for (size_t i = 0; i + most <= len; i++) {
		if (strncasecmp(key + i, word, most) == 0)
			return true;
	}
	return false;
}

static size_t
different(const char *key, size_t len)
{
	bool seen[UINT8_MAX + 1] = {false};
	size_t count = 0;

	for (size_t i = 0; i < len; i++) {
		count += !seen[(unsigned char)key[i]];
		seen[(unsigned char)key[i]] = true;
	}
	return count;
}

bool
key_weak(const char *key, size_t len, char *why, size_t cap)
{
	if (len < LEAST_BYTES) {
		snprintf(why, cap, "is short (%zu characters, %d are few)", len, LEAST_BYTES);
		return true;
	}
	if (different(key, len) < LEAST_DIFFERENT) {
		snprintf(why, cap, "is made of few different characters");
		return true;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		/* a word in a long sentence does no harm */
		if (len < LEAST_BYTES + strlen(words[i]) && has_word(key, len, words[i])) {
			snprintf(why, cap, "has a word in it that everybody tries");
			return true;
		}
	}
	return false;
}

bool
key_weak_file(const char *path, char *why, size_t cap)
{
	char key[KEY_ROOM];
	FILE *file = fopen(path, "re");
	bool weak = false;

	if (!file)
		return false;
	/* no copy of it stays in a buffer of the library */
	(void)setvbuf(file, NULL, _IONBF, 0);
	if (fgets(key, sizeof(key), file))
		weak = key_weak(key, strcspn(key, "\r\n"), why, cap);
	fclose(file);
	secret_wipe(key, sizeof(key));
	return weak;
}
