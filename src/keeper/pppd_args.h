/* The command line of a session's pppd. Pure. */
#ifndef KEEPER_PPPD_ARGS_H
#define KEEPER_PPPD_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"

struct pppd_start {
	const struct conf *conf;
	const char *tty;       /* the pty's slave */
	const char *plugin;    /* path of lnsd-pppd.so */
	int link_fd;	       /* its descriptor in pppd */
	int line;	       /* a PPPoL2TP socket in place of tty; -1: none */
	const char *host_name; /* our name for CHAP */
	const char *peer;      /* for ipparam */
	uint32_t gateway;      /* our end of the session, host order */
	bool ipv6;	       /* IPV6CP is negotiated, too */
	bool proved;	       /* who the client is, is known: it is not asked */
};

#define PPPD_ARGS_MAX 96

struct pppd_args {
	char *argv[PPPD_ARGS_MAX + 1]; /* ends with NULL; points into text and constants */
	size_t count;
	char text[2048];
	size_t used;
};

/* False when something does not fit, which takes paths longer than any configuration allows. */
bool pppd_args_build(struct pppd_args *args, const struct pppd_start *start);

#endif
