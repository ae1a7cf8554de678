/* What a client does for MS-CHAPv2 (RFC 2759 §8.1), for tests that need other passwords than the
 * RFC's example has. */
#ifndef MSCHAP_FIXTURE_H
#define MSCHAP_FIXTURE_H

#include "caller.h"

/* Fills in the NT response to proof->challenge, with the peer challenge that stands in
 * proof->response, for proof->user. */
void mschap_answer(struct proof *proof, const char *password);

#endif
