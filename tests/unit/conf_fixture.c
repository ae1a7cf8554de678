#include "conf_fixture.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

struct conf_errors errors;

void
errors_begin(void)
{
	memset(&errors, 0, sizeof(errors));
}

void
errors_end(void)
{
	conf_errors_fini(&errors);
}

struct conf *
parse_text(const char *text)
{
	struct conf_file file = {"t.conf", text, strlen(text)};

	conf_errors_fini(&errors);
	return conf_parse(&file, 1, &errors);
}

struct conf *
take_text(const char *text)
{
	struct conf *conf = parse_text(text);

	ck_assert_msg(conf != NULL, "refused: %s", errors.kept ? errors.list[0].text : "?");
	ck_assert_uint_eq(errors.count, 0);
	return conf;
}

void
refuse_text(const char *text, int line, const char *want)
{
	struct conf *conf = parse_text(text);

	ck_assert_ptr_null(conf);
	ck_assert_msg(errors.count == 1, "%zu errors, the second: %s", errors.count,
		      errors.kept > 1 ? errors.list[1].text : "");
	ck_assert_str_eq(errors.list[0].file, "t.conf");
	ck_assert_str_eq(errors.list[0].text, want);
	ck_assert_int_eq(errors.list[0].line, line);
}

void
note_change(void *ctx, const char *section, const char *key, enum conf_live live, const char *from,
	    const char *to)
{
	char *log = ctx;

	sprintf(log + strlen(log), "%s.%s %d '%s' '%s'\n", section, key, live, from, to);
}
