/* What every test program ends with. */
#ifndef UNIT_H
#define UNIT_H

#include <check.h>
#include <stddef.h>

/* Runs the tests as one suite; gives main()'s exit code. */
int unit_run(const char *name, const TTest *const tests[], size_t count);

#endif
