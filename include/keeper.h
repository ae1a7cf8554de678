/* The root process. */
#ifndef KEEPER_H
#define KEEPER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "bundle.h"
#include "conf.h"
#include "wall.h"

struct keeper_start {
	const char *conf_path;
	const char *plugin; /* path of lnsd-pppd.so */
	struct conf *conf;  /* taken */
	int conf_fd;	    /* its files and secrets (bundle_to_memfd()), taken */
	struct wall *wall;  /* taken */
	int worker_pid;
	gid_t group;	/* lnsd: may read what is kept */
	uint32_t marks; /* how many marks the worker's sockets can tell apart */
	bool debug;
};

/* Runs until the end, then removes the control socket and the guard of xfrm.h; gives the exit code.
 * The caller holds no UDP socket any more. */
int keeper_main(struct keeper_start *start);

#endif
