/* Who else on this machine uses packet marks of ours (src/os). */
#ifndef MARKS_H
#define MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ours are base to base + 0xffff, base being a multiple of 0x10000. */
#define MARKS_COUNT 0x10000

/*
 * A line of `ip rule`, `iptables-save` or `nft list ruleset`: true when it would take a packet with
 * one of our marks for its own, or give one of them to another. A rule that is for all packets but
 * those with a mark is not about ours. Pure.
 */
bool marks_line_uses(const char *line, uint32_t base);

enum marks_answer {
	MARKS_FREE,
	MARKS_USED,
	MARKS_UNKNOWN, /* none of the programs that know could be asked: not installed, or not root
			*/
};

/* Asks the installed ones of those programs, for at most a second each; `rule` is what uses them,
 * with the program that shows it. Waits. */
enum marks_answer marks_find(uint32_t base, char *rule, size_t cap);

#endif
