/*
 * See metrics.h. A metric has one value, which metrics_text() has gathered (`at`), or a function
 * that writes its samples. None has a label that a peer could choose: a name or an address for each
 * would grow without bound. docs/metrics.md names them all.
 */
#include "worker/metrics.h"

#include <string.h>

#include "worker/addr.h"
#include "worker/app.h"
#include "worker/exposition.h"
#include "worker/process.h"
#include "worker/udp.h"

/* What is looked at once for all metrics. */
struct view {
	struct app *app;
	struct traffic traffic;
	struct lns_counters lns;
	struct udp_counters udp;
	/* metrics without labels */
	uint64_t tunnels, half_open, max_sessions, max_tunnels, max_half_open;
	uint64_t bans, draining, loaded, clients, changes, gone;
	uint64_t sas, pool_size, pool_used;
	uint64_t records, lost;
};

typedef void fill_fn(struct exposition *out, const struct view *view);

struct row {
	struct metric metric;
	size_t at; /* in struct view, a uint64_t; 0: see `fill` */
	fill_fn *fill;
};

/* One sample of a metric that has this label. */
static void
put_one(struct exposition *out, const char *name, const char *value, uint64_t count)
{
	exposition_count(out, (struct label[]){{name, value}, {NULL, NULL}}, count);
}

/* ── the daemon ─────────────────────────────────────────────────────────────────────────── */

static void
fill_build(struct exposition *out, const struct view *view)
{
	(void)view;
	put_one(out, "version", LNSD_VERSION, 1);
}

static void
fill_start(struct exposition *out, const struct view *view)
{
	exposition_time(out, NULL, (uint64_t)view->app->began * 1000);
}

static bool
read_process(const struct view *view, size_t i, struct process_use *use)
{
	return process_read(i ? view->app->stat_keeper : view->app->stat_worker, use);
}

static const char *const processes[] = {"worker", "keeper"};

static void
fill_cpu(struct exposition *out, const struct view *view)
{
	struct process_use use;

	for (size_t i = 0; i < 2; i++) {
		if (read_process(view, i, &use))
			exposition_time(out,
					(struct label[]){{"process", processes[i]}, {NULL, NULL}},
					use.cpu_ms);
	}
}

static void
fill_memory(struct exposition *out, const struct view *view)
{
	struct process_use use;

	for (size_t i = 0; i < 2; i++) {
		if (read_process(view, i, &use))
			put_one(out, "process", processes[i], use.resident_bytes);
	}
}

static void
fill_problems(struct exposition *out, const struct view *view)
{
	uint64_t errors = 0, warnings = 0;

	for (size_t i = 0; i < WALL_PROBLEMS; i++) {
		const struct wall_problem *problem = &view->app->problems[i];
		bool error = strcmp(problem->severity, "error") == 0;

		errors += problem->text[0] && error;
		warnings += problem->text[0] && !error;
	}
	put_one(out, "severity", "error", errors);
	put_one(out, "severity", "warning", warnings);
}

static void
fill_queues(struct exposition *out, const struct view *view)
{
	put_one(out, "queue", "keeper", wall_queued(view->app->wall));
	put_one(out, "queue", "history", view->app->past.count);
}

/* ── sessions ───────────────────────────────────────────────────────────────────────────── */

static void
fill_sessions(struct exposition *out, const struct view *view)
{
	put_one(out, "state", "authenticating", view->traffic.authenticating);
	put_one(out, "state", "up", view->traffic.up);
	put_one(out, "state", "closing", view->traffic.closing);
}

/* All from the start, at zero: a rate knows nothing of a sample that was not there before. */
static void
put_causes(struct exposition *out, const uint64_t counts[CAUSE_COUNT])
{
	for (unsigned cause = CAUSE_NONE + 1; cause < CAUSE_COUNT; cause++)
		put_one(out, "cause", cause_name(cause), counts[cause]);
}

