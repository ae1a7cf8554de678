#include "book.h"

static void
fault(struct book *book, const char *what, struct lns_ref ref)
{
	if (book->fault)
		return;
	book->fault = what;
	book->faulty = ref;
}

struct seen *
book_find(struct book *book, struct lns_ref ref, const struct lns_path *path)
{
	struct seen *s;

	for (unsigned i = 0; i < book->count; i++)
		if (book->seen[i].ref.serial == ref.serial)
			return &book->seen[i];
	if (!path)
		return NULL;
	if (book->count == BOOK_REFS) {
		fault(book, "more sessions than the book has room for", ref);
		return NULL;
	}
	s = &book->seen[book->count++];
	*s = (struct seen){.ref = ref, .owner = path->peer.ip[3]};
	return s;
}

static void
check_unique(struct book *book, struct lns_ref ref)
{
	if (!ref.sid || !ref.tid)
		fault(book, "id 0 in use", ref);
	for (unsigned i = 0; i < book->count; i++) {
		const struct seen *s = &book->seen[i];

		if (s->ref.serial != ref.serial && s->ref.sid == ref.sid && s->told &&
		    !(s->told & TOLD_STOP))
			fault(book, "session id given twice", ref);
	}
}

void
book_placed(struct book *book, struct lns_ref ref, const struct lns_path *path)
{
	struct seen *s = book_find(book, ref, path);

	if (s)
		s->placed = true;
}

static void
told(struct book *book, const struct lns_act *act, unsigned before, unsigned what)
{
	struct seen *s = book_find(book, act->ref, &act->path);
	bool unstarted;

	if (!s)
		return;
	if (what == TOLD_START)
		check_unique(book, act->ref);
	unstarted = !(s->told & TOLD_START) && what != TOLD_START;
	if ((s->told & ~before) || (s->told & what) ||
	    (unstarted && !(what == TOLD_STOP && s->placed)))
		fault(book, "an action out of turn", act->ref);
	s->told |= what;
}

void
book_take(struct book *book, const struct lns_act *act)
{
	switch (act->kind) {
	case LNS_ACT_SEND:
		break;
	case LNS_ACT_TUNNEL_UP:
		book->up++;
		break;
	case LNS_ACT_TUNNEL_DOWN:
		book->down += act->was_up;
		break;
	case LNS_ACT_PPP_START:
		told(book, act, 0, TOLD_START);
		break;
	case LNS_ACT_PPP_GO:
		told(book, act, TOLD_START, TOLD_GO);
		break;
	case LNS_ACT_PPP_STOP:
		told(book, act, TOLD_START | TOLD_GO, TOLD_STOP);
		break;
	}
}

void
book_close(struct book *book)
{
	for (unsigned i = 0; i < book->count; i++)
		if (!(book->seen[i].told & TOLD_STOP))
			fault(book, "a session that never stopped", book->seen[i].ref);
	if (book->up != book->down)
		fault(book, "a tunnel that was up and was never told to be down",
		      (struct lns_ref){0});
}
