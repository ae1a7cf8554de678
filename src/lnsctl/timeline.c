/* See timeline.h. */
#include "lnsctl/timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of one user or address, or in all, that are put together; there may be more lines of others. */
#define TUNNELS_MAX 1000
/* More IKE exchanges than there are in ten minutes. */
#define EXCHANGES_MAX 65536
/* How long before a tunnel its IKE exchange may have begun, and how long after it lines about it
 * may come. */
#define BEFORE_US (INT64_C(600) * 1000000)
#define AFTER_US (INT64_C(60) * 1000000)

const char *
timeline_stage_name(enum timeline_stage stage)
{
	static const char *const names[STAGES] = {
		[STAGE_IKE] = "ike",	     [STAGE_L2TP] = "l2tp",	[STAGE_PPP] = "ppp",
		[STAGE_ACCOUNT] = "account", [STAGE_DAEMON] = "daemon",
	};

	return names[stage];
}

/* ── what a line says ───────────────────────────────────────────────────────────────────── */

/* The value of " key=", without quotes; "" when there is none. */
static const char *
value_of(char *out, size_t cap, const char *text, const char *key)
{
	char wanted[32];
	const char *at;
	bool quoted;

	out[0] = '\0';
	snprintf(wanted, sizeof(wanted), " %s=", key);
	at = strstr(text, wanted);
	if (!at)
		return out;
	at += strlen(wanted);
	quoted = *at == '"';
	at += quoted;
	snprintf(out, cap, "%.*s", (int)strcspn(at, quoted ? "\"" : " "), at);
	return out;
}

static int64_t
number_of(const char *text, const char *key)
{
	char value[32];

	return value_of(value, sizeof(value), text, key)[0] ? strtoll(value, NULL, 10) : -1;
}

/* "192.0.2.1:1701", "[2001:db8::1]:1701", or without a port */
static void
take_host(char host[TIMELINE_HOST_MAX], const char *peer)
{
	const char *colon = strchr(peer, ':');
	bool bracket = *peer == '[';
	size_t len = bracket ? strcspn(++peer, "]") : strlen(peer);

	if (!bracket && colon && !strchr(colon + 1, ':'))
		len = (size_t)(colon - peer);
	if (len < TIMELINE_HOST_MAX)
		snprintf(host, TIMELINE_HOST_MAX, "%.*s", (int)len, peer);
}

/* `"CONN"[INSTANCE] ADDRESS #N: …` and `packet from ADDRESS:PORT: …` */
static void
read_pluto(struct timeline_line *line)
{
	static const char packet[] = "packet from ";
	const char *at = line->text, *rest;
	char peer[TIMELINE_HOST_MAX + 8] = "";

	line->stage = STAGE_IKE;
	if (strncmp(at, packet, strlen(packet)) == 0) {
		at += strlen(packet);
	} else if (*at == '"' && (rest = strchr(at + 1, '"')) != NULL) {
		at = rest + 1;
		if (*at == '[')
			line->instance = (unsigned)strtoul(at + 1, NULL, 10);
		at += strcspn(at, " ");
		at += *at == ' ';
	} else {
		return;
	}
	rest = strstr(at, " #");
	if (rest && line->instance)
		line->exchange = (unsigned)strtoul(rest + 2, NULL, 10);
	snprintf(peer, sizeof(peer), "%.*s", (int)strspn(at, "0123456789abcdefABCDEF:."), at);
	if (peer[0] && peer[strlen(peer) - 1] == ':')
		peer[strlen(peer) - 1] = '\0';
	take_host(line->host, peer);
}

/* The first words of our lines, and where they belong. */
static const struct {
	const char *begins;
	enum timeline_stage stage;
} words[] = {
	{"login ", STAGE_ACCOUNT},	 {"logout ", STAGE_ACCOUNT},   {"refused ", STAGE_ACCOUNT},
	{"tunnel ", STAGE_L2TP},	 {"send ", STAGE_L2TP},	       {"receive ", STAGE_L2TP},
	{"message ", STAGE_L2TP},	 {"ignored avps", STAGE_L2TP}, {"pppd ", STAGE_PPP},
	{"session refused", STAGE_L2TP},
};

static void
read_lnsd(struct timeline_line *line)
{
	char value[256];

	line->stage = STAGE_DAEMON;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strncmp(line->text, words[i].begins, strlen(words[i].begins)) == 0)
			line->stage = words[i].stage;
	}
	take_host(line->host, value_of(value, sizeof(value), line->text, "peer"));
	line->tid = (uint32_t)strtoul(value_of(value, sizeof(value), line->text, "tid"), NULL, 10);
	if (!line->tid)
		line->tid = (uint32_t)strtoul(value_of(value, sizeof(value), line->text, "session"),
					      NULL, 10);
	line->l2tp_ms = number_of(line->text, "l2tp_ms");
	line->ppp_ms = number_of(line->text, "ppp_ms");
}