static void
fill_logins(struct exposition *out, const struct view *view)
{
	put_one(out, "cause", "accepted", view->app->totals.logins);
	put_causes(out, view->app->totals.refused);
}

static void
fill_logouts(struct exposition *out, const struct view *view)
{
	put_causes(out, view->app->totals.logouts);
}

static void
fill_setup(struct exposition *out, const struct view *view)
{
	static const char *const stages[SETUP_STAGES] = {
		[SETUP_L2TP] = "l2tp", [SETUP_PPP] = "ppp", [SETUP_TOTAL] = "total"};

	for (size_t i = 0; i < SETUP_STAGES; i++)
		exposition_histogram(out, (struct label[]){{"stage", stages[i]}, {NULL, NULL}},
				     &view->app->totals.setup[i]);
}

static void
fill_pppds(struct exposition *out, const struct view *view)
{
	const struct wall_tally *tally = &view->app->tally;

	put_one(out, "state", "running", tally->pppds - tally->stopping);
	put_one(out, "state", "stopping", tally->stopping);
	put_one(out, "state", "waiting", tally->waiting);
}

/* ── what came and was not used ─────────────────────────────────────────────────────────── */

static void
fill_drops(struct exposition *out, const struct view *view)
{
	const struct app *app = view->app;
	const struct {
		const char *reason;
		uint64_t count;
	} drops[] = {
		{"malformed", view->lns.dropped_malformed + view->udp.truncated},
		{"unknown", view->lns.dropped_unknown},
		{"path", view->lns.dropped_path},
		{"unprotected", app->unprotected},
		{"banned", app->banned},
		{"limit", view->lns.dropped_limit},
		{"not_sent", view->udp.dropped + view->udp.failed},
		{"pppd_slow", view->traffic.counters.rx_dropped},
		{"bad_frame", view->traffic.bad_frames},
	};

	for (size_t i = 0; i < sizeof(drops) / sizeof(drops[0]); i++)
		put_one(out, "reason", drops[i].reason, drops[i].count);
}

/* ── IPsec and RADIUS ───────────────────────────────────────────────────────────────────── */

static void
fill_ipsec(struct exposition *out, const struct view *view)
{
	const struct wall_facts *facts = &view->app->facts;

	exposition_count(out,
			 (struct label[]){{"manager", facts->manager},
					  {"version", facts->version},
					  {"profile", facts->profile},
					  {NULL, NULL}},
			 1);
}

static const char *
server_name(char text[ADDR_TEXT_MAX], const struct view *view, size_t i)
{
	return addr_text(text, &view->app->radius.servers[i].addr);
}

static void
fill_servers(struct exposition *out, const struct view *view)
{
	const struct wall_radius *radius = &view->app->radius;
	char text[ADDR_TEXT_MAX];

	for (size_t i = 0; i < radius->count; i++) {
		const struct radius_server_state *server = &radius->state.servers[i];
		const char *name = server_name(text, view, i);

		exposition_count(out,
				 (struct label[]){{"server", name},
						  {"service", "authentication"},
						  {NULL, NULL}},
				 !server->auth_down);
		exposition_count(
			out,
			(struct label[]){{"server", name}, {"service", "accounting"}, {NULL, NULL}},
			!server->acct_down);
	}
}

static void
fill_requests(struct exposition *out, const struct view *view)
{
	const struct wall_radius *radius = &view->app->radius;
	char text[ADDR_TEXT_MAX];

	for (size_t i = 0; i < radius->count; i++)
		put_one(out, "server", server_name(text, view, i),
			radius->state.servers[i].requests);
}

static void
fill_timeouts(struct exposition *out, const struct view *view)
{
	const struct wall_radius *radius = &view->app->radius;
	char text[ADDR_TEXT_MAX];

	for (size_t i = 0; i < radius->count; i++)
		put_one(out, "server", server_name(text, view, i),
			radius->state.servers[i].timeouts);
}

