/* One configuration file, behind a byte that says nothing. */
#include <assert.h>
#include <string.h>

#include "conf.h"
#include "fuzz.h"

static void
see_change(void *ctx, const char *section, const char *key, enum conf_live live, const char *from,
	   const char *to)
{
	(void)ctx;
	(void)live;
	assert(section[0] && key[0]);
	assert(strcmp(from, to) != 0 || strcmp(key, "sections") == 0);
}

/* What differs from the defaults can be told, and that all of it is gone again. */
static void
compare(const struct conf *conf)
{
	static struct conf *defaults; /* the same for every input */
	struct conf_errors errors = {0};

	if (!defaults)
		defaults = conf_parse(NULL, 0, &errors);
	assert(defaults);
	conf_diff(defaults, conf, see_change, NULL);
	conf_diff(conf, defaults, see_change, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_errors errors = {0};
	struct conf_file file = {"input", (const char *)data + 1, size ? size - 1 : 0};
	struct conf *conf;

	if (size == 0)
		return 0;
	conf = conf_parse(&file, 1, &errors);
	/* one or the other: something whole, or at least one reason */
	assert((conf != NULL) == (errors.count == 0));
	assert(errors.kept <= errors.count);
	if (conf)
		compare(conf);
	conf_errors_fini(&errors);
	conf_free(conf);
	return 0;
}
