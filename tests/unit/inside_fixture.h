/* What the tests of src/inside share: a session, a client's frame in, the answer out. */
#ifndef INSIDE_FIXTURE_H
#define INSIDE_FIXTURE_H

#include "conf.h"
#include "inside.h"

#define INSIDE_GATEWAY 0x0a630001
#define INSIDE_CLIENT 0x0a63000a

extern struct conf *inside_conf;
extern struct inside_link inside_facts; /* what the session has; tests may change it */
extern const uint8_t inside_uuid[INSIDE_UUID];
/* Of the last frame. */
extern uint8_t inside_answer[INSIDE_FRAME_MAX];
extern size_t inside_answer_len;

/* A session under this configuration, with IPv4, one name server and IPv6. */
void inside_begin(const char *text);
void inside_end(void);

/* A UDP datagram from port 68, in a frame; it lasts until the next one. */
struct wr inside_udp4(uint32_t src, uint32_t dst, uint16_t port, const void *payload, size_t len);
/* The client sends this frame. */
enum inside_verdict inside_ask(const struct wr *frame);

/* The Internet checksum: sums of parts may be added; a packet with its checksum sums up. */
uint32_t inside_sum(const uint8_t *p, size_t len);
bool inside_sums_up(uint32_t total);

#endif