/* ── the table ──────────────────────────────────────────────────────────────────────────── */

#define AT(member) .at = offsetof(struct view, member)
#define FILL(function) .fill = (function)

/* clang-format off */
static const struct row rows[] = {
	{{"lnsd_build_info", METRIC_GAUGE, "The version of lnsd; always 1."}, FILL(fill_build)},
	{{"lnsd_start_time_seconds", METRIC_GAUGE, "When the daemon was started, since the epoch."}, FILL(fill_start)},
	{{"lnsd_process_cpu_seconds_total", METRIC_COUNTER, "Processor time of lnsd's processes."}, FILL(fill_cpu)},
	{{"lnsd_process_resident_memory_bytes", METRIC_GAUGE, "Memory of lnsd's processes."}, FILL(fill_memory)},
	{{"lnsd_problems", METRIC_GAUGE, "Standing problems, as lnsctl status shows them."}, FILL(fill_problems)},
	{{"lnsd_draining", METRIC_GAUGE, "1 while new clients are sent to another server (lnsctl drain)."}, AT(draining)},
	{{"lnsd_queue_length", METRIC_GAUGE, "Messages that wait to be taken by the keeper, or to be told for the history."}, FILL(fill_queues)},

	{{"lnsd_sessions", METRIC_GAUGE, "Sessions, by state."}, FILL(fill_sessions)},
	{{"lnsd_sessions_limit", METRIC_GAUGE, "server.max-sessions."}, AT(max_sessions)},
	{{"lnsd_tunnels", METRIC_GAUGE, "Tunnels, half-open ones too."}, AT(tunnels)},
	{{"lnsd_tunnels_limit", METRIC_GAUGE, "server.max-tunnels."}, AT(max_tunnels)},
	{{"lnsd_half_open_tunnels", METRIC_GAUGE, "Tunnels whose set-up is not complete."}, AT(half_open)},
	{{"lnsd_half_open_tunnels_limit", METRIC_GAUGE, "server.max-half-open."}, AT(max_half_open)},
	{{"lnsd_logins_total", METRIC_COUNTER, "Logins: those accepted, and those refused by their cause."}, FILL(fill_logins)},
	{{"lnsd_logouts_total", METRIC_COUNTER, "Sessions that have ended, by cause."}, FILL(fill_logouts)},
	{{"lnsd_setup_seconds", METRIC_HISTOGRAM, "How long sessions took to come up, by stage."}, FILL(fill_setup)},
	{{"lnsd_pppds", METRIC_GAUGE, "pppd processes, and those that are still to be started, by state."}, FILL(fill_pppds)},
	{{"lnsd_pool_addresses", METRIC_GAUGE, "Addresses of network.pool that can be handed out."}, AT(pool_size)},
	{{"lnsd_pool_addresses_used", METRIC_GAUGE, "Addresses that sessions have, fixed ones too."}, AT(pool_used)},
	{{"lnsd_bans", METRIC_GAUGE, "Sources that are shut out."}, AT(bans)},

	{{"lnsd_receive_bytes_total", METRIC_COUNTER, "Bytes of PPP frames from clients."}, AT(traffic.counters.rx_bytes)},
	{{"lnsd_transmit_bytes_total", METRIC_COUNTER, "Bytes of PPP frames to clients."}, AT(traffic.counters.tx_bytes)},
	{{"lnsd_receive_packets_total", METRIC_COUNTER, "PPP frames from clients."}, AT(traffic.counters.rx_packets)},
	{{"lnsd_transmit_packets_total", METRIC_COUNTER, "PPP frames to clients."}, AT(traffic.counters.tx_packets)},
	{{"lnsd_pppd_waiting_bytes", METRIC_GAUGE, "Bytes from clients that pppds have not read yet."}, AT(traffic.waiting)},
	{{"lnsd_datagrams_received_total", METRIC_COUNTER, "UDP datagrams, whatever became of them."}, AT(udp.in)},
	{{"lnsd_datagrams_sent_total", METRIC_COUNTER, "UDP datagrams."}, AT(udp.out)},
	{{"lnsd_control_messages_received_total", METRIC_COUNTER, "L2TP control messages."}, AT(lns.control_in)},
	{{"lnsd_control_messages_sent_total", METRIC_COUNTER, "L2TP control messages, retransmissions too."}, AT(lns.control_out)},
	{{"lnsd_retransmissions_total", METRIC_COUNTER, "L2TP control messages that were sent again."}, AT(lns.retransmits)},
	{{"lnsd_drops_total", METRIC_COUNTER, "Datagrams and frames that went no further, by reason."}, FILL(fill_drops)},

	{{"lnsd_ipsec_info", METRIC_GAUGE, "The IKE daemon and the profile; always 1."}, FILL(fill_ipsec)},
	{{"lnsd_ipsec_loaded", METRIC_GAUGE, "1: our connection is in the IKE daemon."}, AT(loaded)},
	{{"lnsd_ipsec_clients", METRIC_GAUGE, "Clients that are protected by IPsec."}, AT(clients)},
	{{"lnsd_ipsec_sas", METRIC_GAUGE, "SAs of clients in the kernel, both directions."}, AT(sas)},
	{{"lnsd_ipsec_sa_changes_total", METRIC_COUNTER, "Times that a client began to use another SA: its first, or a renewed one."}, AT(changes)},
	{{"lnsd_ipsec_clients_gone_total", METRIC_COUNTER, "Clients whose last SA went."}, AT(gone)},

	{{"lnsd_radius_server_up", METRIC_GAUGE, "0: the server does not answer and is skipped."}, FILL(fill_servers)},
	{{"lnsd_radius_requests_total", METRIC_COUNTER, "Requests to the server, repetitions too."}, FILL(fill_requests)},
	{{"lnsd_radius_timeouts_total", METRIC_COUNTER, "Requests that the server did not answer."}, FILL(fill_timeouts)},
	{{"lnsd_radius_records_waiting", METRIC_GAUGE, "Accounting records that no server has acknowledged yet."}, AT(records)},
	{{"lnsd_radius_records_lost_total", METRIC_COUNTER, "Accounting records that were dropped."}, AT(lost)},
};
/* clang-format on */

