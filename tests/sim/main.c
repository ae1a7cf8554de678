/* sim [--runs N] [--seed S] [--verbose]: plays N seeds from S on; a seed that fails is printed, and
 * --seed S --runs 1 plays it again. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "world.h"

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{"runs", required_argument, NULL, 'n'},
		{"seed", required_argument, NULL, 's'},
		{"verbose", no_argument, NULL, 'v'},
		{NULL, 0, NULL, 0},
	};
	unsigned long long runs = 1000, seed = 1, failed = 0, datagrams = 0, sessions = 0,
			   retransmits = 0, lost = 0;
	bool verbose = false;

	for (int c; (c = getopt_long(argc, argv, "n:s:v", options, NULL)) != -1;) {
		if (c == 'n')
			runs = strtoull(optarg, NULL, 10);
		else if (c == 's')
			seed = strtoull(optarg, NULL, 10);
		else if (c == 'v')
			verbose = true;
		else
			return 2;
	}
	for (unsigned long long i = 0; i < runs; i++) {
		struct world_result r = world_run(seed + i, verbose);

		datagrams += r.datagrams;
		sessions += r.sessions;
		retransmits += r.retransmits;
		lost += r.lost_tunnels;
		if (!r.failure[0])
			continue;
		failed++;
		printf("FAIL seed %llu: %s\n", seed + i, r.failure);
	}
	printf("%llu runs: %llu datagrams, %llu sessions, %llu retransmissions, %llu tunnels given "
	       "up\n",
	       runs, datagrams, sessions, retransmits, lost);
	printf("%llu passed, %llu failed\n", runs - failed, failed);
	return failed || !runs;
}
