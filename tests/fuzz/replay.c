/*
 * A fuzz target as a plain program: replays the files, and the files in the folders, that it is
 * given. Names each file before it runs, so that the last line shows what the target died of; at
 * the end only the number remains.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define INPUT_MAX (1 << 20)

static int
replay_file(const char *path)
{
	FILE *file = fopen(path, "re");
	uint8_t *whole = malloc(INPUT_MAX), *exact = NULL;
	size_t len = file && whole ? fread(whole, 1, INPUT_MAX, file) : 0;
	int count = -1;

	/* a block of just its size, so that a sanitizer sees a read beyond the end */
	if (file && whole)
		exact = malloc(len ? len : 1);
	if (exact) {
		memcpy(exact, whole, len);
		fprintf(stderr, "%s\n", path);
		LLVMFuzzerTestOneInput(exact, len);
		count = 1;
	} else {
		perror(path);
	}
	free(exact);
	free(whole);
	if (file)
		fclose(file);
	return count;
}

static int
replay_folder(const char *path, DIR *dir)
{
	int count = 0;

	for (struct dirent *entry; count >= 0 && (entry = readdir(dir));) {
		char name[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		count = replay_file(name) < 0 ? -1 : count + 1;
	}
	return count;
}

static int
replay(const char *path)
{
	DIR *dir = opendir(path);
	int count = dir ? replay_folder(path, dir) : replay_file(path);

	if (dir)
		closedir(dir);
	return count;
}

int
main(int argc, char **argv)
{
	int total = 0;

	for (int i = 1; i < argc; i++) {
		int count = replay(argv[i]);

		if (count < 0)
			return 1;
		total += count;
	}
	printf("%d inputs\n", total);
	return 0;
}
