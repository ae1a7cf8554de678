#include "lnsctl/cert_nss.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "lnsctl/cert_make.h"
#include "lnsctl/lnsctl.h"
#include "nss.h"

#define PATIENCE_MS 15000

/* the last line is the one that ended it */
static void
keep_line(void *ctx, const char *line)
{
	snprintf(ctx, 200, "%.199s", line);
}

static bool
run(const char *const argv[])
{
	const char *name = strrchr(argv[0], '/');
	char said[200] = "it says nothing";
	int code = command_run(argv, PATIENCE_MS, keep_line, said);

	if (code < 0)
		complain("%s: %s", name ? name + 1 : argv[0], strerror(-code));
	else if (code > 0)
		complain("%s: %s", name ? name + 1 : argv[0], said);
	return code == 0;
}

static bool
find(char path[CERT_NSS_PATH], const char *name, const char *package)
{
	bool found = command_find(path, CERT_NSS_PATH, name);

	if (!found)
		complain("%s is not installed: apt install %s", name, package);
	return found;
}

bool
cert_nss_open(struct cert_nss *nss)
{
	if (!find(nss->ipsec, "ipsec", "libreswan") ||
	    !find(nss->certutil, "certutil", "libnss3-tools") ||
	    !find(nss->pk12util, "pk12util", "libnss3-tools") ||
	    !find(nss->crlutil, "crlutil", "libnss3-tools"))
		return false;
	if (nss_database(nss->database, sizeof(nss->database), nss->ipsec))
		return true;
	complain("libreswan does not say where its certificates are: "
		 "ipsec addconn --checkconfig says more");
	return false;
}

bool
cert_nss_trust(const struct cert_nss *nss, const char *file, const char *nickname)
{
	const char *const argv[] = {nss->certutil, "-A",   "-d", nss->database, "-n", nickname,
				    "-t",	   "CT,,", "-a", "-i",		file, NULL};

	return run(argv);
}

bool
cert_nss_import(const struct cert_nss *nss, const char *file, const char *password_file)
{
	const char *const argv[] = {nss->pk12util, "-i",	  file, "-d", nss->database,
				    "-w",	   password_file, "-K", "",   NULL};

	return run(argv);
}

/* Distrust counts at once. A list of revoked certificates, which NSS looks for once a minute, would
 * let its owner in for so long. */
bool
cert_nss_distrust(const struct cert_nss *nss, const char *file, const char *nickname)
{
	char revoked[CERT_NAME_MAX + 16];
	const char *const argv[] = {nss->certutil, "-A",    "-d", nss->database, "-n", revoked,
				    "-t",	   "p,p,p", "-a", "-i",		 file, NULL};

	snprintf(revoked, sizeof(revoked), "%.64s (revoked)", nickname);
	return run(argv);
}

bool
cert_nss_take_crl(const struct cert_nss *nss, const char *file)
{
	const char *const argv[] = {nss->crlutil, "-I", "-t",	       "1", "-i",
				    file,	  "-d", nss->database, NULL};

	return run(argv);
}

bool
cert_nss_end(const struct cert_nss *nss, const char *identity)
{
	const char *const argv[] = {nss->ipsec, "whack", "--deleteid", "--name", identity, NULL};

	return command_run(argv, PATIENCE_MS, NULL, NULL) == 0;
}
