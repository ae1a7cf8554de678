/* See load.h: what the server takes. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

uint64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

bool
gauge_add(struct gauge *gauge, const char *list)
{
	while (*list && gauge->count < PIDS) {
		char *end;
		long pid = strtol(list, &end, 10);

		if (pid <= 0 || (*end && *end != ','))
			return false;
		gauge->pids[gauge->count++] = (int)pid;
		list = *end ? end + 1 : end;
	}
	return !*list;
}

/* The first number of a task's schedstat is the time it ran, in ns; stat has it in ticks only. */
static double
task_us(const char *path)
{
	unsigned long long ns = 0;
	FILE *file = fopen(path, "re");

	if (!file)
		return 0; /* it has ended */
	if (fscanf(file, "%llu", &ns) != 1)
		ns = 0;
	fclose(file);
	return (double)ns / 1000;
}

static double
process_us(int pid)
{
	char path[64], task[400];
	const struct dirent *entry;
	double sum = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(task, sizeof(task), "%s/%s/schedstat", path, entry->d_name);
		sum += task_us(task);
	}
	if (dir)
		closedir(dir);
	return sum;
}

double
gauge_cpu_us(struct gauge *gauge)
{
	double sum = 0;

	for (unsigned i = 0; i < gauge->count; i++) {
		double us = process_us(gauge->pids[i]);

		/* what a process took stays taken when it has ended */
		if (us > gauge->cpu_us[i])
			gauge->cpu_us[i] = us;
		sum += gauge->cpu_us[i];
	}
	return sum;
}

void
gauge_memory(const struct gauge *gauge, struct reading *reading)
{
	char path[64], line[256];

	reading->rss_kb = reading->pss_kb = 0;
	for (unsigned i = 0; i < gauge->count; i++) {
		long kb;
		FILE *file;

		snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", gauge->pids[i]);
		file = fopen(path, "re");
		while (file && fgets(line, sizeof(line), file)) {
			if (sscanf(line, "Rss: %ld", &kb) == 1)
				reading->rss_kb += kb;
			else if (sscanf(line, "Pss: %ld", &kb) == 1)
				reading->pss_kb += kb;
		}
		if (file)
			fclose(file);
	}
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double
percentile(double *values, size_t count, double share)
{
	size_t i = (size_t)((double)count * share);

	if (!count)
		return 0;
	qsort(values, count, sizeof(*values), compare);
	return values[i < count ? i : count - 1];
}
