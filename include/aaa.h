/*
 * The RADIUS process (src/aaa): the only one that speaks with the servers of auth.radius. The
 * keeper starts it (this program anew, with AAA_ARGUMENT), tells it by the pair of radius.h what to
 * do, and starts another with each change of the configuration.
 */
#ifndef AAA_H
#define AAA_H

#define AAA_ARGUMENT "--radius"
#define AAA_FD 3 /* its end of the pair */
/* Records for accounting that no server has acknowledged yet: they outlive process and boot. */
#define AAA_RECORDS "/var/lib/lnsd/accounting"

/* Lives until the keeper closes the pair; gives the exit code. */
int aaa_main(void);

#endif
