/* Control messages for people. */
#ifndef LNSCTL_MESSAGES_H
#define LNSCTL_MESSAGES_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* Of a datagram, as the daemon passes it on */
#define MESSAGE_BYTES_MAX 2048

/* A datagram's bytes; gives how many. */
size_t messages_bytes(uint8_t bytes[MESSAGE_BYTES_MAX], const json_t *datagram);

/* Replaces a datagram's "bytes" by what they say ("type", "tunnel", "session", "ns", "nr", "avps";
 * of a data message its PPP protocol), and its "time_us" by "time" (RFC 3339). */
void messages_decode(json_t *datagram);
/* Of a datagram that is decoded. */
void messages_print(const json_t *datagram);

/* A tunnel and its last messages, as the daemon's `messages` has them. */
void messages_print_tunnel(const json_t *tunnel);

#endif
