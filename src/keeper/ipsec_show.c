#include "keeper/ipsec_show.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "keeper/ipsec_files.h"
#include "keeper/ipsec_host.h"
#include "keeper/ipsec_load.h"
#include "md5.h"

#define MASK "(not shown)"

/* What stands in quotes in a file of secrets. `out` is of IPSEC_TEXT_MAX bytes; what does not fit
 * is left out. */
static void
mask_quoted(char *out, const char *text)
{
	size_t len = 0;
	bool quoted = false;

	for (; *text && len < IPSEC_TEXT_MAX - sizeof(MASK); text++) {
		if (*text == '"')
			quoted = !quoted;
		if (*text == '"' || !quoted)
			out[len++] = *text;
		if (*text == '"' && quoted) {
			memcpy(out + len, MASK, sizeof(MASK) - 1);
			len += sizeof(MASK) - 1;
		}
	}
	out[len] = '\0';
}

static json_t *
file_document(const char *path, const char *text, const char *now, bool same)
{
	return json_pack("{s:s, s:s, s:s?, s:b}", "path", path, "text", text, "now",
			 now[0] ? now : NULL, "same", same);
}

static json_t *
files_document(const char *text, const char *secrets)
{
	char now[IPSEC_TEXT_MAX], masked[IPSEC_TEXT_MAX], masked_now[IPSEC_TEXT_MAX];
	json_t *files = json_array();

	ipsec_host_read(now, sizeof(now), IPSEC_CONF_FILE);
	json_array_append_new(files,
			      file_document(IPSEC_CONF_FILE, text, now, strcmp(now, text) == 0));
	ipsec_host_read(now, sizeof(now), IPSEC_SECRETS_FILE);
	mask_quoted(masked, secrets);
	mask_quoted(masked_now, now);
	json_array_append_new(files, file_document(IPSEC_SECRETS_FILE, masked, masked_now,
						   strcmp(now, secrets) == 0));
	secret_wipe(now, sizeof(now));
	return files;
}

bool
ipsec_show(const struct conf *conf)
{
	char text[IPSEC_TEXT_MAX], secrets[IPSEC_SECRETS_MAX];
	struct ipsec_outcome outcome = {.text = "ipsec.manage is no: IPsec is not lnsd's",
					.fix = "set ipsec.manage = yes"};
	json_t *document;
	bool ok = conf->ipsec.manage && ipsec_texts(&outcome, conf, text, secrets);

	if (ok)
		document =
			json_pack("{s:b, s:o}", "ok", true, "files", files_document(text, secrets));
	else
		document = json_pack("{s:b, s:s, s:s}", "ok", false, "error", outcome.text, "fix",
				     outcome.fix);
	secret_wipe(secrets, sizeof(secrets));
	json_dumpf(document, stdout, 0);
	putchar('\n');
	json_decref(document);
	return fflush(stdout) == 0 && ok;
}
