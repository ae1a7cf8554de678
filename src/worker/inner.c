#include "worker/inner.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "log.h"
#include "worker/app.h"

/* RFC 4861 §10, §6.2.1: the first ones come sooner */
#define FIRST_ONES 3
#define FIRST_INTERVAL_MS 16000
#define INTERVAL_MIN_MS 200000
#define INTERVAL_MAX_MS 600000
/* Answers that a client can have at once, and how long it is until there is one more */
#define ANSWERS_MAX 10
#define ANSWER_MS 500

struct inside_port {
	struct heap_item next; /* the next advertisement */
	struct port *port;
	struct inside_link link;
	unsigned advertised;
	unsigned answers; /* that it can have */
	mstime_t counted; /* when that was so */
};

void
insides_init(struct insides *insides)
{
	memset(insides, 0, sizeof(*insides));
	/* the kernel's generator is long ready */
	if (getrandom(insides->uuid, sizeof(insides->uuid), 0) != (ssize_t)sizeof(insides->uuid))
		abort();
	/* RFC 4122 §4.4: version 4, a random one */
	insides->uuid[6] = (uint8_t)((insides->uuid[6] & 0x0f) | 0x40);
	insides->uuid[8] = (uint8_t)((insides->uuid[8] & 0x3f) | 0x80);
}

void
insides_fini(struct insides *insides)
{
	heap_fini(&insides->timers);
}

static struct inside
view_of(const struct app *app, const struct inside_port *own)
{
	return (struct inside){.conf = app->conf, .link = &own->link, .uuid = app->insides.uuid};
}

/* Not all sessions at one moment. */
static mstime_t
next_interval(const struct inside_port *own)
{
	uint32_t random = 0;

	if (own->advertised < FIRST_ONES)
		return FIRST_INTERVAL_MS;
	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return INTERVAL_MAX_MS;
	return INTERVAL_MIN_MS + random % (INTERVAL_MAX_MS - INTERVAL_MIN_MS);
}

static void
advertise(struct app *app, struct inside_port *own)
{
	const struct inside view = view_of(app, own);
	uint8_t room[LNS_HEADROOM + INSIDE_FRAME_MAX];
	struct wr w = wr_init(room + LNS_HEADROOM, INSIDE_FRAME_MAX);

	if (inside_advertise(&view, &w))
		app_send_frame(app, own->port, w.start, wr_len(&w));
	own->advertised++;
	/* without memory for the timer it hears no more until it asks */
	heap_set(&app->insides.timers, &own->next, app_now(app) + next_interval(own));
}

void
inside_set(struct app *app, struct port *port, const struct inside_link *link)
{
	bool had = port->inside && port->inside->link.link6.family;

	if (!port->inside) {
		port->inside = calloc(1, sizeof(*port->inside));
		if (!port->inside) {
			log_error("out of memory: session=%u-%u is told nothing of its network",
				  port->ref.tid, port->ref.sid);
			return;
		}
		port->inside->port = port;
		port->inside->answers = ANSWERS_MAX;
		port->inside->counted = app_now(app);
	}
	port->inside->link = *link;
	if (link->link6.family && !had)
		advertise(app, port->inside);
}

void
inside_forget(struct app *app, struct port *port)
{
	if (!port->inside)
		return;
	heap_remove(&app->insides.timers, &port->inside->next);
	free(port->inside);
	port->inside = NULL;
}

const struct inside_link *
inside_link_of(const struct port *port)
{
	return port->inside ? &port->inside->link : NULL;
}

/* Whatever a client asks, it hears no more than two answers a second for long. */
static bool
may_answer(struct inside_port *own, mstime_t now)
{
	mstime_t more = (now - own->counted) / ANSWER_MS;

	own->counted += more * ANSWER_MS;
	own->answers = more < ANSWERS_MAX - (mstime_t)own->answers ? own->answers + (unsigned)more
								   : ANSWERS_MAX;
	if (own->answers == 0)
		return false;
	own->answers--;
	return true;
}

bool
inside_take_frame(struct app *app, struct port *port, const uint8_t *frame, size_t len)
{
	const struct inside view = view_of(app, port->inside);
	uint8_t room[LNS_HEADROOM + INSIDE_FRAME_MAX];
	struct wr w = wr_init(room + LNS_HEADROOM, INSIDE_FRAME_MAX);
	enum inside_verdict verdict = inside_look(&view, frame, len, &w);

	if (verdict == INSIDE_PASS)
		return false;
	port->counters.rx_packets++;
	port->counters.rx_bytes += len;
	if (verdict == INSIDE_ANSWERED && may_answer(port->inside, app_now(app)))
		app_send_frame(app, port, w.start, wr_len(&w));
	return true;
}

mstime_t
inside_deadline(struct app *app)
{
	const struct heap_item *first = heap_first(&app->insides.timers);

	return first ? first->when : MSTIME_NEVER;
}

void
inside_tick(struct app *app)
{
	struct heap_item *first;

	while ((first = heap_first(&app->insides.timers)) && first->when <= app_now(app)) {
		char *place = (char *)first - offsetof(struct inside_port, next);

		heap_remove(&app->insides.timers, first);
		advertise(app, (struct inside_port *)(void *)place);
	}
}
