/*
 * Whether the rules of this machine let a client in (src/os): the lines of `nft list ruleset` or of
 * iptables-save are walked as a packet would, and the rule that drops it is named. What a rule says
 * that is not understood here makes it one that may match: such a rule drops nothing, and who comes
 * behind one that may accept is not called dropped.
 */
#ifndef RULES_H
#define RULES_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rules;

/* NULL when memory is short. */
struct rules *rules_new(void);
void rules_free(struct rules *rules);

/* The next line of either program. Beyond some thousand rules the rest is passed over. */
void rules_line(struct rules *rules, const char *line);

/* A packet that comes in. */
struct rules_packet {
	uint8_t protocol;	 /* 17: UDP, 50: ESP */
	uint16_t port;		 /* where to */
	bool decrypted;		 /* it came out of ESP */
	uint8_t family;		 /* 4 or 6 */
	uint8_t ip[16];		 /* of whom; all 0: of anybody */
	char iface[IF_NAMESIZE]; /* by which; "": whichever */
};
/* True: it is dropped, and `where` says by what: "table ip filter, chain INPUT: udp dport 500
 * drop". Our own table is not looked at. */
bool rules_drop(const struct rules *rules, const struct rules_packet *packet, char *where,
		size_t cap);

/* Asks nft and the iptables of old; false when none of them answered. */
bool rules_ask(struct rules *rules);

#endif