/* ── lines ──────────────────────────────────────────────────────────────────────────────── */

static bool
make_room(struct timeline *timeline)
{
	size_t room = timeline->room ? 2 * timeline->room : 1024;
	struct timeline_line *lines;

	if (timeline->count == TIMELINE_LINES_MAX) {
		size_t half = TIMELINE_LINES_MAX / 2;

		for (size_t i = 0; i < half; i++)
			free(timeline->lines[i].text);
		memmove(timeline->lines, timeline->lines + half, half * sizeof(*timeline->lines));
		timeline->count = half;
	}
	if (timeline->count < timeline->room)
		return true;
	lines = realloc(timeline->lines, room * sizeof(*lines));
	if (!lines)
		return false;
	timeline->lines = lines;
	timeline->room = room;
	return true;
}

bool
timeline_add(struct timeline *timeline, int64_t time_us, bool of_pluto, const char *text)
{
	struct timeline_line *line;

	/* pluto's debugging shows keys */
	if (!text[0] || (of_pluto && text[0] == '|') || !make_room(timeline))
		return false;
	line = &timeline->lines[timeline->count];
	*line = (struct timeline_line){
		.time_us = time_us, .ike_ms = -1, .l2tp_ms = -1, .ppp_ms = -1};
	line->text = strndup(text, TIMELINE_TEXT_MAX);
	if (!line->text)
		return false;
	timeline_mask(line->text);
	if (of_pluto)
		read_pluto(line);
	else
		read_lnsd(line);
	timeline->count++;
	return true;
}

static int
by_time(const void *a, const void *b)
{
	const struct timeline_line *one = a, *other = b;

	if (one->time_us != other->time_us)
		return one->time_us < other->time_us ? -1 : 1;
	/* what is told with the same time: in the order in which it happens */
	return (int)one->stage - (int)other->stage;
}

void
timeline_sort(struct timeline *timeline)
{
	if (timeline->count)
		qsort(timeline->lines, timeline->count, sizeof(*timeline->lines), by_time);
}

void
timeline_fini(struct timeline *timeline)
{
	for (size_t i = 0; i < timeline->count; i++)
		free(timeline->lines[i].text);
	free(timeline->lines);
	*timeline = (struct timeline){.lines = NULL};
}

/* ── who it is about ────────────────────────────────────────────────────────────────────── */

/* A tunnel, as its lines tell of it. */
struct tunnel {
	uint32_t tid;
	char host[TIMELINE_HOST_MAX];
	int64_t begin, end;
	unsigned instance; /* pluto's; 0: not known */
};

/* Its IPsec SA is up (IKEv1, IKEv2), */
static bool
is_established(const struct timeline_line *line)
{
	return line->stage == STAGE_IKE && line->instance &&
	       (strstr(line->text, "IPsec SA established") ||
		strstr(line->text, "established Child SA"));
}

/* or can be used, while the client's word for it is on its way. */
static bool
is_usable(const struct timeline_line *line)
{
	return is_established(line) || (line->stage == STAGE_IKE && line->instance &&
					strstr(line->text, "inbound IPsec SA installed"));
}

/*
 * An exchange begins under the instance of whoever came from the address before, and pluto switches
 * to another when it knows who it is: what counts is where it ended. The numbers begin again with
 * each pluto.
 */
static void
settle_instances(struct timeline *timeline)
{
	struct ended {
		unsigned instance;
		int64_t at;
	} *ended = calloc(EXCHANGES_MAX, sizeof(*ended));

	for (size_t i = timeline->count; ended && i-- > 0;) {
		struct timeline_line *line = &timeline->lines[i];
		struct ended *of = &ended[line->exchange % EXCHANGES_MAX];

		if (!line->exchange)
			continue;
		if (!of->instance || of->at - line->time_us > BEFORE_US)
			of->instance = line->instance;
		of->at = line->time_us;
		line->instance = of->instance;
	}
	free(ended);
}

static unsigned
instance_of(const struct timeline *timeline, const struct tunnel *tunnel)
{
	unsigned instance = 0;

	for (size_t i = 0; i < timeline->count; i++) {
		const struct timeline_line *line = &timeline->lines[i];

		if (line->time_us <= tunnel->begin + 1000000 && is_usable(line) &&
		    strcmp(line->host, tunnel->host) == 0)
			instance = line->instance;
	}
	return instance;
}

