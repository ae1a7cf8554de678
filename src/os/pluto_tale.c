/* One client's way through IKE, from the lines of pluto's log. */
#include <stdio.h>
#include <string.h>

#include "pluto.h"

/* After the words that the line begins with. */
typedef void apply_fn(struct pluto_tale *tale, const char *rest);

/* Another try: of the one before only what is counted over several counts. */
static void
begin(struct pluto_tale *tale, const char *rest)
{
	(void)rest;
	tale->begun = tale->last;
	tale->protected = 0;
	tale->stage = PLUTO_ASKED;
	tale->fault = PLUTO_NO_FAULT;
	tale->offered[0] = tale->why[0] = '\0';
	tale->repeats = 0;
	tale->nat = tale->counted = false;
}

/* A client that is refused at its first message, before there is an exchange */
static void
refuse(struct pluto_tale *tale, const char *rest)
{
	unsigned repeats = tale->stage == PLUTO_ASKED ? tale->repeats : 0;

	begin(tale, rest);
	tale->repeats = repeats;
}

static void
count_key(struct pluto_tale *tale, const char *rest)
{
	(void)rest;
	if (tale->fault != PLUTO_WRONG_KEY)
		tale->wrong_keys++;
}

static void
add_offer(struct pluto_tale *tale, const char *offer, size_t len)
{
	size_t used = strlen(tale->offered);

	snprintf(tale->offered + used, sizeof(tale->offered) - used, "%s%.*s", used ? "; " : "",
		 (int)len, offer);
}

/* `AES_CBC (128), HMAC_SHA1, MODP2048] refused` */
static void
note_transform(struct pluto_tale *tale, const char *rest)
{
	add_offer(tale, rest, strcspn(rest, "]"));
}

/* `GROUP 2 not supported.  Attribute OAKLEY_GROUP_DESCRIPTION` */
static void
note_unknown(struct pluto_tale *tale, const char *rest)
{
	const char *end = strstr(rest, " not supported");

	if (end)
		add_offer(tale, rest, (size_t)(end - rest));
}

static void
note_again(struct pluto_tale *tale, const char *rest)
{
	(void)rest;
	tale->repeats++;
}

/* The last part of the line */
static void
note_reason(struct pluto_tale *tale, const char *rest)
{
	const char *colon = strrchr(rest, ':');

	snprintf(tale->why, sizeof(tale->why), "%s", colon ? colon + 1 + (colon[1] == ' ') : rest);
}

static void
note_words(struct pluto_tale *tale, const char *rest)
{
	snprintf(tale->why, sizeof(tale->why), "%s", rest);
}

static void
note_key(struct pluto_tale *tale, const char *rest)
{
	(void)rest;
	tale->wrong_keys = 0;
}

/* The client need not wait for more, and pluto says that there is an SA when it has read the
 * client's last word: later, when it is busy. */
static void
note_answer(struct pluto_tale *tale, const char *rest)
{
	(void)rest;
	tale->protected = tale->last;
	tale->answered = tale->exchange;
}

static void
note_sa(struct pluto_tale *tale, const char *rest)
{
	if (tale->answered != tale->exchange)
		tale->protected = tale->last;
	tale->sa = tale->exchange;
	tale->nat = strstr(rest, "ESPinUDP") != NULL;
	tale->fault = PLUTO_NO_FAULT;
	tale->counted = false;
}

/* `in=11KiB out=0B`; an SA that a newer one has taken the place of ends later than that begins. */
static void
note_traffic(struct pluto_tale *tale, const char *rest)
{
	bool none_in = strstr(rest, "in=0B") != NULL;

	tale->silent = none_in ? tale->silent + 1 : 0;
	if (tale->exchange != tale->sa)
		return;
	tale->counted = true;
	tale->none_in = none_in;
	tale->none_out = strstr(rest, "out=0B") != NULL;
}

