/* Who carries how much now: a screen that stays up to date, or a table once. */
#include <curses.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lnsctl/client.h"
#include "lnsctl/field.h"
#include "lnsctl/lnsctl.h"
#include "lnsctl/table.h"
#include "lnsctl/traffic.h"

#define INTERVAL_MS 1000
/* The daemon has more to do than to count sessions: an answer that took long is not asked for soon
 */
#define SHARE 5
#define CTRL_C 3
#define ROWS_AT 2 /* the first two lines say what it is */
#define CELL_MAX 160

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ── cells ──────────────────────────────────────────────────────────────────────────────── */

typedef const char *cell_fn(char text[CELL_MAX], const struct traffic_row *row);

static const char *
cell_user(char text[CELL_MAX], const struct traffic_row *row)
{
	return clean_text(text, CELL_MAX, row->user[0] ? row->user : "-");
}

static const char *
cell_address(char text[CELL_MAX], const struct traffic_row *row)
{
	return clean_text(text, CELL_MAX, row->address[0] ? row->address : "-");
}

static const char *
cell_peer(char text[CELL_MAX], const struct traffic_row *row)
{
	return clean_text(text, CELL_MAX, row->peer);
}

static const char *
cell_in(char text[CELL_MAX], const struct traffic_row *row)
{
	return traffic_rate_text(text, row->rx_bps);
}

static const char *
cell_out(char text[CELL_MAX], const struct traffic_row *row)
{
	return traffic_rate_text(text, row->tx_bps);
}

static const char *
cell_up(char text[CELL_MAX], const struct traffic_row *row)
{
	return human_duration(text, row->uptime_s);
}

static const char *
cell_client(char text[CELL_MAX], const struct traffic_row *row)
{
	return clean_text(text, CELL_MAX, row->client[0] ? row->client : "-");
}

static const char *
cell_rx(char text[CELL_MAX], const struct traffic_row *row)
{
	return human_bytes(text, row->rx_bytes);
}

static const char *
cell_tx(char text[CELL_MAX], const struct traffic_row *row)
{
	return human_bytes(text, row->tx_bytes);
}

/* 80 columns have room for the first six; each of the others comes when there is more. */
static const struct column {
	const char *name;
	int width;
	bool right;
	cell_fn *cell;
} columns[] = {
	{"USER", 18, false, cell_user},	    {"ADDRESS", 15, false, cell_address},
	{"PEER", 15, false, cell_peer},	    {"IN", 10, true, cell_in},
	{"OUT", 10, true, cell_out},	    {"UP", 7, true, cell_up},
	{"RX", 9, true, cell_rx},	    {"TX", 9, true, cell_tx},
	{"CLIENT", 12, false, cell_client},
};
#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

static const struct order {
	int key;
	const char *name;
} orders[] = {
	[TRAFFIC_RATE] = {'r', "rate"}, [TRAFFIC_IN] = {'i', "in"},
	[TRAFFIC_OUT] = {'o', "out"},	[TRAFFIC_TOTAL] = {'t', "total"},
	[TRAFFIC_TIME] = {'a', "age"},	[TRAFFIC_USER] = {'u', "user"},
};
#define ORDER_COUNT (sizeof(orders) / sizeof(orders[0]))

/* ── once ───────────────────────────────────────────────────────────────────────────────── */

/* False: *answer says why. */
static bool
look(struct traffic *traffic, const struct settings *settings, struct answer *answer)
{
	bool taken;

	client_ask(settings, "traffic", NULL, answer);
	taken = answer->code == CODE_DONE && traffic_look(traffic, answer->data, now_ms());
	json_decref(answer->data);
	if (answer->code == CODE_DONE && !taken) {
		answer->code = CODE_REFUSED;
		snprintf(answer->error, sizeof(answer->error), "memory is short");
	}
	return taken;
}

