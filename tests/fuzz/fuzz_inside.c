/* A client's frame. The first byte says what the session and the configuration have; the answer, if
 * there is one, is a packet that the same reader takes, and no longer than the link's MTU. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "fuzz.h"
#include "inside.h"
#include "inside/ip.h"

static const char all_of_it[] = "[network]\npool6 = fd00:1::/48\nmtu = 1300\nwins = 192.0.2.7\n"
				"dns = 192.0.2.1, 192.0.2.2, fd00::1, fd00::2\n"
				"search-domain = corp.example.net\n"
				"routes = 172.16.0.0/12, 10.0.0.0/8, 2001:db8::/32\n";

static struct conf *
configuration(bool full)
{
	const struct conf_file file = {"fuzz", all_of_it, sizeof(all_of_it) - 1};
	struct conf_errors errors = {.count = 0};
	struct conf *conf = conf_parse(&file, full, &errors);

	assert(conf);
	return conf;
}

static struct inside_link
session(uint8_t has)
{
	struct inside_link link = {
		.address = 0x0a63000a, .gateway = 0x0a630001, .dns = {0x0a000001}, .dns_count = 1};

	if (has & 2)
		link.link6 = (struct lns_prefix){.ip = {0xfd, 0, 0, 1}, .family = 6, .bits = 64};
	if (has & 4)
		link.delegated6 = (struct lns_prefix){
			.ip = {0xfd, 0, 0, 1, 0, 0, 0, 8}, .family = 6, .bits = 61};
	return link;
}

/* Nothing changes a configuration: two are made, at the first input that needs them. */
static const struct conf *
configuration_of(uint8_t has)
{
	static struct conf *made[2];
	const bool full = (has & 1) != 0;

	if (!made[full])
		made[full] = configuration(full);
	return made[full];
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t uuid[INSIDE_UUID] = "0123456789abcde";
	struct inside_link link = session(size ? data[0] : 0);
	const struct conf *conf = size ? configuration_of(data[0]) : NULL;
	const struct inside inside = {.conf = conf, .link = &link, .uuid = uuid};
	/* bounded as it comes: what reads or writes beyond is seen */
	uint8_t *frame = size > 1 ? malloc(size - 1) : NULL, *room = malloc(INSIDE_FRAME_MAX);
	struct wr answer = wr_init(room, INSIDE_FRAME_MAX);
	struct ip_in packet;

	if (frame && room && conf) {
		memcpy(frame, data + 1, size - 1);
		if (inside_look(&inside, frame, size - 1, &answer) == INSIDE_ANSWERED) {
			assert(ip_read(&packet, room, wr_len(&answer)));
			assert(rd_left(&packet.payload) >= 8);
		}
	}
	free(frame);
	free(room);
	return 0;
}
