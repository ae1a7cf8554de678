#include "l2tp/sieve.h"

#include <stdlib.h>

#define ROOM_MIN 1024
#define ROOM_MAX ((size_t)1 << 20)

static bool
make_room(struct sieve *sieve, size_t askers)
{
	size_t room = ROOM_MIN;

	while (room < askers && room < ROOM_MAX)
		room *= 2;
	sieve->heard = calloc(room, sizeof(*sieve->heard));
	sieve->mask = room - 1;
	return sieve->heard != NULL;
}

bool
sieve_passes(struct sieve *sieve, uint64_t hash, size_t askers)
{
	uint16_t print = (uint16_t)(hash >> 48);
	uint16_t *place;
	bool heard;

	if (!sieve->heard && !make_room(sieve, askers))
		return true;
	place = &sieve->heard[hash & sieve->mask];
	print = print ? print : 1; /* 0: nobody */
	heard = *place == print;
	*place = heard ? 0 : print;
	return heard;
}

void
sieve_fini(struct sieve *sieve)
{
	free(sieve->heard);
	*sieve = (struct sieve){0};
}
