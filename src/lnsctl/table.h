/* What people see: tables with aligned columns, lists of "key: value", numbers with units. Texts of
 * others are made safe for a terminal on the way. */
#ifndef LNSCTL_TABLE_H
#define LNSCTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct table;

/* `columns` are the header's words, divided by spaces; one that begins with '>' is flush right.
 * Never NULL: ends the program when memory is short. */
struct table *table_new(const char *columns);
/* The next cell, row by row; an empty text is shown as "-". */
void table_add(struct table *table, const char *text);
void table_add_number(struct table *table, int64_t number);
/* Writes the header and all rows; the header is bold on a terminal. */
void table_print(const struct table *table, FILE *out);
void table_free(struct table *table);

#define PAIR_MAX 18000 /* a list of destinations that is as long as it may be */
/* "key:   value", the values aligned at `width` columns. Cut at PAIR_MAX. */
void print_pair(FILE *out, int width, const char *key, const char *value);

/* Copies text without control characters, direction marks and broken UTF-8 ('?' stands for each).
 * Cut at cap. Returns dst. */
char *clean_text(char *dst, size_t cap, const char *text);

#define HUMAN_MAX 32
/* 999 B, 12.3 MB (powers of 1000) */
const char *human_bytes(char text[HUMAN_MAX], int64_t bytes);
/* 42s, 5m07s, 1h02m, 3d04h */
const char *human_duration(char text[HUMAN_MAX], int64_t seconds);

#endif
