/* The directory's clients: known by what cannot be another's. Private to the directory. */
#ifndef KEEPER_SA_CLIENT_H
#define KEEPER_SA_CLIENT_H

#include "keeper/sa_dir.h"

/* An SA as the client's end sees it, whichever way it goes. */
struct sa_ends {
	const uint8_t *local, *peer;
	uint16_t nat_port, peer_port;
	struct xfrm_selector sel; /* from us to the client */
};

struct sa_ends sa_ends(const struct sa *sa);

/* The chain for an address and a number */
size_t sa_bucket(const uint8_t address[16], uint32_t number);

/* The client that this SA is another one of; NULL: a new one. */
struct sa_client *sa_client_of(struct sa_dir *dir, const struct sa *sa, const struct sa_ends *ends);
/* A client whose first SA this is, with a mark where one is free. NULL when memory is short. */
struct sa_client *sa_client_new(struct sa_dir *dir, const struct sa *sa,
				const struct sa_ends *ends);
void sa_client_free(struct sa_dir *dir, struct sa_client *client);

/* Gives a client without a mark the one of its SA, or one of ours. */
void sa_client_mark(struct sa_dir *dir, struct sa_client *client, const struct sa *sa);
/* Notes the port at which its NAT has it. */
void sa_client_at(struct sa_dir *dir, struct sa_client *client, uint16_t nat_port);

#endif
