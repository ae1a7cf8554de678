/*
 * What libreswan's programs print (src/os), as seen with 4.10 and 5.2; the lines of 4.x begin with
 * a number such as "000 ". Nothing here runs them. A line that means nothing to a reader changes
 * nothing.
 */
#ifndef PLUTO_H
#define PLUTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pluto_version {
	unsigned major, minor;
};

/* From "Libreswan 4.10"; false for anything else, strongSwan's `ipsec` too. */
bool pluto_version_parse(struct pluto_version *version, const char *text);

/* Our conns: one of a kind for each local address. That of the i-th has the number
 * kind * PLUTO_ADDRS_MAX + i. */
enum pluto_kind { PLUTO_PSK, PLUTO_PSK_V2, PLUTO_CERT, PLUTO_CERT_V2, PLUTO_KINDS };
#define PLUTO_ADDRS_MAX 32
#define PLUTO_CONNS_MAX (PLUTO_KINDS * PLUTO_ADDRS_MAX)
/* lnsd-psk-1, lnsd-psk-2 …; lnsd-v2-1 …; lnsd-cert-1 …; lnsd-cert-v2-1 … */
#define PLUTO_NAME_MAX 24
void pluto_conn_name(char name[PLUTO_NAME_MAX], size_t conn);
/* The other way round: which of our conns, or its instances, a line is about; -1: none. */
int pluto_conn_in(const char *line);

/* A set of them: bit i of a kind is that of the i-th address. */
struct pluto_conns {
	uint32_t of[PLUTO_KINDS];
};
bool pluto_conns_have(const struct pluto_conns *conns, size_t conn);

/* What pluto says of itself; zero-initialise. */
struct pluto_state {
	bool answered;
	bool complete;		  /* all conns were listed: one that is not there is missing */
	struct pluto_conns conns; /* that are loaded */
	bool uniqueids, drops_ikev1;
	bool idle; /* no state at all: nobody is connected or connecting */
};
/* A line of `ipsec whack --status`. */
void pluto_read_status(struct pluto_state *state, const char *line);
/* A line of `ipsec whack --globalstatus`. */
void pluto_read_globals(struct pluto_state *state, const char *line);

/* The marks that the first two instances of a conn have; zero-initialise but for the name. */
struct pluto_marks {
	const char *conn;
	size_t count;
	uint32_t marks[2];
	bool overlaps; /* overlapip=yes is in force */
};
/* A line of `ipsec whack --status`. */
void pluto_read_marks(struct pluto_marks *marks, const char *line);

/* A state of one of our conns. */
struct pluto_sa {
	unsigned state;	   /* its number */
	unsigned conn;	   /* the conn's number, */
	unsigned instance; /* and which of its instances */
	unsigned parent;   /* of an IPsec SA: its IKE SA's; else 0 */
	bool has_spis;	   /* the line is about the SPIs, and says nothing of the parent */
	uint32_t spi_out, spi_in;
};
/* A line of `ipsec whack --showstates`; false when it is none of those. */
bool pluto_read_sa(struct pluto_sa *sa, const char *line);

/* An IKE exchange with one of our conns that failed because the two ends have different keys. */
struct pluto_failure {
	uint8_t family; /* 4 or 6 */
	uint8_t ip[16];
	unsigned exchange; /* pluto's number of it: one that is tried again has the same */
};
/*
 * A line of pluto's log, from the journal or a file. Peers have a hand in what stands there: only
 * what pluto itself puts in front counts, character by character. False: it tells of no such
 * failure.
 */
bool pluto_read_failure(struct pluto_failure *failure, const char *line);

#endif
