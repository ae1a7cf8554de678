/* See sticky.h. Groups of eight pairs by the name's hash, the latest in front. */
#include "sticky.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/name_hash.h"

#define GROUPS 8192
#define PAIRS 8
#define HASH_DIGITS 16

struct pair {
	uint64_t user;
	uint32_t address; /* 0: free, and so are all behind it */
};

struct sticky {
	struct pair groups[GROUPS][PAIRS];
};

static size_t
group_of(uint64_t user)
{
	return (size_t)((user ^ user >> 32) % GROUPS);
}

struct sticky *
sticky_new(void)
{
	return calloc(1, sizeof(struct sticky));
}

void
sticky_free(struct sticky *sticky)
{
	free(sticky);
}

/* In front, from where it was or in place of the last. */
static void
note(struct sticky *sticky, uint64_t user, uint32_t address)
{
	struct pair *group = sticky->groups[group_of(user)];
	size_t i = 0;

	while (i + 1 < PAIRS && group[i].address &&
	       (group[i].user != user || group[i].address != address))
		i++;
	memmove(group + 1, group, i * sizeof(*group));
	group[0] = (struct pair){user, address};
}

void
sticky_note(struct sticky *sticky, const char *user, uint32_t address)
{
	note(sticky, name_hash(user), address);
}

size_t
sticky_wishes(const struct sticky *sticky, const char *user, uint32_t wishes[STICKY_WISHES])
{
	uint64_t hash = name_hash(user);
	const struct pair *group = sticky->groups[group_of(hash)];
	size_t count = 0;

	for (size_t i = 0; i < PAIRS && count < STICKY_WISHES; i++)
		if (group[i].address && group[i].user == hash)
			wishes[count++] = group[i].address;
	return count;
}

bool
sticky_write(const struct sticky *sticky, size_t *place, char line[STICKY_LINE_MAX])
{
	while (*place < (size_t)GROUPS * PAIRS) {
		size_t at = (*place)++;
		const struct pair *pair = &sticky->groups[at / PAIRS][PAIRS - 1 - at % PAIRS];
		uint32_t ip = pair->address;

		if (!ip)
			continue;
		snprintf(line, STICKY_LINE_MAX, "%08x%08x %u.%u.%u.%u",
			 (unsigned)(pair->user >> 32), (unsigned)(pair->user & UINT32_MAX),
			 ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
		return true;
	}
	return false;
}

/* `digits` digits in `base`, and what must follow them; what is behind that, or NULL. */
static const char *
read_number(const char *text, unsigned base, size_t digits, char after, uint64_t *number)
{
	static const char all[] = "0123456789abcdef";
	size_t i = 0;

	*number = 0;
	for (; i < digits && text[i]; i++) {
		const char *digit = memchr(all, text[i], base);

		if (!digit)
			break;
		*number = *number * base + (uint64_t)(digit - all);
	}
	if (i == 0 || text[i] != after)
		return NULL;
	return text + i + (after != '\0');
}

bool
sticky_read(struct sticky *sticky, const char *line)
{
	uint64_t user, part = 0, address = 0;
	const char *p = read_number(line, 16, HASH_DIGITS, ' ', &user);

	if (p != line + HASH_DIGITS + 1)
		return false;
	for (int i = 0; p && i < 4; i++) {
		p = read_number(p, 10, 3, i < 3 ? '.' : '\0', &part);
		if (part > 255)
			return false;
		address = address << 8 | part;
	}
	if (!p || address == 0)
		return false;
	note(sticky, user, (uint32_t)address);
	return true;
}
