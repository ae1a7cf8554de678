/* FNV-1a of a name: the same after every start. */
#ifndef POLICY_NAME_HASH_H
#define POLICY_NAME_HASH_H

#include <stdint.h>

static inline uint64_t
name_hash(const char *name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * UINT64_C(0x100000001b3);
	return hash;
}

#endif