/* A tunnel's number is used again, but not soon. */
static void
find_span(const struct timeline *timeline, struct tunnel *tunnel, int64_t at)
{
	tunnel->begin = tunnel->end = at;
	for (size_t i = 0; i < timeline->count; i++) {
		const struct timeline_line *line = &timeline->lines[i];

		if (line->tid != tunnel->tid)
			continue;
		if (line->host[0] && strcmp(line->host, tunnel->host) != 0)
			continue;
		if (line->time_us < tunnel->begin)
			tunnel->begin = line->time_us;
		if (line->time_us > tunnel->end)
			tunnel->end = line->time_us;
	}
	tunnel->instance = instance_of(timeline, tunnel);
}

static bool
is_of(const struct tunnel *tunnel, const struct timeline_line *line)
{
	if (line->tid)
		return line->tid == tunnel->tid && line->time_us >= tunnel->begin &&
		       line->time_us <= tunnel->end;
	if (!line->host[0] || strcmp(line->host, tunnel->host) != 0 ||
	    line->time_us < tunnel->begin - BEFORE_US || line->time_us > tunnel->end + AFTER_US)
		return false;
	/* another client behind the same NAT has another instance */
	return !line->instance || !tunnel->instance || line->instance == tunnel->instance;
}

/* From the first line of the instance's exchange to its SA. */
static int64_t
ike_ms(const struct timeline *timeline, const struct tunnel *tunnel)
{
	int64_t first = -1, up = -1;

	for (size_t i = 0; tunnel->instance && i < timeline->count; i++) {
		const struct timeline_line *line = &timeline->lines[i];

		if (line->instance != tunnel->instance || strcmp(line->host, tunnel->host) != 0 ||
		    line->time_us < tunnel->begin - BEFORE_US)
			continue;
		if (first < 0)
			first = line->time_us;
		if (up < 0 && is_established(line))
			up = line->time_us;
	}
	return up < 0 ? -1 : (up - first) / 1000;
}

struct walk {
	struct timeline *timeline;
	const char *who;
	struct tunnel *tunnels; /* TUNNELS_MAX; NULL: memory is short */
	size_t count;
};

static struct tunnel *
known_tunnel(const struct walk *walk, const struct timeline_line *line)
{
	for (size_t i = 0; i < walk->count; i++) {
		struct tunnel *tunnel = &walk->tunnels[i];

		if (tunnel->tid == line->tid && line->time_us >= tunnel->begin &&
		    line->time_us <= tunnel->end)
			return tunnel;
	}
	return NULL;
}

static bool
names(const struct timeline_line *line, const char *who)
{
	char value[300];

	return strcmp(line->host, who) == 0 ||
	       strcmp(value_of(value, sizeof(value), line->text, "user"), who) == 0 ||
	       strcmp(value_of(value, sizeof(value), line->text, "address"), who) == 0;
}

/* Each tunnel that such a login, refusal or logout names. */
static void
find_tunnels(struct walk *walk)
{
	for (size_t i = 0; i < walk->timeline->count && walk->count < TUNNELS_MAX; i++) {
		struct timeline_line *line = &walk->timeline->lines[i];
		struct tunnel *tunnel;

		if (line->stage != STAGE_ACCOUNT || !line->tid || known_tunnel(walk, line) ||
		    (walk->who && !names(line, walk->who)))
			continue;
		tunnel = &walk->tunnels[walk->count++];
		*tunnel = (struct tunnel){.tid = line->tid};
		memcpy(tunnel->host, line->host, sizeof(tunnel->host));
		find_span(walk->timeline, tunnel, line->time_us);
	}
}

static bool
is_asked_for(const struct walk *walk, const struct timeline_line *line)
{
	if (!walk->who || names(line, walk->who))
		return true;
	for (size_t i = 0; i < walk->count; i++) {
		if (is_of(&walk->tunnels[i], line))
			return true;
	}
	return false;
}

void
timeline_walk(struct timeline *timeline, const char *who, timeline_fn *fn, void *ctx)
{
	struct walk walk = {.timeline = timeline,
			    .who = who,
			    .tunnels = calloc(TUNNELS_MAX, sizeof(struct tunnel))};

	settle_instances(timeline);
	if (walk.tunnels)
		find_tunnels(&walk);
	for (size_t i = 0; i < timeline->count; i++) {
		struct timeline_line *line = &timeline->lines[i];
		const struct tunnel *tunnel = known_tunnel(&walk, line);

		if (tunnel && line->l2tp_ms >= 0)
			line->ike_ms = ike_ms(timeline, tunnel);
	}
	for (size_t i = 0; i < timeline->count; i++) {
		struct timeline_line *line = &timeline->lines[i];

		if (line->shown || !is_asked_for(&walk, line))
			continue;
		line->shown = true;
		fn(ctx, line);
	}
	free(walk.tunnels);
}
