/* See totals.h. */
#include "worker/totals.h"

void
totals_note_login(struct totals *totals, const struct port *port)
{
	totals->logins++;
	histogram_note(&totals->setup[SETUP_L2TP], (uint64_t)(port->go_at - port->tunnel_at));
	histogram_note(&totals->setup[SETUP_PPP], (uint64_t)(port->up_at - port->go_at));
	histogram_note(&totals->setup[SETUP_TOTAL], (uint64_t)(port->up_at - port->tunnel_at));
}

static void
add(struct port_counters *sum, const struct port_counters *counters)
{
	sum->rx_bytes += counters->rx_bytes;
	sum->tx_bytes += counters->tx_bytes;
	sum->rx_packets += counters->rx_packets;
	sum->tx_packets += counters->tx_packets;
	sum->rx_dropped += counters->rx_dropped;
}

void
totals_note_end(struct totals *totals, const struct port *port)
{
	uint64_t *ends = port->up ? totals->logouts : totals->refused;

	ends[port->end.cause]++;
	add(&totals->gone, &port->counters);
	totals->bad_frames += port->rx.bad;
}

struct traffic
totals_traffic(const struct totals *totals, const struct ports *ports)
{
	struct traffic traffic = {.counters = totals->gone, .bad_frames = totals->bad_frames};

	for (const struct port *port = ports->first; port; port = port->next_all) {
		add(&traffic.counters, &port->counters);
		traffic.bad_frames += port->rx.bad;
		traffic.waiting += port->out_end - port->out_start;
		if (!port_listed(port))
			continue;
		traffic.closing += port->over;
		traffic.up += port->up && !port->over;
		traffic.authenticating += !port->up && !port->over;
	}
	return traffic;
}
