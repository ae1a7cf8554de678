/* See lanes.h. */
#include "worker/lanes.h"

#include <linux/ppp-ioctl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "log.h"
#include "worker/app.h"
#include "worker/udp.h"

#define READ_MS 50   /* counters that are not older do for whoever asks */
#define LOOK_MS 1000 /* several times before lns_probe() gives up */

struct lane_tunnel {
	struct lane_tunnel *next;
	uint32_t number;
	struct udp_tap *tap;
};

void
lanes_init(struct lanes *lanes)
{
	lanes->look_next = MSTIME_NEVER;
}

/* ── tunnels ────────────────────────────────────────────────────────────────────────────── */

void
lanes_tunnel(struct app *app, const struct wall_tunnel *told, int fd)
{
	struct lane_tunnel *tunnel = calloc(1, sizeof(*tunnel));

	if (tunnel)
		tunnel->tap = udp_tap_open(app->udp, &told->path.local, fd);
	else
		close(fd);
	if (!tunnel || !tunnel->tap) {
		/* its control messages are lost, and its peer will call again */
		log_error("out of memory: a tunnel in the kernel is not heard");
		free(tunnel);
		return;
	}
	tunnel->number = told->number;
	tunnel->next = app->lanes.tunnels;
	app->lanes.tunnels = tunnel;
}

void
lanes_tunnel_gone(struct app *app, uint32_t number)
{
	struct lane_tunnel **link = &app->lanes.tunnels, *tunnel;

	while ((tunnel = *link) && tunnel->number != number)
		link = &tunnel->next;
	if (!tunnel)
		return;
	*link = tunnel->next;
	udp_tap_close(tunnel->tap);
	free(tunnel);
}

void
lanes_fini(struct app *app)
{
	while (app->lanes.tunnels)
		lanes_tunnel_gone(app, app->lanes.tunnels->number);
}

/* ── sessions ───────────────────────────────────────────────────────────────────────────── */

static mstime_t
look_interval(const struct app *app)
{
	mstime_t half = app->conf->server.hello / 2;

	return half < LOOK_MS ? half : LOOK_MS;
}

void
lane_open(struct app *app, struct port *port, int fd)
{
	port->meter = fd;
	trace_lane(app, port);
	if (app->lanes.lines++ == 0)
		app->lanes.look_next = app_now(app) + look_interval(app);
}

void
lane_close(struct app *app, struct port *port)
{
	if (port->meter < 0)
		return;
	close(port->meter);
	port->meter = -1;
	if (--app->lanes.lines == 0)
		app->lanes.look_next = MSTIME_NEVER;
}

/* The kernel's own count, which goes on when pppd has ended. */
void
lane_read(struct port *port)
{
	struct pppol2tp_ioc_stats stats;

	if (port->meter < 0)
		return;
	memset(&stats, 0, sizeof(stats));
	if (ioctl(port->meter, PPPIOCGL2TPSTATS, &stats) < 0)
		return; /* its tunnel has gone: what was read last holds */
	port->counters.rx_bytes = stats.rx_bytes;
	port->counters.tx_bytes = stats.tx_bytes;
	port->counters.rx_packets = stats.rx_packets;
	port->counters.tx_packets = stats.tx_packets;
	port->counters.rx_dropped = stats.rx_seq_discards + stats.rx_errors;
}

void
lanes_read(struct app *app)
{
	if (!app->lanes.lines || app_now(app) - app->lanes.read_at < READ_MS)
		return;
	app->lanes.read_at = app_now(app);
	for (struct port *port = app->ports.first; port; port = port->next_all)
		lane_read(port);
}

/* ── signs of life ──────────────────────────────────────────────────────────────────────── */

void
lanes_tick(struct app *app)
{
	struct lanes *lanes = &app->lanes;

	if (app_now(app) < lanes->look_next)
		return;
	for (struct port *port = app->ports.first; port; port = port->next_all) {
		uint64_t before = port->seen;

		if (port->meter < 0)
			continue;
		lane_read(port);
		port->seen = port->counters.rx_packets;
		if (port->seen != before && !port->over)
			lns_heard(app->lns, app_now(app), port->ref);
	}
	lanes->read_at = app_now(app);
	lanes->look_next = app_now(app) + look_interval(app);
}

mstime_t
lanes_deadline(const struct app *app)
{
	return app->lanes.look_next;
}
