/* The kinds of values that an option can have. */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/option.h"

/* value.c */
extern const struct value_type type_bool;      /* yes, no, true, false, on, off */
extern const struct value_type type_number;    /* uint16_t or uint32_t, by the member's size */
extern const struct value_type type_mark;      /* uint32_t, decimal or 0x hexadecimal */
extern const struct value_type type_time;      /* mstime_t: 500ms, 30s, 10m, 1h; bare: seconds */
extern const struct value_type type_word;      /* an enum */
extern const struct value_type type_word_set;  /* unsigned, a bit for each word */
extern const struct value_type type_text;      /* char[] without white space */
extern const struct value_type type_nickname;  /* char[], of a certificate in NSS */
extern const struct value_type type_path;      /* char[], an absolute path */
extern const struct value_type type_proposals; /* char[], ike= or esp= of libreswan */
/* address.c */
extern const struct value_type type_listen;   /* conf_addr[] */
extern const struct value_type type_pool;     /* conf_range[]; also sets network.pool_gateway */
extern const struct value_type type_ip4;      /* uint32_t in host order */
extern const struct value_type type_ip4_list; /* uint32_t[] in host order */
extern const struct value_type type_dns;      /* network.dns and network.dns6 */

/* prefix.c */
extern const struct value_type type_prefixes; /* lns_prefix[] */
extern const struct value_type type_prefix6;  /* lns_prefix, of so many bits */
/* domain.c */
extern const struct value_type type_domain; /* char[], a name of DNS */

/* endpoint.c */
extern const struct value_type type_radius;   /* conf_radius[]: address[:port[:port]] */
extern const struct value_type type_socket;   /* conf_socket: address:port or an absolute path */
extern const struct value_type type_endpoint; /* lns_addr: address[:port], 3799 */

/* Decimal digits only, from *text on, which moves behind them. False: none, or beyond 10^15. */
bool value_digits(const char **text, int64_t *number);
bool value_bool(const char *text, bool *truth);
/*
 * The next item of a comma-separated list without the space around it; *list moves on and is NULL
 * after the last. False: the item is empty or longer than cap - 1.
 */
bool value_next_item(const char **list, char *item, size_t cap);

/* Dotted IPv4 to host order. */
bool address_ip4(const char *text, uint32_t *ip);
void address_ip4_text(uint32_t ip, char out[16]);
/* False for an address that no client or gateway can have: 0/8, 127/8, multicast and above. */
bool address_usable(uint32_t ip);

#endif
