/* See inside_fixture.h. */
#include "inside_fixture.h"

#include <check.h>
#include <string.h>

struct conf *inside_conf;
struct inside_link inside_facts;
const uint8_t inside_uuid[INSIDE_UUID] = "0123456789abcde";
uint8_t inside_answer[INSIDE_FRAME_MAX];
size_t inside_answer_len;

static uint8_t room[2048];

void
inside_begin(const char *text)
{
	struct conf_file file = {.name = "test", .text = text, .len = strlen(text)};
	struct conf_errors errors = {.count = 0};

	inside_conf = conf_parse(&file, 1, &errors);
	ck_assert_msg(inside_conf != NULL, "%s", errors.kept ? errors.list[0].text : "");
	memset(&inside_facts, 0, sizeof(inside_facts));
	inside_facts.address = INSIDE_CLIENT;
	inside_facts.gateway = INSIDE_GATEWAY;
	inside_facts.dns[0] = 0xc0000235;
	inside_facts.dns_count = 1;
	inside_facts.link6 = (struct lns_prefix){.ip = {0xfd, 0, 0, 1, 0, 0, 0, 0x10}, 6, 64};
	inside_facts.delegated6 = (struct lns_prefix){.ip = {0xfd, 0, 0, 1, 0, 0, 0, 0x18}, 6, 61};
}

void
inside_end(void)
{
	conf_free(inside_conf);
}

enum inside_verdict
inside_ask(const struct wr *frame)
{
	const struct inside inside = {
		.conf = inside_conf, .link = &inside_facts, .uuid = inside_uuid};
	struct wr answer = wr_init(inside_answer, sizeof(inside_answer));
	enum inside_verdict verdict;

	ck_assert(!frame->bad);
	verdict = inside_look(&inside, frame->start, wr_len(frame), &answer);
	inside_answer_len = wr_len(&answer);
	return verdict;
}

struct wr
inside_udp4(uint32_t src, uint32_t dst, uint16_t port, const void *payload, size_t len)
{
	struct wr w = wr_init(room, sizeof(room));

	wr_u32(&w, 0xff030021);
	wr_u16(&w, 0x4500);
	wr_u16(&w, (uint16_t)(len + 28));
	wr_u32(&w, 0);
	wr_u32(&w, 0x80110000);
	wr_u32(&w, src);
	wr_u32(&w, dst);
	wr_u16(&w, 68);
	wr_u16(&w, port);
	wr_u16(&w, (uint16_t)(len + 8));
	wr_u16(&w, 0);
	wr_bytes(&w, payload, len);
	return w;
}

uint32_t
inside_sum(const uint8_t *p, size_t len)
{
	uint32_t total = 0;

	for (size_t i = 0; i < len; i++)
		total += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	return total;
}

bool
inside_sums_up(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return total == 0xffff;
}
