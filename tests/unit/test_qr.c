/* The QR code as blocks: what is drawn is read back, module by module. */
#include <check.h>
#include <errno.h>
#include <qrencode.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lnsctl/qr.h"

#define MODULES_MAX 200
#define QUIET 4
static const char uri[] = "otpauth://totp/vpn.example.org:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3"
			  "TQOJQ&issuer=vpn.example.org";

struct picture {
	bool dark[MODULES_MAX][MODULES_MAX];
	int width, height;
};

static const char *
skip(const char *text, const char *expected)
{
	ck_assert_msg(strncmp(text, expected, strlen(expected)) == 0, "no %s in %.20s",
		      expected + 1, text);
	return text + strlen(expected);
}

/* One line of blocks is two rows of modules. Gives what follows the line. */
static const char *
read_line(struct picture *picture, const char *at)
{
	static const struct {
		const char *block;
		bool upper, lower;
	} blocks[] = {
		{" ", false, false}, {"▀", true, false}, {"▄", false, true}, {"█", true, true}};
	int x = 0;

	for (at = skip(at, "\033[38;5;16;48;5;231m"); *at != '\033'; x++) {
		size_t i = 0;

		while (i < 3 && strncmp(at, blocks[i].block, strlen(blocks[i].block)) != 0)
			i++;
		ck_assert_msg(strncmp(at, blocks[i].block, strlen(blocks[i].block)) == 0,
			      "no block: %.3s", at);
		ck_assert_int_lt(x, MODULES_MAX);
		picture->dark[picture->height][x] = blocks[i].upper;
		picture->dark[picture->height + 1][x] = blocks[i].lower;
		at += strlen(blocks[i].block);
	}
	picture->height += 2;
	ck_assert(picture->height == 2 || x == picture->width);
	picture->width = x;
	return skip(at, "\033[0m\n");
}

START_TEST(drawn_blocks_are_the_code_with_its_quiet_zone)
{
	static struct picture picture;
	QRcode *code = QRcode_encodeString8bit(uri, 0, QR_ECLEVEL_M);
	char *drawn = NULL;
	size_t size;
	FILE *out = open_memstream(&drawn, &size);

	ck_assert_int_eq(qr_draw(out, uri), 0);
	fclose(out);
	for (const char *at = drawn; *at && picture.height + 2 <= MODULES_MAX;)
		at = read_line(&picture, at);
	ck_assert_int_eq(picture.width, code->width + 2 * QUIET);
	/* an odd number of rows, two of them a line: the last is one of the quiet zone's more */
	ck_assert_int_eq(picture.height, code->width + 2 * QUIET + 1);
	for (int y = 0; y < picture.height; y++) {
		for (int x = 0; x < picture.width; x++) {
			int cx = x - QUIET, cy = y - QUIET;
			bool inside = cx >= 0 && cy >= 0 && cx < code->width && cy < code->width;

			ck_assert_msg(picture.dark[y][x] ==
					      (inside && code->data[cy * code->width + cx] & 1),
				      "at %d,%d", cx, cy);
		}
	}
	QRcode_free(code);
	free(drawn);
}
END_TEST

START_TEST(text_that_is_too_long_is_an_error_and_draws_nothing)
{
	char text[4001], *drawn = NULL;
	size_t size;
	FILE *out = open_memstream(&drawn, &size);

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(qr_draw(out, text), -ERANGE);
	fclose(out);
	ck_assert_uint_eq(size, 0);
	free(drawn);
}
END_TEST

START_TEST(what_is_no_terminal_gets_no_picture)
{
	FILE *out = tmpfile();

	ck_assert_int_eq(qr_print(out, uri), 0);
	ck_assert_int_eq(ftell(out), 0);
	fclose(out);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("qr");
	TCase *tc = tcase_create("qr");

	tcase_add_test(tc, drawn_blocks_are_the_code_with_its_quiet_zone);
	tcase_add_test(tc, text_that_is_too_long_is_an_error_and_draws_nothing);
	tcase_add_test(tc, what_is_no_terminal_gets_no_picture);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
