/* Members of the daemon's documents; one that is missing or null is empty, 0, or false. */
#ifndef LNSCTL_FIELD_H
#define LNSCTL_FIELD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lnsctl/lnsctl.h"

#define PEER_MAX 96

const char *field_text(const json_t *object, const char *key);
int64_t field_number(const json_t *object, const char *key);
bool field_true(const json_t *object, const char *key);
/* "192.0.2.1:1701", "[2001:db8::1]:1701" of `peer` and `peer_port` */
const char *field_peer(char text[PEER_MAX], const json_t *object);

/* "a, b, c" of an array of texts. One that does not fit into `cap` bytes (8 or more) ends in "…" at
 * a whole one. */
const char *field_list(char *text, size_t cap, const json_t *list);

/* One JSON document, unchanged, on standard output. */
enum exit_code print_json(const json_t *document);

#endif
