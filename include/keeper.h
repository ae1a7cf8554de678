/* The root process. */
#ifndef KEEPER_H
#define KEEPER_H

#include <stdbool.h>

#include "bundle.h"
#include "conf.h"
#include "wall.h"

struct keeper_start {
	const char *conf_path;
	struct conf *conf; /* taken */
	struct wall *wall; /* taken */
	int worker_pid;
	bool debug;
};

/* Runs until the end; gives the exit code. */
int keeper_main(struct keeper_start *start);

#endif
