/* Who else decides about forwarded packets (src/os): base chains of others that drop what no rule
 * of theirs accepts. Our own table cannot overrule them. */
#ifndef FORWARD_H
#define FORWARD_H

#include <stdbool.h>
#include <stddef.h>

/* Zero-initialise, then give it the lines of `nft list ruleset` or of iptables-save, in order. */
struct forward_scan {
	char table[64], chain[64]; /* where the lines are now */
	char drops[128];	   /* of this table: "table ip filter, chain FORWARD"; "" none */
	bool accepts;		   /* a rule of this table accepts what comes from ppp interfaces */
	char found[128];	   /* the first that drops, "" when there is none */
};

void forward_line(struct forward_scan *scan, const char *line);
/* No more lines. */
void forward_end(struct forward_scan *scan);

enum forward_answer { FORWARD_FREE, FORWARD_DROPPED, FORWARD_UNKNOWN };

/* Asks nft and iptables-legacy-save; FORWARD_DROPPED: `chain` names the first that drops. */
enum forward_answer forward_find(char *chain, size_t cap);

#endif
