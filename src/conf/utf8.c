#include "conf/utf8.h"

#include <stdint.h>

struct form {
	uint8_t lead_mask, lead;	/* of the first byte */
	uint8_t second_min, second_max; /* keeps out overlong forms, surrogates, beyond U+10FFFF */
	uint8_t len;
};

static const struct form forms[] = {
	{0xff, 0xe0, 0xa0, 0xbf, 3}, {0xff, 0xed, 0x80, 0x9f, 3}, {0xf0, 0xe0, 0x80, 0xbf, 3},
	{0xff, 0xf0, 0x90, 0xbf, 4}, {0xff, 0xf4, 0x80, 0x8f, 4}, {0xfc, 0xf0, 0x80, 0xbf, 4},
	{0xe0, 0xc0, 0x80, 0xbf, 2},
};

size_t
utf8_len(const char *text, size_t len)
{
	const uint8_t *p = (const uint8_t *)text;

	if (len == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		const struct form *form = &forms[i];

		if ((p[0] & form->lead_mask) != form->lead)
			continue;
		if (len < form->len || p[1] < form->second_min || p[1] > form->second_max)
			return 0;
		for (size_t n = 2; n < form->len; n++) {
			if ((p[n] & 0xc0) != 0x80)
				return 0;
		}
		return form->len;
	}
	return 0;
}
