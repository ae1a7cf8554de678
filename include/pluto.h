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
#include <time.h>

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

/* A line of pluto's log about a peer, taken apart as carefully. */
struct pluto_line {
	uint8_t family; /* 4 or 6 */
	uint8_t ip[16];
	unsigned exchange; /* 0: pluto gave it no number */
	time_t when;	   /* 0: the line does not say */
	const char *text;  /* what pluto says, in the line */
};
/* False: it is about nobody, or about a conn of others; `when` and `text` are good even then. `now`
 * is for the year. */
bool pluto_read_line(struct pluto_line *line, const char *text, time_t now);

/* How far a client came with IKE, the last time that it tried. */
enum pluto_stage {
	PLUTO_SILENT, /* nothing of it arrived */
	PLUTO_ASKED,  /* it did, and was not answered, or refused */
	PLUTO_R1,     /* answered once, */
	PLUTO_R2,     /* twice; the third message goes to UDP 4500 where there is a NAT */
	PLUTO_IKE,    /* it knows the key, or has a good certificate */
	PLUTO_IPSEC   /* it has an SA */
};
/* What went wrong in it. */
enum pluto_fault {
	PLUTO_NO_FAULT,
	PLUTO_WRONG_KEY,
	PLUTO_NO_IKE_PROPOSAL,
	PLUTO_NO_ESP_PROPOSAL,
	PLUTO_NO_CONN,	   /* no conn of ours is loaded for it */
	PLUTO_AGGRESSIVE,  /* it names a group */
	PLUTO_IKEV2,	   /* it speaks IKEv2, which is not offered */
	PLUTO_SELECTOR,	   /* it wants to protect something else than UDP 1701 */
	PLUTO_CERTIFICATE, /* its certificate is not taken */
	PLUTO_KERNEL	   /* the kernel refused the SA */
};

/* What pluto's log tells of one client; zero-initialise but for the address. */
struct pluto_tale {
	uint8_t family, ip[16];
	time_t since;	   /* what is older is passed over, where the line says when it was */
	size_t lines;	   /* of pluto's, whoever they are about */
	size_t heard;	   /* about the client */
	time_t last;	   /* the last of them, */
	time_t begun;	   /* the last try's first, */
	time_t protected;  /* and from when on it could use its SA; 0: not yet */
	unsigned exchange; /* of the last line, */
	unsigned answered; /* of the last answer that brings an SA, */
	unsigned sa;	   /* and of the last SA */
	enum pluto_stage stage;
	enum pluto_fault fault;
	char offered[256];   /* what was refused of its proposals */
	char why[96];	     /* the kernel's or the certificate's reason, in pluto's words */
	unsigned wrong_keys; /* tries with a wrong key */
	unsigned repeats;    /* it said the same again: our answer did not reach it */
	bool nat;	     /* the SA goes through a NAT */
	bool counted;	     /* the SA has ended, and pluto told what it carried: */
	bool none_in, none_out;
	unsigned silent; /* SAs in a row that carried nothing to us */
};
/* The next line of the log. */
void pluto_tale_line(struct pluto_tale *tale, const char *text, time_t now);

#endif
