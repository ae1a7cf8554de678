/* Trying what keeps libreswan from refusing a second client of the same address. Waits for it. */
#ifndef KEEPER_IPSEC_PROBE_H
#define KEEPER_IPSEC_PROBE_H

#include "keeper/ipsec_files.h"

/*
 * What a running pluto can do. Two packets from two loopback addresses begin to negotiate with a
 * conn that exists for this only, as two clients would; pluto shows the marks that it gave them.
 * Nothing leaves the machine, and nothing of it stays in pluto. Where there is no answer, what the
 * version is known to do.
 */
enum ipsec_apart ipsec_probe(const char *ipsec, const struct pluto_version *version);

#endif
