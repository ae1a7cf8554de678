/* What the steps of loading need of the machine: addresses, files, pluto's state. */
#ifndef KEEPER_IPSEC_HOST_H
#define KEEPER_IPSEC_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf.h"
#include "pluto.h"

/* Where clients can connect: server.listen, with a wildcard taken for every global address of an
 * interface that is up, our own session ends left out. Sorted. Gives how many. */
size_t ipsec_host_addresses(struct conf_addr *addrs, size_t max, const struct conf *conf);

/* The psk file's text, and whether its mode lets others than its owner at it. 0 or -errno. */
int ipsec_host_read_psk(char *text, size_t cap, const char *path, bool *open_to_others);

/* A file's text, empty when it cannot be read whole. */
void ipsec_host_read(char *text, size_t cap, const char *path);
/* True when the file has exactly this text. */
bool ipsec_host_same(const char *path, const char *text);
/* Writes a file beside it and renames it into place. 0 or -errno. */
int ipsec_host_write(const char *path, const char *text, mode_t mode);

/* Lets libreswan check its whole configuration with our file as it would be. */
bool ipsec_host_checkconfig(const char *ipsec, const char *text, char *why, size_t cap);

/* False when pluto does not answer. */
bool ipsec_host_pluto(const char *ipsec, struct pluto_state *pluto);

/* A number that another run of pluto has not; 0: it does not run. */
uint64_t ipsec_host_pluto_life(void);

/* A running pluto needs a restart for our `config setup`, and nobody would notice. */
bool ipsec_host_may_restart(const struct pluto_state *pluto);
/* `systemctl restart ipsec`, and waits until it is up; false where systemd does not run it. */
bool ipsec_host_restart(void);

#endif
