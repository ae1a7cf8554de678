/* A directory of clients over a kernel that only notes what it is asked. */
#ifndef SA_FIXTURE_H
#define SA_FIXTURE_H

#include "keeper/sa_dir.h"

#define GATEWAY 0x0a090001u
#define NAT 0x0a090002u
#define BASE 0x20000000u

/* What the kernel was asked last, and which SA saw a packet. */
struct world {
	struct sa_dir dir;
	unsigned sets, points, unpoints;
	uint32_t set_spi, set_mark, set_port;
	uint32_t point_mark, point_spi, point_reqid; /* spi 0: blocked */
	uint32_t unpoint_mark;
	uint32_t used_spi;
	bool keeps_no_mark;
	mstime_t now;
	uint64_t clock;
};

/* A client: address, outer and L2TP's port, reqid. */
struct who {
	uint32_t peer;
	uint16_t nat, port;
	uint32_t reqid;
};

/* Two behind one NAT */
extern const struct who ann, bob;

struct world *world_new(bool own, uint32_t marks);
void world_free(struct world *world);

/* The kernel's message about an SA, and what becomes of it. */
struct sa_msg sa_message(const struct world *world, const struct who *who, bool in, uint32_t spi,
			 uint32_t mark);
void take_in(struct world *world, const struct who *who, uint32_t spi, uint32_t mark);
void take_out(struct world *world, const struct who *who, uint32_t spi);
void lose(struct world *world, const struct who *who, bool in, uint32_t spi);
void move_to(struct world *world, const struct who *who, uint32_t spi_in, uint16_t nat_port);
/* Both SAs, as an IKE daemon makes them, and the echo of the mark; gives the mark. */
uint32_t connect_client(struct world *world, const struct who *who, uint32_t spi_in,
			uint32_t spi_out);

/* Lets time go by. */
void pass(struct world *world, mstime_t ms);
/* The last thing that the worker hears of a mark; kind 0: nothing. */
union wall_msg told_of(struct world *world, uint32_t mark);

#endif
