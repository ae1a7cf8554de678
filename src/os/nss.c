#include "nss.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

#define COMMAND_MS 5000
#define PATH_BYTES 256
#define ENDING_S (30L * 24 * 3600)

/* What certutil says of a nickname; when it has several certificates (one was renewed), of the one
 * that is valid longest, as NSS takes that. */
struct reading {
	const char *nickname;
	char database[PATH_BYTES]; /* "sql:DIR" */
	bool found, key;
	time_t before, from, until; /* `before`: of the certificate that is being read */
};

bool
nss_read_row(const char *line, const char *nickname, bool *key)
{
	size_t len = strlen(nickname);
	const char *flags = line + len;

	if (strncmp(line, nickname, len) != 0 || *flags != ' ')
		return false;
	/* "u,u,u", "CT,,": a nickname with white space goes on with another word */
	flags += strspn(flags, " ");
	if (!strchr(flags, ',') || flags[strspn(flags, "pPcCTuw,")] > ' ')
		return false;
	*key = strchr(flags, 'u') != NULL;
	return true;
}

bool
nss_read_time(const char *line, bool *after, time_t *when)
{
	const char *before = strstr(line, "Not Before: "), *text = strstr(line, "Not After : ");
	struct tm tm = {.tm_mday = 0};

	*after = text != NULL;
	if (!text)
		text = before;
	if (!text || !strptime(text + strlen("Not After : "), "%a %b %d %H:%M:%S %Y", &tm))
		return false;
	*when = timegm(&tm);
	return true;
}

static void
read_setup(void *ctx, const char *line)
{
	struct reading *reading = ctx;
	char dir[PATH_BYTES - 4];

	if (sscanf(line, "export nssdir='%251[^']'", dir) == 1)
		snprintf(reading->database, sizeof(reading->database), "sql:%s", dir);
}

static void
read_row(void *ctx, const char *line)
{
	struct reading *reading = ctx;
	bool key;

	if (!nss_read_row(line, reading->nickname, &key))
		return;
	reading->found = true;
	reading->key = reading->key || key;
}

static void
read_time(void *ctx, const char *line)
{
	struct reading *reading = ctx;
	bool after;
	time_t when;

	if (!nss_read_time(line, &after, &when))
		return;
	if (!after) {
		reading->before = when;
	} else if (when > reading->until ||
		   (when == reading->until && reading->before > reading->from)) {
		reading->from = reading->before;
		reading->until = when;
	}
}

static void __attribute__((format(printf, 4, 5)))
tell(struct nss_cert *cert, enum nss_state state, const char *fix, const char *fmt, ...)
{
	va_list args;

	cert->state = state;
	va_start(args, fmt);
	vsnprintf(cert->text, sizeof(cert->text), fmt, args);
	va_end(args);
	snprintf(cert->fix, sizeof(cert->fix), "%s", fix);
}

bool
nss_database(char *database, size_t cap, const char *ipsec)
{
	const char *const setup[] = {ipsec, "addconn", "--configsetup", NULL};
	struct reading reading = {.nickname = ""};

	if (command_run(setup, COMMAND_MS, read_setup, &reading) != 0 || !reading.database[0])
		return false;
	snprintf(database, cap, "%s", reading.database);
	return true;
}

/* False when the database could not be read; `cert` says why. */
static bool
ask(struct nss_cert *cert, struct reading *reading, const char *ipsec)
{
	char certutil[PATH_BYTES];
	const char *const list[] = {certutil, "-L", "-d", reading->database, NULL};
	const char *const show[] = {certutil,	       "-L", "-d", reading->database, "-n",
				    reading->nickname, NULL};

	if (!command_find(certutil, sizeof(certutil), "certutil"))
		tell(cert, NSS_UNKNOWN, "apt install libnss3-tools", "certutil is not installed");
	else if (!nss_database(reading->database, sizeof(reading->database), ipsec))
		tell(cert, NSS_UNKNOWN, "ipsec addconn --checkconfig says more",
		     "libreswan does not say where its NSS database is");
	else if (command_run(list, COMMAND_MS, read_row, reading) != 0)
		tell(cert, NSS_UNKNOWN, "run this as root; ipsec initnss makes a database",
		     "the NSS database %.100s cannot be read", reading->database + 4);
	else
		return !reading->found || command_run(show, COMMAND_MS, read_time, reading) == 0;
	return false;
}

static void
judge(struct nss_cert *cert, const struct reading *reading, time_t now)
{
	static const char renew[] =
		"lnsctl cert renew NAME, or ipsec import FILE.p12, a new one of this nickname";
	const char *name = reading->nickname, *dir = reading->database + 4;
	char date[16];
	struct tm tm;

	cert->from = reading->from;
	cert->until = reading->until;
	strftime(date, sizeof(date), "%Y-%m-%d",
		 gmtime_r(now < reading->from ? &reading->from : &reading->until, &tm));
	if (!reading->found)
		tell(cert, NSS_BAD,
		     "lnsctl cert server NAME, or ipsec import FILE.p12, whose friendly name is "
		     "the nickname",
		     "there is no certificate '%.60s' in %.60s", name, dir);
	else if (!reading->key)
		tell(cert, NSS_BAD, "ipsec import FILE.p12, a file that has the key, too",
		     "the certificate '%.60s' is in %.60s without its private key", name, dir);
	else if (now < reading->from)
		tell(cert, NSS_BAD, "set the clock, or wait",
		     "the certificate '%.60s' is not valid before %s", name, date);
	else if (now >= reading->until)
		tell(cert, NSS_BAD, renew, "the certificate '%.60s' has expired on %s", name, date);
	else if (reading->until - now < ENDING_S)
		tell(cert, NSS_ENDING, renew, "the certificate '%.60s' expires on %s", name, date);
	else
		tell(cert, NSS_GOOD, "", "%.60s, valid until %s", name, date);
}

bool
nss_usable(const struct nss_cert *cert)
{
	return cert->state == NSS_GOOD || cert->state == NSS_ENDING;
}

void
nss_look(struct nss_cert *cert, const char *ipsec, const char *nickname, time_t now)
{
	struct reading reading = {.nickname = nickname};

	memset(cert, 0, sizeof(*cert));
	tell(cert, NSS_UNKNOWN, "certutil -L -n NICKNAME says more",
	     "certutil does not show the certificate '%.60s'", nickname);
	if (ask(cert, &reading, ipsec))
		judge(cert, &reading, now);
}
