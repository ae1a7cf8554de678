/* libnftables: one transaction a call, and the sets of those who are shut out (net_rules.h has the
 * table itself). */
#ifndef KEEPER_NFT_H
#define KEEPER_NFT_H

#include "wall.h"

/* Zero-initialise. */
struct nft {
	char error[160]; /* what was wrong with the last transaction, in libnftables' words */
	int place;	 /* a low descriptor, held for the next one's socket; 0: not yet */
};

/*
 * Runs commands in nft's language, all or none of them: 0; -EPROTONOSUPPORT when the kernel has no
 * nf_tables at all; -EIO when they were refused, with nft->error. The text must be our own: nothing
 * that a peer sent belongs into it but numbers. Waits for the kernel only, never for a program.
 */
int nft_run(struct nft *nft, const char *commands);

/* Shuts an address out of UDP 500, 4500 and L2TP's port for so many seconds from now (at least 1),
 * also when it was before; lets it in again, also when it was not shut out. As nft_run(). */
int nft_ban(struct nft *nft, const struct lns_addr *address, unsigned seconds);
int nft_unban(struct nft *nft, const struct lns_addr *address);

#endif
