/* PPP frames that are shown or written to a file (src/ppp). */
#ifndef FRAME_H
#define FRAME_H

#include <stddef.h>
#include <stdint.h>

/* Overwrites the passwords, challenges and responses of a frame's log-in: PAP (RFC 1334), CHAP (RFC
 * 1994) and EAP (RFC 3748). Of one that cannot be read all is overwritten; lengths stay. */
void frame_mask(uint8_t *frame, size_t len);

#endif
