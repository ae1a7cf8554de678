/*
 * The option table as lines for scripts: SECTION.KEY, when a change of it takes effect (L at once,
 * N for new sessions, R after a restart), whether it is built, its default.
 */
#include <stdio.h>

#include "conf.h"

int
main(void)
{
	static const char letters[] = {[LIVE_NOW] = 'L', [LIVE_NEW] = 'N', [LIVE_RESTART] = 'R'};
	const char *section, *key, *def;
	enum conf_live live;
	bool built;

	for (size_t i = 0; conf_option(i, &section, &key, &def, &live, &built); i++)
		printf("%s.%s %c %s %s\n", section, key, letters[live], built ? "built" : "refused",
		       def);
	return 0;
}
