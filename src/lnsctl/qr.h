/* A QR code on a terminal, for a telephone to read (libqrencode). */
#ifndef LNSCTL_QR_H
#define LNSCTL_QR_H

#include <stdio.h>

/* The picture, where `out` is a terminal that shows UTF-8; nothing elsewhere: who calls prints the
 * text itself as well. 0, or -errno when the text cannot be drawn. */
int qr_print(FILE *out, const char *text);

/*
 * The picture, wherever `out` goes: two rows of modules a line in half blocks, the quiet zone of
 * four modules around (ISO/IEC 18004 §9.1), black on white whatever the terminal's own colours are.
 */
int qr_draw(FILE *out, const char *text);

#endif
