#include "lnsctl/seconds.h"

#include <stdlib.h>
#include <string.h>

int64_t
seconds_read(const char *text)
{
	static const struct {
		const char *unit;
		int64_t seconds;
	} units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
	size_t digits = strspn(text, "0123456789");

	for (size_t i = 0; digits && digits < 9 && i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(text + digits, units[i].unit) == 0)
			return strtol(text, NULL, 10) * units[i].seconds;
	}
	return 0;
}
