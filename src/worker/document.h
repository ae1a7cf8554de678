/* The members of JSON documents. What is missing (NULL, or no memory) becomes null. */
#ifndef WORKER_DOCUMENT_H
#define WORKER_DOCUMENT_H

#include <jansson.h>
#include <stdint.h>

/* Takes the value. */
void put(json_t *object, const char *key, json_t *value);
void put_int(json_t *object, const char *key, uint64_t value);
/* Escaped where it is not plain UTF-8. */
void put_text(json_t *object, const char *key, const char *text);
/* The items of a text that has ", " between them, as an array. */
void put_list(json_t *object, const char *key, const char *text);
/* "0x20000001" */
void put_hex(json_t *object, const char *key, uint32_t value);

#endif
