/*
 * The files with tunnel secrets (src/os/secret.c). Read by who is root, at the start and at a
 * reload; the worker gets them with the bundle.
 */
#ifndef SECRET_H
#define SECRET_H

#include <stdbool.h>

#include "conf.h"

#define SECRET_WHY_MAX 128

/* Reads secret->file: one line of 1 to LNS_SECRET_MAX bytes, without the line's end. False: the
 * secret is empty, and `why` says what is wrong and what to do. */
bool secret_read(struct conf_secret *secret, char why[SECRET_WHY_MAX]);

/* Reads them all. `faults` gets a line for each that cannot be used, which is no error of the
 * configuration, and for each that others can read. */
void secrets_read(struct conf *conf, struct conf_errors *faults);

/* What it means for the owner (of conf_secret_owner) when its secret cannot be read: "[peer a] is
 * refused". */
const char *secret_loss(const struct conf_peer *owner, char text[SECRET_WHY_MAX]);

#endif
