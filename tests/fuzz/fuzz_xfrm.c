/*
 * Netlink messages about SAs, as the kernel (or a forger) sends them, into the directory of
 * clients. A message's sequence number is the time that passes before it; flag 1: the worker
 * listens after it, flag 2: all is looked over. Whatever came: each client's SAs are its own, no
 * two have one mark, and when all SAs are flushed nothing is left.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "keeper/sa_dir.h"

#define PORT 1701
#define MARKS 8 /* few, so that they run out */
#define MESSAGES 256

static void
fake_set(void *ctx, const struct sa *sa, uint32_t mark, uint16_t nat_port,
	 const struct nlmsghdr *msg)
{
	(void)ctx;
	(void)nat_port;
	(void)msg;
	assert(sa->client && (!sa->in || mark == sa->client->mark) && (sa->in || mark == 0));
}

static void
fake_point(void *ctx, const struct sa_client *client)
{
	(void)ctx;
	assert(client->mark && !client->gone);
	assert(!client->out || client->out->client == client);
}

static void
fake_unpoint(void *ctx, const struct sa_client *client)
{
	(void)ctx;
	assert(client->mark);
}

static bool
fake_used(void *ctx, const struct sa *sa)
{
	(void)ctx;
	return sa->facts.id.spi & 1;
}

static bool
fake_local(void *ctx, uint16_t family, const uint8_t address[16])
{
	(void)ctx;
	(void)family;
	return address[0] & 1;
}

/* One of the client's own, of the right direction, or none. */
static void
check_sa(const struct sa_client *client, const struct sa *wanted, bool in)
{
	const struct sa *sa;

	if (!wanted)
		return;
	assert(wanted->in == in);
	TAILQ_FOREACH(sa, &client->sas, of_client)
	if (sa == wanted)
		return;
	abort();
}

static void
check_client(void *ctx, const struct sa_client *client)
{
	const struct sa_dir *dir = ctx;
	const struct sa *sa;

	assert(!client->mark || sa_dir_find(dir, client->mark) == client);
	check_sa(client, client->in, true);
	check_sa(client, client->next_in, true);
	check_sa(client, client->out, false);
	check_sa(client, client->next_out, false);
	assert(!client->gone || TAILQ_EMPTY(&client->sas));
	TAILQ_FOREACH(sa, &client->sas, of_client)
	assert(sa->client == client);
}

static void
drain(struct sa_dir *dir)
{
	union wall_msg msg;

	while (sa_dir_next(dir, &msg))
		assert(msg.kind == WALL_SA || msg.kind == WALL_SA_GONE);
}

static void
pass(struct sa_dir *dir, mstime_t *now, mstime_t ms)
{
	*now += ms;
	sa_dir_tick(dir, *now);
	assert(sa_dir_deadline(dir) > *now);
}

static void
end(struct sa_dir *dir, mstime_t now)
{
	const struct sa_msg flushed = {.kind = SA_MSG_FLUSHED};

	sa_dir_take(dir, now, &flushed, NULL);
	pass(dir, &now, SA_GRACE_MS + SA_SWITCH_MS);
	drain(dir);
	assert(dir->count == 0 && dir->clients == 0);
	sa_dir_fini(dir);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sa_kernel kernel = {.set = fake_set,
					 .point = fake_point,
					 .unpoint = fake_unpoint,
					 .used = fake_used,
					 .local = fake_local};
	struct sa_dir *dir = malloc(sizeof(*dir));
	mstime_t now = 0;

	if (!dir || size == 0) {
		free(dir);
		return 0;
	}
	sa_dir_init(dir, &kernel, PORT, data[0] & 1, 0x20000000, MARKS);
	data++;
	size--;
	for (unsigned i = 0; i < MESSAGES && size >= sizeof(struct nlmsghdr); i++) {
		struct nlmsghdr head, *hdr;
		struct sa_msg msg;
		size_t len;

		memcpy(&head, data, sizeof(head));
		len = head.nlmsg_len % 1024;
		if (len < sizeof(head) || len > size)
			break;
		/* of just that size, so that a sanitizer sees what is read beyond */
		hdr = malloc(len);
		if (!hdr)
			break;
		memcpy(hdr, data, len);
		hdr->nlmsg_len = (uint32_t)len;
		pass(dir, &now, head.nlmsg_seq % (2 * SA_GRACE_MS));
		sa_msg_read(&msg, hdr);
		sa_dir_take(dir, now, &msg, hdr);
		if (head.nlmsg_flags & 2)
			sa_dir_walk(dir, check_client, dir);
		if (head.nlmsg_flags & 1)
			drain(dir);
		free(hdr);
		data += len;
		size -= len;
	}
	sa_dir_walk(dir, check_client, dir);
	end(dir, now);
	free(dir);
	return 0;
}
