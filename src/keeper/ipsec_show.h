/* What would be written for libreswan, for who asks without a daemon. */
#ifndef KEEPER_IPSEC_SHOW_H
#define KEEPER_IPSEC_SHOW_H

#include <stdbool.h>

struct conf;

/*
 * One JSON document on standard output: `ok`, and `files` with `path`, `text` as it would be, `now`
 * as it is (null: there is none) and `same`; or `error` and `fix`. The key is in neither. False
 * when there is no such text.
 */
bool ipsec_show(const struct conf *conf);

#endif
