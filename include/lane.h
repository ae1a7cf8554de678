/*
 * The way of a session's data: through this program and a pty, or in the kernel (its L2TP, and
 * pppd's pppol2tp plugin). Which one a session gets is decided once, when its pppd is started, and
 * what decided it is told as its data_path_reason. Pure.
 */
#ifndef LANE_H
#define LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lane { LANE_PTY, LANE_KERNEL, LANE_COUNT };

/* Kernel tunnels at a time: they are connected sockets on one port, and the kernel looks through
 * them for each datagram (docs/performance.md). */
#define LANE_TUNNELS_MAX 500

enum lane_reason {
	LANE_LOADED, /* for the kernel: the first of these two */
	LANE_WANTED,
	LANE_CONFIGURED, /* for the pty: the rest */
	LANE_NO_L2TP,
	LANE_NO_MARKS,
	LANE_INSIDE,
	LANE_SEQUENCING,
	LANE_DSCP,
	LANE_PROXIED,
	LANE_SHARED,
	LANE_FULL,
	LANE_ERROR, /* the kernel refused; the error says what */
	LANE_REASONS
};

/* All that counts for a session. */
struct lane_facts {
	bool pty, kernel; /* data-path is this; neither: auto */
	bool no_l2tp;	  /* the kernel has none, or its module cannot be loaded */
	bool no_marks;	  /* a datagram's mark is known by its socket only (before Linux 5.19) */
	bool inside;	  /* clients ask us for what pppd cannot give (inside.h) */
	bool sequencing;  /* our own choice for the peer: its frames may have none, which the kernel
			     would drop; or they are to be put in order */
	bool dscp;	  /* the peer asks for code points */
	bool proxied;	  /* the LAC has negotiated LCP and may send nothing of it */
	bool shared;	  /* another tunnel in the kernel has the same addresses and ports */
	bool full;	  /* LANE_TUNNELS_MAX, and its own tunnel is none of them */
};

struct lane_choice {
	enum lane lane;
	enum lane_reason reason;
};

struct lane_choice lane_choose(const struct lane_facts *facts);

/* "pty", "kernel" */
const char *lane_name(enum lane lane);

/* The reason for people; error, what the kernel said, counts for LANE_ERROR only. Gives out. */
const char *lane_text(char *out, size_t cap, enum lane_reason reason, const char *error);

/* True when a kernel of this release (uname(2)) finds a data message's session by its ids alone:
 * two tunnels may then have the same addresses and ports. */
bool lane_found_by_ids(const char *release);

#endif
