/* What the program has allocated and not freed; the linker puts these functions in the place of
 * malloc, calloc, realloc and free in all that is ours. */
#ifndef SIM_MEMORY_H
#define SIM_MEMORY_H

#include <stddef.h>

/* Bytes that live, as the allocator rounds them. */
size_t memory_live(void);

#endif