static enum exit_code
print_once(const struct traffic *traffic)
{
	struct table *table = table_new("USER ADDRESS PEER >IN >OUT >UP >RX >TX CLIENT ID");

	for (size_t i = 0; i < traffic->count; i++) {
		const struct traffic_row *row = &traffic->rows[i];
		char text[CELL_MAX];

		for (size_t c = 0; c < COLUMN_COUNT; c++)
			table_add(table, columns[c].cell(text, row));
		table_add(table, row->id);
	}
	table_print(table, stdout);
	table_free(table);
	return CODE_DONE;
}

static enum exit_code
print_once_json(const struct traffic *traffic)
{
	json_t *list = json_array();
	enum exit_code code;

	for (size_t i = 0; i < traffic->count; i++) {
		const struct traffic_row *row = &traffic->rows[i];

		json_array_append_new(
			list,
			json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I}", "id",
				  row->id, "user", row->user, "address", row->address, "peer",
				  row->peer, "client", row->client, "state", row->state, "uptime_s",
				  (json_int_t)row->uptime_s, "rx_bytes", (json_int_t)row->rx_bytes,
				  "tx_bytes", (json_int_t)row->tx_bytes, "rx_bps",
				  (json_int_t)row->rx_bps, "tx_bps", (json_int_t)row->tx_bps));
	}
	code = print_json(list);
	json_decref(list);
	return code;
}

/* A rate needs two looks. */
static enum exit_code
run_once(const struct settings *settings)
{
	const struct timespec interval = {.tv_sec = INTERVAL_MS / 1000};
	struct traffic traffic = {.rows = NULL};
	struct answer answer;
	bool taken = look(&traffic, settings, &answer);

	if (taken && traffic.count) {
		nanosleep(&interval, NULL);
		taken = look(&traffic, settings, &answer);
	}
	if (taken) {
		traffic_sort(&traffic, TRAFFIC_RATE);
		answer.code = settings->json ? print_once_json(&traffic) : print_once(&traffic);
	} else {
		complain("%s", answer.error);
	}
	traffic_fini(&traffic);
	return answer.code;
}

/* ── the screen ─────────────────────────────────────────────────────────────────────────── */

struct screen {
	const struct settings *settings;
	struct traffic traffic;
	struct answer answer; /* to the last look; its data is gone */
	enum traffic_order order;
	size_t first; /* row that is shown */
	int64_t next_look;
};

static void
draw_cells(int line, const struct traffic_row *row)
{
	int at = 0;

	for (size_t c = 0; c < COLUMN_COUNT; c++) {
		const struct column *column = &columns[c];
		char text[CELL_MAX];

		if (at + column->width > COLS)
			break;
		mvprintw(line, at, column->right ? "%*.*s" : "%-*.*s", column->width, column->width,
			 row ? column->cell(text, row) : column->name);
		at += column->width + 1;
	}
}

static size_t
page(void)
{
	return LINES > ROWS_AT + 1 ? (size_t)(LINES - ROWS_AT - 1) : 1;
}

static void
draw_head(const struct screen *screen)
{
	char in[TRAFFIC_RATE_MAX], out[TRAFFIC_RATE_MAX], clock[16] = "";
	time_t now = time(NULL);
	struct tm tm;

	if (localtime_r(&now, &tm))
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	mvprintw(0, 0, "lnsd %s  %zu sessions  in %s  out %s  by %s", clock, screen->traffic.count,
		 traffic_rate_text(in, screen->traffic.rx_bps),
		 traffic_rate_text(out, screen->traffic.tx_bps), orders[screen->order].name);
	attron(A_REVERSE);
	mvhline(1, 0, ' ', COLS);
	draw_cells(1, NULL);
	attroff(A_REVERSE);
}

static void
draw_foot(const struct screen *screen)
{
	int at = 0;

	if (screen->answer.code != CODE_DONE) {
		attron(A_BOLD);
		mvaddnstr(LINES - 1, 0, screen->answer.error, COLS - 1);
		attroff(A_BOLD);
		return;
	}
	mvaddnstr(LINES - 1, 0, "q quit  sort by:", COLS - 1);
	at = 18;
	for (size_t i = 0; i < ORDER_COUNT; i++) {
		int width = (int)strlen(orders[i].name) + 3;

		if (at + width >= COLS)
			break;
		mvprintw(LINES - 1, at, "%c %s", orders[i].key, orders[i].name);
		at += width + 1;
	}
	if (screen->traffic.count > page() && at + 12 < COLS)
		mvprintw(LINES - 1, at + 1, "%zu-%zu", screen->first + 1, screen->first + page());
}

