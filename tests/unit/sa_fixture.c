#include "sa_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "xfrm_fixture.h"

static void
fake_set(void *ctx, const struct sa *sa, uint32_t mark, uint16_t nat_port,
	 const struct nlmsghdr *msg)
{
	struct world *world = ctx;

	(void)msg;
	world->sets++;
	world->set_spi = sa->facts.id.spi;
	world->set_mark = mark;
	world->set_port = nat_port;
}

static void
fake_point(void *ctx, const struct sa_client *client)
{
	struct world *world = ctx;

	world->points++;
	world->point_mark = client->mark;
	world->point_spi = client->out ? client->out->facts.id.spi : 0;
	world->point_reqid = client->reqid;
}

static void
fake_unpoint(void *ctx, const struct sa_client *client)
{
	struct world *world = ctx;

	world->unpoints++;
	world->unpoint_mark = client->mark;
}

static bool
fake_used(void *ctx, const struct sa *sa)
{
	const struct world *world = ctx;

	return sa->facts.id.spi == world->used_spi;
}

static bool
fake_local(void *ctx, uint16_t family, const uint8_t address[16])
{
	uint32_t ip;

	(void)ctx;
	memcpy(&ip, address, sizeof(ip));
	return family == AF_INET && ip == htonl(GATEWAY);
}

struct world *
world_new(bool own, uint32_t marks)
{
	struct world *world = calloc(1, sizeof(*world));
	const struct sa_kernel kernel = {.set = fake_set,
					 .point = fake_point,
					 .unpoint = fake_unpoint,
					 .used = fake_used,
					 .local = fake_local,
					 .ctx = world};

	sa_dir_init(&world->dir, &kernel, 1701, own, BASE, marks);
	world->now = 1000;
	world->clock = 1;
	return world;
}

void
world_free(struct world *world)
{
	sa_dir_fini(&world->dir);
	free(world);
}

struct sa_msg
sa_message(const struct world *world, const struct who *who, bool in, uint32_t spi, uint32_t mark)
{
	struct xfrm_usersa_info info =
		in ? xfrm_esp(who->peer, GATEWAY, spi, who->reqid, who->port, 1701)
		   : xfrm_esp(GATEWAY, who->peer, spi, who->reqid, 1701, who->port);
	struct sa_msg msg = {.kind = SA_MSG_PUT};

	msg.facts.id.family = AF_INET;
	memcpy(msg.facts.id.dst, &info.id.daddr, 4);
	memcpy(msg.facts.src, &info.saddr, 4);
	msg.facts.id.spi = spi;
	msg.facts.reqid = who->reqid;
	msg.facts.sel = info.sel;
	msg.facts.nat_src = in ? who->nat : 4500;
	msg.facts.nat_dst = in ? 4500 : who->nat;
	if (!who->nat)
		msg.facts.nat_src = msg.facts.nat_dst = 0;
	msg.facts.set_mark = mark;
	msg.facts.added = world->clock;
	return msg;
}

void
take_in(struct world *world, const struct who *who, uint32_t spi, uint32_t mark)
{
	struct sa_msg msg = sa_message(world, who, true, spi, mark);

	sa_dir_take(&world->dir, world->now, &msg, NULL);
}

void
take_out(struct world *world, const struct who *who, uint32_t spi)
{
	struct sa_msg msg = sa_message(world, who, false, spi, 0);

	sa_dir_take(&world->dir, world->now, &msg, NULL);
}

uint32_t
connect_client(struct world *world, const struct who *who, uint32_t spi_in, uint32_t spi_out)
{
	uint32_t mark;

	take_in(world, who, spi_in, 0);
	mark = world->set_mark;
	if (!world->keeps_no_mark)
		take_in(world, who, spi_in, mark);
	take_out(world, who, spi_out);
	return mark;
}

void
lose(struct world *world, const struct who *who, bool in, uint32_t spi)
{
	struct sa_msg put = sa_message(world, who, in, spi, 0);
	struct sa_msg msg = {.kind = SA_MSG_GONE, .id = put.facts.id};

	sa_dir_take(&world->dir, world->now, &msg, NULL);
}

void
move_to(struct world *world, const struct who *who, uint32_t spi_in, uint16_t nat_port)
{
	struct sa_msg put = sa_message(world, who, true, spi_in, 0);
	struct sa_msg msg = {.kind = SA_MSG_MOVED, .id = put.facts.id, .nat_port = nat_port};

	sa_dir_take(&world->dir, world->now, &msg, NULL);
}

void
pass(struct world *world, mstime_t ms)
{
	mstime_t until = world->now + ms;

	while (sa_dir_deadline(&world->dir) <= until) {
		world->now = sa_dir_deadline(&world->dir);
		sa_dir_tick(&world->dir, world->now);
	}
	world->now = until;
}

union wall_msg
told_of(struct world *world, uint32_t mark)
{
	union wall_msg last = {.kind = 0}, msg;

	while (sa_dir_next(&world->dir, &msg)) {
		if (msg.kind == WALL_SA && msg.sa.mark == mark)
			last = msg;
		if (msg.kind == WALL_SA_GONE && msg.mark.mark == mark)
			last = msg;
	}
	return last;
}

const struct who ann = {NAT, 40001, 1701, 16389}, bob = {NAT, 40002, 1701, 16393};
