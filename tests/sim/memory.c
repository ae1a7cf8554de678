#include "memory.h"

#include <malloc.h>
#include <stdlib.h>

static size_t live;

#define WRAP(type, name, ...)                                                                      \
	type __real_##name(__VA_ARGS__);                                                           \
	type __wrap_##name(__VA_ARGS__);                                                           \
	type __wrap_##name(__VA_ARGS__)

WRAP(void *, malloc, size_t size)
{
	void *p = __real_malloc(size);

	live += malloc_usable_size(p);
	return p;
}

WRAP(void *, calloc, size_t count, size_t size)
{
	void *p = __real_calloc(count, size);

	live += malloc_usable_size(p);
	return p;
}

WRAP(void *, realloc, void *old, size_t size)
{
	size_t before = malloc_usable_size(old);
	void *p = __real_realloc(old, size);

	if (p)
		live += malloc_usable_size(p) - before;
	return p;
}

WRAP(void, free, void *p)
{
	live -= malloc_usable_size(p);
	__real_free(p);
}

size_t
memory_live(void)
{
	return live;
}