static void
draw(struct screen *screen)
{
	size_t count = screen->traffic.count;

	if (screen->first + page() > count)
		screen->first = count > page() ? count - page() : 0;
	erase();
	draw_head(screen);
	for (size_t i = 0; i < page() && screen->first + i < count; i++)
		draw_cells(ROWS_AT + (int)i, &screen->traffic.rows[screen->first + i]);
	if (!count && screen->answer.code == CODE_DONE)
		mvaddstr(ROWS_AT + 1, 2, "Nobody is connected.");
	draw_foot(screen);
	refresh();
}

static void
look_again(struct screen *screen)
{
	int64_t began = now_ms(), took;

	if (look(&screen->traffic, screen->settings, &screen->answer))
		traffic_sort(&screen->traffic, screen->order);
	took = now_ms() - began;
	screen->next_look = now_ms() + (SHARE * took > INTERVAL_MS ? SHARE * took : INTERVAL_MS);
}

static void
scroll_by(struct screen *screen, int key)
{
	size_t count = screen->traffic.count, step = key == KEY_UP || key == KEY_DOWN ? 1 : page();

	if (key == KEY_HOME)
		screen->first = 0;
	else if (key == KEY_END)
		screen->first = count;
	else if (key == KEY_DOWN || key == KEY_NPAGE)
		screen->first += step;
	else if (key == KEY_UP || key == KEY_PPAGE)
		screen->first -= screen->first < step ? screen->first : step;
}

/* False: that was the last. */
static bool
take_key(struct screen *screen, int key)
{
	for (size_t i = 0; i < ORDER_COUNT; i++) {
		if (key == orders[i].key) {
			screen->order = (enum traffic_order)i;
			traffic_sort(&screen->traffic, screen->order);
			screen->first = 0;
		}
	}
	scroll_by(screen, key);
	return key != 'q' && key != CTRL_C;
}

static enum exit_code
run_screen(const struct settings *settings)
{
	struct screen screen = {.settings = settings, .order = TRAFFIC_RATE};
	SCREEN *terminal;
	bool more = true;

	look_again(&screen);
	if (screen.answer.code != CODE_DONE) {
		complain("%s", screen.answer.error);
		return screen.answer.code;
	}
	terminal = newterm(NULL, stdout, stdin);
	if (!terminal) {
		complain("this terminal is not known (TERM); --once prints a table");
		traffic_fini(&screen.traffic);
		return CODE_REFUSED;
	}
	raw(); /* Ctrl-C is a key: the terminal is put right */
	noecho();
	curs_set(0);
	keypad(stdscr, TRUE);
	while (more) {
		int64_t left = screen.next_look - now_ms();

		if (left <= 0)
			look_again(&screen);
		draw(&screen);
		timeout(left <= 0 ? 1 : left < INTERVAL_MS ? (int)left : INTERVAL_MS);
		more = take_key(&screen, getch());
	}
	endwin();
	delscreen(terminal);
	traffic_fini(&screen.traffic);
	return CODE_DONE;
}

static enum exit_code
run(const struct settings *settings, char *const *args)
{
	(void)args;
	if (settings->of[OPT_ONCE] || settings->json || !isatty(STDOUT_FILENO) ||
	    !isatty(STDIN_FILENO))
		return run_once(settings);
	return run_screen(settings);
}

const struct verb verb_top = {
	.name = "top",
	.arg = "[--once]",
	.options = OPT_BIT(OPT_ONCE),
	.summary = "what the sessions carry now",
	.help = "The sessions by what they carry each second, IN from the client and OUT to it, "
		"until q.\n"
		"Keys: r rate, i in, o out, t total, a age, u user sort; arrows, page keys, home "
		"and end\n"
		"scroll. Without a terminal, or with\n\n"
		"  --once  a table, once, of the second that follows\n",
	.prints = true,
	.run = run,
};
