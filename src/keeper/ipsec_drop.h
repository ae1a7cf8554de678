/*
 * Deleting SAs through libreswan, so that their peer hears of it (RFC 3193 §3.1). Requests wait,
 * bounded, for one helper process, which asks pluto once for all of them.
 */
#ifndef KEEPER_IPSEC_DROP_H
#define KEEPER_IPSEC_DROP_H

#include <stddef.h>
#include <stdint.h>

#include "keeper/drop_plan.h"
#include "keeper/helper.h"
#include "keeper/loop.h"
#include "log.h"

#define IPSEC_DROP_MAX 1024

struct keeper;

struct ipsec_drop {
	struct helper helper;
	struct timer collect; /* what comes together goes together */
	struct spi_pair pairs[IPSEC_DROP_MAX];
	size_t count;
	struct log_limit full;
};

void ipsec_drop_init(struct keeper *keeper);
/* Forgets what was not done. */
void ipsec_drop_stop(struct keeper *keeper);

/*
 * Deletes the SAs with these SPIs (host order, 0: there is none), and the IKE SA when nothing else
 * came from it. Only with ipsec.manage; SAs that libreswan does not know stay as they are. When
 * too many wait the request is lost and DPD or the SA's lifetime ends it.
 */
void ipsec_drop(struct keeper *keeper, uint32_t spi_in, uint32_t spi_out);

#endif
