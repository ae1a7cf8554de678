/* See detail.h. One block: name, NUL, value, NUL, and so on. */
#include "l2tp/detail.h"

#include <stdlib.h>
#include <string.h>

struct detail {
	unsigned count;
	size_t len;
	char text[];
};

/* A block that grows, on the stack. */
struct draft {
	unsigned count;
	size_t len;
	char text[DETAIL_BYTES];
};

/* Where the pair begins that has this name, or NULL. */
static char *
find(struct draft *draft, const char *name)
{
	char *end = draft->text + draft->len;

	for (char *p = draft->text; p < end; p += strlen(p) + 1) {
		if (strcmp(p, name) == 0)
			return p;
		p += strlen(p) + 1;
	}
	return NULL;
}

static void
forget(struct draft *draft, char *pair)
{
	char *next = pair + strlen(pair) + 1;

	next += strlen(next) + 1;
	memmove(pair, next, (size_t)(draft->text + draft->len - next));
	draft->len -= (size_t)(next - pair);
	draft->count--;
}

static void
add(void *ctx, const char *name, const char *value)
{
	struct draft *draft = ctx;
	size_t name_len = strlen(name) + 1, value_len = strlen(value) + 1;
	char *old = find(draft, name);

	if (old)
		forget(draft, old);
	if (draft->count == DETAIL_MAX || name_len + value_len > sizeof(draft->text) - draft->len)
		return;
	memcpy(draft->text + draft->len, name, name_len);
	memcpy(draft->text + draft->len + name_len, value, value_len);
	draft->len += name_len + value_len;
	draft->count++;
}

void
detail_take(struct detail **detail, const struct l2tp_msg *msg)
{
	struct draft draft = {0};
	struct detail *block;

	if (*detail) {
		draft.count = (*detail)->count;
		draft.len = (*detail)->len;
		memcpy(draft.text, (*detail)->text, draft.len);
	}
	msg_describe(msg, add, &draft);
	if (!draft.len)
		return;
	block = malloc(sizeof(*block) + draft.len);
	if (!block)
		return;
	block->count = draft.count;
	block->len = draft.len;
	memcpy(block->text, draft.text, draft.len);
	free(*detail);
	*detail = block;
}

void
detail_walk(const struct detail *detail, lns_attribute_fn *fn, void *ctx)
{
	const char *p = detail ? detail->text : NULL;

	for (unsigned i = 0; detail && i < detail->count; i++) {
		const char *value = p + strlen(p) + 1;

		fn(ctx, p, value);
		p = value + strlen(value) + 1;
	}
}

void
detail_free(struct detail *detail)
{
	free(detail);
}
