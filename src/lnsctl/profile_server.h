/* The name or address by which clients reach this gateway. */
#ifndef LNSCTL_PROFILE_SERVER_H
#define LNSCTL_PROFILE_SERVER_H

#include <stdbool.h>

#include "conf.h"

#define PROFILE_SERVER_MAX 256

/* A host name or an address of IPv4 or IPv6, with nothing that any language would have to quote. */
bool profile_server_valid(const char *server);

/*
 * The best guess: server.host-name where it is more than a bare word, the first address of
 * server.listen, this machine's own name in the DNS, the address that it goes to the Internet with.
 * `from` says which. False when there is none of these.
 */
bool profile_server_guess(char server[PROFILE_SERVER_MAX], const char **from,
			  const struct conf *conf);

#endif
