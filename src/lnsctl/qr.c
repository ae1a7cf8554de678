#include "lnsctl/qr.h"

#include <errno.h>
#include <langinfo.h>
#include <qrencode.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define QUIET 4
/* of the fixed part of the 256 colours: a theme changes what plain black and white look like */
#define BLACK_ON_WHITE "\033[38;5;16;48;5;231m"
#define AS_BEFORE "\033[0m"

static bool
is_dark(const QRcode *code, int x, int y)
{
	/* the lowest bit is the colour */
	return x >= 0 && y >= 0 && x < code->width && y < code->width &&
	       code->data[y * code->width + x] & 1;
}

int
qr_draw(FILE *out, const char *text)
{
	static const char *const halves[2][2] = {{" ", "▄"}, {"▀", "█"}};
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);

	if (!code)
		return errno ? -errno : -EINVAL;
	for (int y = -QUIET; y < code->width + QUIET; y += 2) {
		fputs(BLACK_ON_WHITE, out);
		for (int x = -QUIET; x < code->width + QUIET; x++)
			fputs(halves[is_dark(code, x, y)][is_dark(code, x, y + 1)], out);
		fputs(AS_BEFORE "\n", out);
	}
	QRcode_free(code);
	return ferror(out) ? -EIO : 0;
}

int
qr_print(FILE *out, const char *text)
{
	if (!isatty(fileno(out)) || strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		return 0;
	return qr_draw(out, text);
}
