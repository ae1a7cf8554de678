#include "lnsctl/ours.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bundle.h"
#include "lnsctl/change.h"
#include "lnsctl/lnsctl.h"

static void
count_key(void *ctx, const char *section, const char *key, enum conf_live live, const char *from,
	  const char *to)
{
	(void)section, (void)key, (void)live, (void)from, (void)to;
	++*(size_t *)ctx;
}

/* The file as it is installed: examples, and nothing that is set. */
static bool
sets_nothing(const char *path, const char *text)
{
	const struct conf_file file = {path, text, strlen(text)};
	struct conf_errors errors = {.count = 0};
	struct conf *defaults = conf_parse(NULL, 0, &errors);
	struct conf *conf = conf_parse(&file, 1, &errors);
	size_t count = 0;
	bool nothing;

	if (conf && defaults)
		conf_diff(defaults, conf, count_key, &count);
	nothing = conf && defaults && count == 0 && conf->peer_count == 0;
	conf_free(conf);
	conf_free(defaults);
	conf_errors_fini(&errors);
	return nothing;
}

enum ours_state
ours_look(const char *path)
{
	enum ours_state state = OURS_FRESH;
	int error;
	char *text = change_read(path, &error);

	if (text && strncmp(text, OURS_HEADER, strlen(OURS_HEADER)) == 0)
		state = OURS_WRITTEN;
	else if (text && !sets_nothing(path, text))
		state = OURS_FOREIGN;
	change_wipe(text);
	if (!error)
		return state;
	complain("%s: cannot be read: %s%s", path, strerror(error),
		 error == EACCES ? " (run this as root)" : "");
	return OURS_UNREADABLE;
}

struct conf *
ours_parse(const char *path, const char *text, struct conf_errors *errors)
{
	const struct conf_file alone = {path, text, text ? strlen(text) : 0};
	struct bundle bundle;
	struct conf_file own;
	struct conf *conf;

	if (access(path, F_OK) < 0 && errno == ENOENT)
		return conf_parse(&alone, text ? 1 : 0, errors);
	if (!bundle_read(&bundle, path, errors))
		return NULL;
	own = bundle.files[0];
	if (text)
		bundle.files[0] = alone;
	conf = conf_parse(bundle.files, bundle.count, errors);
	/* what it frees it wipes, and the text is the caller's */
	bundle.files[0] = own;
	bundle_fini(&bundle);
	return conf;
}

void
ours_beside(char *out, size_t cap, const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	snprintf(out, cap, "%.*s/%s", slash ? (int)(slash - path) : 0, path, name);
}
