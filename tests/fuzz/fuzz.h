/* The door of every fuzz target: one input, a sequence of whatever the target is about. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Never aborts on anything but a bug; gives 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
