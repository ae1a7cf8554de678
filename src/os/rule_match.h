/* One rule, in the words of nft or of iptables-save, and one packet. Pure. */
#ifndef OS_RULE_MATCH_H
#define OS_RULE_MATCH_H

#include "rules.h"

enum rule_matches { RULE_NO, RULE_MAYBE, RULE_YES };
enum rule_act { RULE_NOTHING, RULE_ACCEPT, RULE_DROP, RULE_RETURN, RULE_JUMP, RULE_GOTO };

struct rule_verdict {
	enum rule_matches matches;
	enum rule_act act;
	char chain[64]; /* of a jump */
};

/* RULE_MAYBE: the rule says something that is not understood. An act that is not understood is
 * RULE_JUMP to "": it may do anything. */
void rule_match(const char *text, const struct rules_packet *packet, struct rule_verdict *verdict);

#endif
