/* A capture, byte by byte. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lnsctl/pcapng.h"
#include "unit.h"

static uint32_t
u32_at(const char *bytes, size_t at)
{
	uint32_t value;

	memcpy(&value, bytes + at, sizeof(value));
	return value;
}

static uint16_t
net16_at(const char *bytes, size_t at)
{
	return (uint16_t)((uint8_t)bytes[at] << 8 | (uint8_t)bytes[at + 1]);
}

static struct pcapng_datagram
datagram(uint8_t family, const char *bytes)
{
	return (struct pcapng_datagram){
		.time_us = UINT64_C(0x0001000200030004),
		.from = {.family = family, .ip = {192, 0, 2, 1}, .port = 1701},
		.to = {.family = family, .ip = {198, 51, 100, 2}, .port = 40000},
		.bytes = (const uint8_t *)bytes,
		.len = strlen(bytes),
		.whole = strlen(bytes),
	};
}

/* Gives the file's bytes, the caller's to free. */
static char *
written(const struct pcapng_datagram *d, size_t *len)
{
	char *bytes;
	FILE *file = open_memstream(&bytes, len);

	ck_assert(pcapng_begin(file));
	if (d)
		ck_assert(pcapng_add(file, d));
	fclose(file);
	return bytes;
}

START_TEST(file_begins_with_section_and_interface)
{
	size_t len;
	char *bytes = written(NULL, &len);

	ck_assert_uint_eq(len, 48);
	ck_assert_uint_eq(u32_at(bytes, 0), 0x0a0d0d0a);
	ck_assert_uint_eq(u32_at(bytes, 4), 28);
	ck_assert_uint_eq(u32_at(bytes, 8), 0x1a2b3c4d);
	ck_assert_uint_eq(u32_at(bytes, 24), 28);
	ck_assert_uint_eq(u32_at(bytes, 28), 1);
	ck_assert_uint_eq(u32_at(bytes, 36) & 0xffff, 101);
	ck_assert_uint_eq(u32_at(bytes, 44), 20);
	free(bytes);
}
END_TEST

START_TEST(packet_is_framed_padded_and_timed)
{
	struct pcapng_datagram d = datagram(4, "hello");
	size_t len;
	char *file = written(&d, &len), *block = file + 48;
	uint32_t total = u32_at(block, 4), sum = 0;

	ck_assert_uint_eq(u32_at(block, 0), 6);
	ck_assert_uint_eq(len, 48 + total);
	ck_assert_uint_eq(total % 4, 0);
	ck_assert_uint_eq(u32_at(block, total - 4), total);
	ck_assert_uint_eq(u32_at(block, 12), 0x00010002);
	ck_assert_uint_eq(u32_at(block, 16), 0x00030004);
	ck_assert_uint_eq(u32_at(block, 20), 20 + 8 + 5);
	ck_assert_uint_eq(u32_at(block, 24), 20 + 8 + 5);
	for (size_t i = 0; i < 20; i += 2)
		sum += net16_at(block, 28 + i);
	ck_assert_uint_eq((sum & 0xffff) + (sum >> 16), 0xffff); /* RFC 1071 */
	ck_assert_uint_eq(net16_at(block, 28 + 20), 1701);
	ck_assert_uint_eq(net16_at(block, 28 + 22), 40000);
	ck_assert_uint_eq(net16_at(block, 28 + 24), 13);
	ck_assert_mem_eq(block + 28 + 28, "hello\0\0\0", 8);
	ck_assert_uint_eq(u32_at(block, 28 + 36 + 4), 1); /* it came in */
	free(file);
}
END_TEST

START_TEST(packet_over_ipv6_has_a_checksum)
{
	struct pcapng_datagram d = datagram(6, "hell");
	size_t len;
	char *file = written(&d, &len), *ip = file + 48 + 28;
	uint32_t sum = 17 + 12; /* the pseudo header's */

	d.out = true;
	ck_assert_int_eq(ip[0], 0x60);
	ck_assert_uint_eq(net16_at(ip, 4), 12);
	for (size_t i = 8; i < 40 + 12; i += 2)
		sum += net16_at(ip, i);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	ck_assert_uint_eq(sum, 0xffff);
	free(file);
}
END_TEST

START_TEST(packet_that_was_cut_says_how_long_it_was)
{
	struct pcapng_datagram d = datagram(4, "hello");
	size_t len;
	char *file;

	d.whole = 1000;
	file = written(&d, &len);
	ck_assert_uint_eq(u32_at(file + 48, 20), 20 + 8 + 5);
	ck_assert_uint_eq(u32_at(file + 48, 24), 20 + 8 + 1000);
	ck_assert_uint_eq(net16_at(file + 48 + 28, 2), 20 + 8 + 1000);
	free(file);
}
END_TEST

START_TEST(file_that_cannot_be_written_is_told)
{
	struct pcapng_datagram d = datagram(4, "hello");
	FILE *full = fopen("/dev/full", "we");

	setbuf(full, NULL);
	ck_assert(!pcapng_begin(full));
	ck_assert(!pcapng_add(full, &d));
	fclose(full);
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
		file_begins_with_section_and_interface, packet_is_framed_padded_and_timed,
		packet_over_ipv6_has_a_checksum,	packet_that_was_cut_says_how_long_it_was,
		file_that_cannot_be_written_is_told,
	};

	return unit_run("pcapng", tests, sizeof(tests) / sizeof(tests[0]));
}
