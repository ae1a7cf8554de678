/*
 * sim [--runs N] [--seed S] [--seeds FILE] [--verbose]: a day of each client, then the seeds in
 * FILE, then N more from S on. A seed that fails is printed, and kept in FILE; --seed S --runs 1
 * plays it again.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "md5.h"
#include "scenario.h"
#include "world.h"

struct sums {
	unsigned long long runs, failed, datagrams, sessions, placed, retransmits, lost, jumps;
	size_t memory;
};

static bool
play(struct sums *sums, uint64_t seed, bool verbose)
{
	struct world_result r = world_run(seed, verbose);

	sums->runs++;
	sums->datagrams += r.datagrams;
	sums->sessions += r.sessions;
	sums->placed += r.placed;
	sums->retransmits += r.retransmits;
	sums->lost += r.lost_tunnels;
	sums->jumps += r.jumps;
	if (r.memory > sums->memory)
		sums->memory = r.memory;
	if (!r.failure[0])
		return true;
	sums->failed++;
	printf("FAIL seed %llu: %s\n", (unsigned long long)seed, r.failure);
	return false;
}

/* Each line begins with a seed, or with # */
static bool
play_kept(struct sums *sums, const char *name, bool verbose)
{
	FILE *file = name ? fopen(name, "re") : NULL;
	char line[256];

	if (!name)
		return true;
	if (!file) {
		perror(name);
		return false;
	}
	while (fgets(line, sizeof(line), file))
		if (line[0] >= '0' && line[0] <= '9')
			play(sums, strtoull(line, NULL, 10), verbose);
	fclose(file);
	return true;
}

static void
keep(const char *name, uint64_t seed)
{
	FILE *file = name ? fopen(name, "ae") : NULL;

	if (!file)
		return;
	fprintf(file, "%llu\n", (unsigned long long)seed);
	fclose(file);
}

static void
play_clients(struct sums *sums)
{
	for (size_t i = 0; i < client_count; i++) {
		sums->runs++;
		sums->failed += !scenario_run(&client_facts[i]);
	}
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{"runs", required_argument, NULL, 'n'},
		{"seed", required_argument, NULL, 's'},
		{"seeds", required_argument, NULL, 'f'},
		{"verbose", no_argument, NULL, 'v'},
		{NULL, 0, NULL, 0},
	};
	unsigned long long runs = 1000, seed = 1;
	struct sums sums = {0};
	const char *kept = NULL;
	uint8_t digest[MD5_SIZE];
	bool verbose = false;

	for (int c; (c = getopt_long(argc, argv, "n:s:f:v", options, NULL)) != -1;) {
		if (c == 'n')
			runs = strtoull(optarg, NULL, 10);
		else if (c == 's')
			seed = strtoull(optarg, NULL, 10);
		else if (c == 'f')
			kept = optarg;
		else if (c == 'v')
			verbose = true;
		else
			return 2;
	}
	play_clients(&sums);
	/* what the library sets up for good is no run's */
	if (!md5(digest, NULL, 0) || !play_kept(&sums, kept, verbose))
		return 1;
	for (unsigned long long i = 0; i < runs; i++)
		if (!play(&sums, seed + i, verbose))
			keep(kept, seed + i);
	printf("%llu runs: %llu datagrams, %llu calls taken and %llu placed, %llu retransmissions, "
	       "%llu tunnels given up, %llu leaps of the clock, %zu bytes at most\n",
	       sums.runs, sums.datagrams, sums.sessions, sums.placed, sums.retransmits, sums.lost,
	       sums.jumps, sums.memory);
	printf("%llu passed, %llu failed\n", sums.runs - sums.failed, sums.failed);
	return sums.failed || !sums.runs;
}
