/* All that this machine knows of one client: gathered here, judged in verdict.h. */
#ifndef LNSCTL_EVIDENCE_H
#define LNSCTL_EVIDENCE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "lnsctl/doctor.h"
#include "lnsctl/sa_look.h"
#include "lnsctl/way.h"
#include "pluto.h"

/* What a client sends, in order. */
enum probe { PROBE_IKE, PROBE_NATT, PROBE_ESP, PROBE_L2TP, PROBES };
#define PROBE_NAMES                                                                                \
	{                                                                                          \
		"udp 500", "udp 4500", "esp", "udp 1701"                                           \
	}

#define EVIDENCE_SINCE_S 3600

struct evidence {
	char client[INET6_ADDRSTRLEN];
	uint8_t family, ip[16];
	time_t now;
	const char *ike, *esp, *psk_file; /* what the configuration allows */

	/* which of it could be looked at */
	bool log_seen, sas_seen, daemon_seen, history_seen, rules_seen;
	char log[256]; /* pluto's: "the journal", or a file */

	struct pluto_tale tale;
	struct sa_look sas;
	char rule[PROBES][384]; /* that drops it here; "" none */
	struct way way;		/* that our answers take; "" not known */
	bool looped;		/* into a session, */
	struct finding loop;	/* which is what is wrong */
	struct {
		bool any, up;
		char id[24], user[64], address[64];
		int64_t rx_packets, tx_packets;
	} session;
	struct {
		bool any, waiting; /* for the answer to our SCCRP */
		char state[24];
		int64_t retransmits;
		time_t since;
	} tunnel;
	struct {
		bool any, refused;
		char user[64], cause[32], text[160], when[32];
		time_t end;
	} past; /* the newest entry of the history */
	struct {
		bool any;
		char reason[32], until[32];
	} ban;
};

/* False: `client` is no address. Waits for other programs and for the daemon. */
bool evidence_gather(struct evidence *evidence, const struct settings *settings,
		     const struct patient *patient, const char *client);

#endif
