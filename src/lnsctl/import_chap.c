/* chap-secrets: client, server, secret, addresses. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lnsctl/import.h"
#include "lnsctl/import_words.h"
#include "md5.h"

struct row {
	struct word client, server, secret, address;
	size_t words; /* of the row; beyond the fourth they are only counted */
	int line;
};

/* The next row; false at the end. `ahead` is its first word, and then that of the one after. */
static bool
next_row(struct words *words, struct row *row, struct word *ahead, bool *more)
{
	struct word *const columns[] = {&row->server, &row->secret, &row->address};

	if (!*more)
		return false;
	row->client = *ahead;
	row->line = words->line;
	row->words = 1;
	row->server.text[0] = row->secret.text[0] = row->address.text[0] = '\0';
	while ((*more = words_next(words, ahead)) && !ahead->first) {
		if (row->words <= 3)
			*columns[row->words - 1] = *ahead;
		row->words++;
	}
	return true;
}

/* Which rows are for this gateway: those of any server, and of the name that its pppd has. */
static bool
is_for_us(const struct import *import, const char *server)
{
	char host[256] = "";

	if (strcmp(server, "*") == 0)
		return true;
	if (import->settings->of[OPT_SERVER])
		return strcmp(server, import->settings->of[OPT_SERVER]) == 0;
	if (import->server[0])
		return strcmp(server, import->server) == 0;
	(void)gethostname(host, sizeof(host) - 1);
	return strcmp(server, host) == 0 || strcmp(server, "l2tpd") == 0 ||
	       strcmp(server, "xl2tpd") == 0;
}

/* Why a row makes no user, or NULL. */
static const char *
why_not(const struct import *import, const struct row *row)
{
	if (row->words < 3)
		return "the line has fewer than three columns";
	if (strcmp(row->client.text, "*") == 0)
		return "a password for everybody is for nobody";
	if (!is_for_us(import, row->server.text))
		return "it is for another server; --server NAME takes that one's";
	if (!row->secret.text[0])
		return "the password is empty";
	if (row->client.cut || row->secret.cut || strlen(row->secret.text) > 255)
		return "name or password is too long";
	if (row->secret.text[0] == '@' && !row->secret.quoted)
		return "the password stands in a file of its own: lnsctl user add";
	return NULL;
}

/* The address that is always this user's; what else the column may say is told. */
static void
take_address(struct import *import, struct import_user *user, const struct row *row)
{
	char what[IMPORT_USER_MAX];
	struct in_addr in;

	if (row->words > 3 && strcmp(row->address.text, "*") != 0 &&
	    strcmp(row->address.text, "-") != 0) {
		if (row->words == 4 && inet_pton(AF_INET, row->address.text, &in) == 1)
			snprintf(user->address, sizeof(user->address), "%s", row->address.text);
		else
			import_left(
				import, user->from, import_user_name(what, user->name),
				"the addresses of the line: only a single one is taken; the user "
				"gets one of the pool");
	}
}

static bool
is_double(struct import *import, const char *name)
{
	for (size_t i = 0; i < import->user_count; i++)
		if (strcmp(import->users[i].name, name) == 0)
			return true;
	return false;
}

static struct import_user *
new_user(struct import *import)
{
	struct import_user *more;

	/* in steps, and not by realloc(), which would leave secrets behind */
	if (import->user_count % 256 == 0) {
		more = calloc(import->user_count + 256, sizeof(*more));
		if (!more)
			return NULL;
		if (import->user_count) {
			memcpy(more, import->users, import->user_count * sizeof(*more));
			secret_wipe(import->users, import->user_count * sizeof(*more));
		}
		free(import->users);
		import->users = more;
	}
	return &import->users[import->user_count];
}

static void
take_row(struct import *import, const struct row *row, const char *from)
{
	/* a domain that clients send along is not part of an account's name */
	const char *slash = strrchr(row->client.text, '\\');
	const char *name = slash ? slash + 1 : row->client.text, *why = why_not(import, row);
	struct import_user *user;
	char what[IMPORT_USER_MAX];

	if (!why)
		why = users_name_fault(name);
	if (!why && is_double(import, name))
		why = "stands in the file before";
	if (!why && import->user_count == IMPORT_USERS_MAX)
		why = "there are too many";
	user = why ? NULL : new_user(import);
	if (!user) {
		import_left(import, from, import_user_name(what, name),
			    why ? why : "out of memory");
		return;
	}
	snprintf(user->name, sizeof(user->name), "%.127s", name);
	snprintf(user->password, sizeof(user->password), "%.255s", row->secret.text);
	snprintf(user->from, sizeof(user->from), "%s", from);
	take_address(import, user, row);
	import->user_count++;
}

void
import_chap(struct import *import, const char *path, int depth)
{
	char *text = import_read(import, path), from[IMPORT_FROM_MAX];
	struct words words;
	struct word ahead;
	struct row row;
	bool more;

	(void)depth;
	words_init(&words, text ? text : "", WORDS_PPPD);
	more = words_next(&words, &ahead);
	while (next_row(&words, &row, &ahead, &more)) {
		import_at(from, path, row.line);
		take_row(import, &row, from);
	}
	explicit_bzero(&row, sizeof(row));
	explicit_bzero(&ahead, sizeof(ahead));
	change_wipe(text);
}
