/*
 * The last one-time code that each account has used: none is accepted twice (RFC 6238 §5.2), also
 * after a restart. One file of lines "STEP NAME", and a copy of it in memory.
 */
#ifndef KEEPER_OTP_USED_H
#define KEEPER_OTP_USED_H

#include <stdint.h>

#include "users.h"

#define OTP_USED_PATH "/var/lib/lnsd/otp"

struct otp_used;

/* Reads the file, if there is one; lines that are none of ours are left out. `path` must stay. NULL
 * when memory is short. Free with otp_used_free(). */
struct otp_used *otp_used_new(const char *path);
void otp_used_free(struct otp_used *used);

/* The last step whose code the account has used; 0: none is known. */
uint64_t otp_used_step(const struct otp_used *used, const char *user);

/*
 * Remembers a step, and writes the file anew without the accounts that `users` has not: it never
 * has more lines than there are accounts. 0, or -errno when it could not be written (then a restart
 * forgets the step) or memory is short (then nothing remembers it, and the code must be refused:
 * otp_used_step() tells).
 */
int otp_used_note(struct otp_used *used, const char *user, uint64_t step,
		  const struct users *users);

#endif