static struct view
look(struct app *app)
{
	const struct wall_tally *tally = &app->tally;

	lanes_read(app);

	struct view view = {
		.app = app,
		.traffic = totals_traffic(&app->totals, &app->ports),
		.lns = lns_counters(app->lns),
		.udp = udp_counters(app->udp),
		.max_sessions = app->conf->server.max_sessions,
		.max_tunnels = app->conf->server.max_tunnels,
		.max_half_open = app->conf->server.max_half_open,
		.bans = bans_count(app->bans),
		.draining = lns_draining(app->lns) != NULL,
		.loaded = app->facts.loaded,
		.clients = app->sas.count,
		.changes = app->sas.changes,
		.gone = app->sas.gone,
		.sas = tally->sas,
		.pool_size = tally->pool_size,
		.pool_used = tally->pool_used,
		.records = app->radius.state.waiting,
		.lost = app->radius.state.lost,
	};

	view.tunnels = view.lns.tunnels;
	view.half_open = view.lns.half_open;
	return view;
}

char *
metrics_text(struct app *app, size_t *len)
{
	const struct view view = look(app);
	struct exposition out;

	if (!exposition_open(&out))
		return NULL;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t value;

		exposition_begin(&out, &rows[i].metric);
		if (rows[i].fill) {
			rows[i].fill(&out, &view);
			continue;
		}
		memcpy(&value, (const char *)&view + rows[i].at, sizeof(value));
		exposition_count(&out, NULL, value);
	}
	return exposition_close(&out, len);
}
