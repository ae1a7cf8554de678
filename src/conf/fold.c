#include "conf/fold.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>

bool
fold_name(char *out, size_t cap, const char *name)
{
	size_t len = cap - 1;
	/* into `out` where there is room, else into memory of its own */
	uint8_t *folded =
		u8_casefold((const uint8_t *)name, strlen(name), NULL, NULL, (uint8_t *)out, &len);
	bool ok = folded == (uint8_t *)out;

	if (folded && !ok)
		free(folded);
	out[ok ? len : 0] = '\0';
	return ok;
}