/* What lines begin with, and have in them. A stage is never gone back, but by another try. */
static const struct {
	const char *begin, *within;
	enum pluto_stage stage;
	enum pluto_fault fault;
	apply_fn *apply;
} rows[] = {
	{"responding to Main Mode", "", PLUTO_ASKED, PLUTO_NO_FAULT, begin},
	{"sent Main Mode R1", "", PLUTO_R1, PLUTO_NO_FAULT, NULL},
	{"sent Main Mode R2", "", PLUTO_R2, PLUTO_NO_FAULT, NULL},
	{"IKE SA established", "", PLUTO_IKE, PLUTO_NO_FAULT, note_key},
	{"ISAKMP SA established", "", PLUTO_IKE, PLUTO_NO_FAULT, note_key},
	{"responder established IKE SA", "", PLUTO_IKE, PLUTO_NO_FAULT, note_key},
	{"sent Quick Mode reply", "", PLUTO_SILENT, PLUTO_NO_FAULT, note_answer},
	{"IPsec SA established", "", PLUTO_IPSEC, PLUTO_NO_FAULT, note_sa},
	{"responder established Child SA", "", PLUTO_IPSEC, PLUTO_NO_FAULT, note_sa},
	{"ESP traffic information:", "", PLUTO_SILENT, PLUTO_NO_FAULT, note_traffic},
	{"retransmitting in response to duplicate packet", "", PLUTO_SILENT, PLUTO_NO_FAULT,
	 note_again},
	{"Oakley Transform [", "] refused", PLUTO_SILENT, PLUTO_NO_FAULT, note_transform},
	{"OAKLEY_", " not supported", PLUTO_SILENT, PLUTO_NO_FAULT, note_unknown},
	{"no acceptable Oakley Transform", "", PLUTO_SILENT, PLUTO_NO_IKE_PROPOSAL, NULL},
	{"no acceptable Proposal in IPsec SA", "", PLUTO_SILENT, PLUTO_NO_ESP_PROPOSAL, NULL},
	{"probable authentication failure (mismatch of preshared secrets?)", "", PLUTO_SILENT,
	 PLUTO_WRONG_KEY, count_key},
	{"responding to IKE_AUTH message ", " AUTHENTICATION_FAILED", PLUTO_SILENT, PLUTO_WRONG_KEY,
	 count_key},
	{"initial Main Mode message received", "no connection", PLUTO_ASKED, PLUTO_NO_CONN, refuse},
	{"initial Aggressive Mode", "", PLUTO_ASKED, PLUTO_AGGRESSIVE, refuse},
	{"ISAKMP_v2_IKE_SA_INIT message received", "no suitable connection", PLUTO_ASKED,
	 PLUTO_IKEV2, refuse},
	{"cannot respond to IPsec SA request", "", PLUTO_SILENT, PLUTO_SELECTOR, NULL},
	{"netlink response for Add SA ", "", PLUTO_SILENT, PLUTO_KERNEL, note_reason},
	{"X509: ", "rejected", PLUTO_SILENT, PLUTO_CERTIFICATE, note_words},
	{"X509: ", "revoked", PLUTO_SILENT, PLUTO_CERTIFICATE, note_words},
	{"X509: authentication failed", "", PLUTO_SILENT, PLUTO_CERTIFICATE, note_words},
};

void
pluto_tale_line(struct pluto_tale *tale, const char *text, time_t now)
{
	struct pluto_line line;
	bool about_someone = pluto_read_line(&line, text, now);

	tale->lines++;
	if (!about_someone || line.family != tale->family ||
	    memcmp(line.ip, tale->ip, line.family == 4 ? 4 : 16) != 0 ||
	    (line.when && line.when < tale->since))
		return;
	tale->heard++;
	tale->last = line.when;
	tale->exchange = line.exchange;
	if (tale->stage < PLUTO_ASKED)
		tale->stage = PLUTO_ASKED;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i].begin);

		if (strncmp(line.text, rows[i].begin, len) != 0 ||
		    !strstr(line.text + len, rows[i].within))
			continue;
		if (rows[i].apply)
			rows[i].apply(tale, line.text + len);
		if (rows[i].stage > tale->stage)
			tale->stage = rows[i].stage;
		if (rows[i].fault)
			tale->fault = rows[i].fault;
		return;
	}
}
