/* See pcapng.h. Numbers are in this machine's order, which the magic tells
 * (draft-ietf-opsawg-pcapng §4.1). */
#include "lnsctl/pcapng.h"

#include <string.h>

#define BLOCK_SECTION 0x0a0d0d0a
#define BLOCK_INTERFACE 1
#define BLOCK_PACKET 6
#define BYTE_ORDER_MAGIC 0x1a2b3c4d
#define LINKTYPE_RAW 101 /* begins with an IPv4 or IPv6 header */
#define OPTION_END 0
#define OPTION_FLAGS 2
#define FLAG_IN 1
#define FLAG_OUT 2
#define UDP 17
#define HEADERS_MAX 48 /* IPv6 and UDP */
#define BLOCK_MAX 80   /* of a packet, all but its bytes */

struct block {
	uint8_t bytes[BLOCK_MAX];
	size_t len;
};

static void
put(struct block *block, const void *value, size_t len)
{
	memcpy(block->bytes + block->len, value, len);
	block->len += len;
}

static void
put16(struct block *block, uint16_t value)
{
	put(block, &value, sizeof(value));
}

static void
put32(struct block *block, uint32_t value)
{
	put(block, &value, sizeof(value));
}

bool
pcapng_begin(FILE *file)
{
	struct block block = {.len = 0};

	put32(&block, BLOCK_SECTION);
	put32(&block, 28);
	put32(&block, BYTE_ORDER_MAGIC);
	put16(&block, 1); /* version 1.0 */
	put16(&block, 0);
	put32(&block, UINT32_MAX); /* the section's length: not told */
	put32(&block, UINT32_MAX);
	put32(&block, 28);
	put32(&block, BLOCK_INTERFACE);
	put32(&block, 20);
	put16(&block, LINKTYPE_RAW);
	put16(&block, 0);
	put32(&block, 0); /* no limit to a packet */
	put32(&block, 20);
	return fwrite(block.bytes, block.len, 1, file) == 1;
}

/* ── the headers ────────────────────────────────────────────────────────────────────────── */

static void
net16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* RFC 1071 */
static uint32_t
sum(uint32_t so_far, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		so_far += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	return so_far;
}

static uint16_t
fold(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)~total;
}

static size_t
put_ip4(uint8_t *out, const struct pcapng_datagram *d)
{
	out[0] = 0x45;
	net16(out + 2, 20 + 8 + d->whole);
	out[8] = 64;
	out[9] = UDP;
	memcpy(out + 12, d->from.ip, 4);
	memcpy(out + 16, d->to.ip, 4);
	net16(out + 10, fold(sum(0, out, 20)));
	return 20;
}

static size_t
put_ip6(uint8_t *out, const struct pcapng_datagram *d)
{
	out[0] = 0x60;
	net16(out + 4, 8 + d->whole);
	out[6] = UDP;
	out[7] = 64;
	memcpy(out + 8, d->from.ip, 16);
	memcpy(out + 24, d->to.ip, 16);
	return 40;
}

/* IPv6 has to have one (RFC 8200 §8.1); of a datagram that is not whole nobody can say it. */
static void
put_checksum(uint8_t *udp, const struct pcapng_datagram *d)
{
	uint32_t total = sum(sum(UDP + 8 + (uint32_t)d->whole, d->from.ip, 16), d->to.ip, 16);
	uint16_t folded = fold(sum(sum(total, udp, 8), d->bytes, d->len));

	if (d->from.family == 6 && d->len == d->whole)
		net16(udp + 6, folded ? folded : 0xffff);
}

static size_t
put_headers(uint8_t out[HEADERS_MAX], const struct pcapng_datagram *d)
{
	size_t ip;

	memset(out, 0, HEADERS_MAX);
	ip = d->from.family == 6 ? put_ip6(out, d) : put_ip4(out, d);
	net16(out + ip, d->from.port);
	net16(out + ip + 2, d->to.port);
	net16(out + ip + 4, 8 + d->whole);
	put_checksum(out + ip, d);
	return ip + 8;
}

bool
pcapng_add(FILE *file, const struct pcapng_datagram *d)
{
	static const uint8_t nothing[4];
	uint8_t headers[HEADERS_MAX];
	size_t header_len = put_headers(headers, d), len = header_len + d->len;
	size_t padding = -len & 3;
	uint32_t total = (uint32_t)(28 + len + padding + 12 + 4);
	struct block head = {.len = 0}, tail = {.len = 0};

	put32(&head, BLOCK_PACKET);
	put32(&head, total);
	put32(&head, 0); /* the interface */
	put32(&head, (uint32_t)(d->time_us >> 32));
	put32(&head, (uint32_t)d->time_us);
	put32(&head, (uint32_t)len);
	put32(&head, (uint32_t)(header_len + d->whole));
	put(&tail, nothing, padding);
	put16(&tail, OPTION_FLAGS);
	put16(&tail, 4);
	put32(&tail, d->out ? FLAG_OUT : FLAG_IN);
	put16(&tail, OPTION_END);
	put16(&tail, 0);
	put32(&tail, total);
	return fwrite(head.bytes, head.len, 1, file) == 1 &&
	       fwrite(headers, header_len, 1, file) == 1 &&
	       (!d->len || fwrite(d->bytes, d->len, 1, file) == 1) &&
	       fwrite(tail.bytes, tail.len, 1, file) == 1;
}
