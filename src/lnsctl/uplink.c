#include "lnsctl/uplink.h"

#include <stdio.h>
#include <string.h>

#include "command.h"
#include "lnsctl/proc_number.h"

#define ASK_MS 5000
#define MTU_USUAL 1500
#define MTU_FLOOR 1280
#define MTU_BEST 1400
/* No packet is sent there: an address of the documentation has the way of all that is far. */
#define THE_WORLD "192.0.2.1"

/* `192.0.2.1 via 10.0.0.1 dev eth0 src 10.0.0.7 uid 0` */
static void
take_route(void *ctx, const char *line)
{
	struct uplink *uplink = ctx;
	const char *dev = strstr(line, " dev ");

	if (!dev || uplink->iface[0])
		return;
	dev += strlen(" dev ");
	snprintf(uplink->iface, sizeof(uplink->iface), "%.*s", (int)strcspn(dev, " \n"), dev);
}

static unsigned
read_mtu(const char *iface)
{
	char path[64];
	long mtu;

	snprintf(path, sizeof(path), "/sys/class/net/%s/mtu", iface);
	mtu = proc_number(path);
	return mtu > 0 ? (unsigned)mtu : 0;
}

void
uplink_look(struct uplink *uplink)
{
	char path[256];
	const char *const argv[] = {path, "route", "get", THE_WORLD, NULL};

	memset(uplink, 0, sizeof(*uplink));
	if (command_find(path, sizeof(path), "ip"))
		command_run(argv, ASK_MS, take_route, uplink);
	if (uplink->iface[0])
		uplink->mtu = read_mtu(uplink->iface);
}

unsigned
uplink_fits(const struct uplink *uplink)
{
	if (!uplink->mtu || uplink->mtu >= MTU_USUAL - 12)
		return MTU_BEST;
	return uplink->mtu < MTU_FLOOR + UPLINK_OVERHEAD ? MTU_FLOOR
							 : uplink->mtu - UPLINK_OVERHEAD;
}
