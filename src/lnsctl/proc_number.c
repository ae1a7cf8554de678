#include "lnsctl/proc_number.h"

#include <stdio.h>
#include <stdlib.h>

long
proc_number(const char *path)
{
	char text[32] = "";
	FILE *file = fopen(path, "re");
	long value = 0;

	if (!file)
		return 0;
	if (fgets(text, sizeof(text), file))
		value = strtol(text, NULL, 10);
	fclose(file);
	return value;
}
