/* See xfrm.h. */
#include "keeper/xfrm.h"

#include <errno.h>
#include <netlink/socket.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

#include "keeper/state.h"
#include "keeper/xfrm_sock.h"

#define EVENT_BUFFER (1 << 20)
#define EVENTS 512 /* a wake-up: then the others get their turn */

struct guard
xfrm_guard(const struct conf *conf)
{
	return (struct guard){.port = conf->server.port,
			      .require = conf->ipsec.require,
			      .marks = conf->ipsec.marks == MARKS_OWN,
			      .mark_base = conf->ipsec.mark_base};
}

/* ── the worker ─────────────────────────────────────────────────────────────────────────── */

void
xfrm_tell(struct keeper *keeper)
{
	union wall_msg msg;

	while (keeper->worker_ready && !keeper->ending && !wall_wants_write(keeper->wall) &&
	       sa_dir_next(&keeper->xfrm.dir, &msg))
		keeper_send(keeper, &msg, -1);
}

static void
send_count(struct keeper *keeper, uint32_t ask, const struct sa *sa)
{
	const struct sa_client *client = sa->client;
	union wall_msg msg;
	struct sa_count count;
	uint64_t now = (uint64_t)time(NULL);

	if (!sa_link_count(&keeper->xfrm.link, sa, &count))
		return;
	memset(&msg, 0, sizeof(msg));
	msg.sa_count.kind = WALL_SA_COUNT;
	msg.sa_count.ask = ask;
	msg.sa_count.in = sa->in;
	msg.sa_count.spi = sa->facts.id.spi;
	msg.sa_count.current = sa == (sa->in ? client->in : client->out);
	msg.sa_count.age_s = now > count.added ? (uint32_t)(now - count.added) : 0;
	msg.sa_count.bytes = count.bytes;
	msg.sa_count.packets = count.packets;
	keeper_send(keeper, &msg, -1);
}

void
xfrm_count(struct keeper *keeper, const struct wall_count *count)
{
	struct sa_client *client = count->mark ? sa_dir_find(&keeper->xfrm.dir, count->mark) : NULL;
	union wall_msg end = {.ask = {.kind = WALL_SA_END, .ask = count->ask}};
	struct sa *sa;

	if (client)
		TAILQ_FOREACH(sa, &client->sas, of_client)
	send_count(keeper, count->ask, sa);
	keeper_send(keeper, &end, -1);
}

static void
drop_client(void *ctx, const struct sa_client *client)
{
	struct keeper *keeper = ctx;
	const struct sa *sa;

	TAILQ_FOREACH(sa, &client->sas, of_client)
	ipsec_drop(keeper, sa->in ? sa->facts.id.spi : 0, sa->in ? 0 : sa->facts.id.spi);
}

/* Not what has come since: who returns through a new SA needs it, and the worker is being told. */
static bool
knows_newest(const struct sa_client *client, const struct wall_drop_sa *drop)
{
	return !client->next_in && (!client->in || client->in->facts.id.spi == drop->spi_in);
}

void
xfrm_drop(struct keeper *keeper, const struct wall_drop_sa *drop)
{
	const struct sa_client *client =
		drop->mark ? sa_dir_find(&keeper->xfrm.dir, drop->mark) : NULL;

	if (client && knows_newest(client, drop))
		drop_client(keeper, client);
}

/* ── the directory and the guard ────────────────────────────────────────────────────────── */

static void
settle(struct keeper *keeper)
{
	struct xfrm *xfrm = &keeper->xfrm;
	mstime_t when = sa_dir_deadline(&xfrm->dir);

	if (when == MSTIME_NEVER)
		loop_cancel(&keeper->loop, &xfrm->due);
	else
		loop_after(&keeper->loop, &xfrm->due, when > loop_now() ? when - loop_now() : 0);
	problem_set(keeper, PROBLEM_MARKS, "error",
		    xfrm->dir.short_of_marks ? "no mark is free: some clients cannot connect" : "",
		    "lnsctl disconnect some; a kernel before 5.19 has only 1,023 marks");
	xfrm_tell(keeper);
}

static void
due(struct timer *timer)
{
	struct xfrm *xfrm = owner_of(timer, struct xfrm, due);

	sa_dir_tick(&xfrm->dir, loop_now());
	settle(owner_of(xfrm, struct keeper, xfrm));
}

static void
restore_client(void *ctx, const struct sa_client *client)
{
	struct xfrm *xfrm = ctx;

	if (client->mark && !client->gone)
		xfrm->dir.kernel.point(xfrm->dir.kernel.ctx, client);
}

static void
restore(struct keeper *keeper)
{
	struct xfrm *xfrm = &keeper->xfrm;
	uint32_t held;
	unsigned failed, missing = guard_restore(&xfrm->guard, xfrm->link.xfrm, &failed);

	if (xfrm->dir.own)
		sa_dir_walk(&xfrm->dir, restore_client, xfrm);
	if (missing && log_limit_pass(&xfrm->put_back, loop_now(), &held))
		log_warning("xfrm: somebody removed %u of the policies that drop L2TP without ESP, "
			    "put back (held back %u such lines)",
			    missing, held);
	problem_set(keeper, PROBLEM_GUARD, "error",
		    failed ? "the policies that drop L2TP without ESP cannot be installed" : "",
		    "systemctl restart lnsd");
}

static bool
is_ours(const struct xfrm *xfrm, const struct sa_policy *policy)
{
	return policy->priority == GUARD_PRIORITY || policy->priority == MARK_GUARD_PRIORITY ||
	       (policy->priority == CLIENT_PRIORITY && sa_dir_ours(&xfrm->dir, policy->mark.v));
}

/* ── what the kernel says ───────────────────────────────────────────────────────────────── */

struct events {
	struct xfrm *xfrm;
	bool policies_gone;
};

static void
take_event(void *ctx, const struct nlmsghdr *hdr)
{
	struct events *events = ctx;
	struct xfrm *xfrm = events->xfrm;
	struct sa_msg msg;

	sa_msg_read(&msg, hdr);
	switch (msg.kind) {
	case SA_MSG_OTHER:
	case SA_MSG_POLICY:
		break;
	case SA_MSG_POLICY_GONE:
		if (hdr->nlmsg_pid != sa_link_port(&xfrm->link) && is_ours(xfrm, &msg.policy))
			events->policies_gone = true;
		break;
	case SA_MSG_POLICY_FLUSH:
		events->policies_gone = true;
		break;
	case SA_MSG_FLUSHED:
		/* an IKE daemon that did not do it itself would go on believing in them, and no
		 * client would hear that it has to come back */
		sa_dir_walk(&xfrm->dir, drop_client, owner_of(xfrm, struct keeper, xfrm));
		sa_dir_take(&xfrm->dir, loop_now(), &msg, hdr);
		break;
	case SA_MSG_PUT:
	case SA_MSG_GONE:
	case SA_MSG_MOVED:
		sa_dir_take(&xfrm->dir, loop_now(), &msg, hdr);
		break;
	}
}

/* Marks that an earlier run gave come first: nobody else may get one of them. */
static void
take_marked(void *ctx, const struct nlmsghdr *hdr)
{
	struct xfrm *xfrm = ctx;
	struct sa_msg msg;

	sa_msg_read(&msg, hdr);
	if (msg.kind == SA_MSG_PUT && sa_dir_ours(&xfrm->dir, msg.facts.set_mark))
		sa_dir_take(&xfrm->dir, loop_now(), &msg, hdr);
}

static void
take_any(void *ctx, const struct nlmsghdr *hdr)
{
	struct xfrm *xfrm = ctx;
	struct sa_msg msg;

	sa_msg_read(&msg, hdr);
	if (msg.kind == SA_MSG_PUT)
		sa_dir_take(&xfrm->dir, loop_now(), &msg, hdr);
}

/* Looks at all SAs; what is known and not among them is gone. 0 or -errno. */
static int
dump(struct xfrm *xfrm)
{
	int error = 0;

	sa_dir_dump_begin(&xfrm->dir);
	if (xfrm->dir.own)
		error = xfrm_dump(XFRM_MSG_GETSA, take_marked, xfrm);
	if (error == 0)
		error = xfrm_dump(XFRM_MSG_GETSA, take_any, xfrm);
	if (error == 0)
		sa_dir_dump_end(&xfrm->dir, loop_now());
	return error;
}

static void
events_ready(struct source *source, uint32_t what)
{
	struct xfrm *xfrm = owner_of(source, struct xfrm, source);
	struct keeper *keeper = owner_of(xfrm, struct keeper, xfrm);
	struct events events = {.xfrm = xfrm};
	int error = xfrm_events(xfrm->events, EVENTS, take_event, &events);

	(void)what;
	/* some were lost: look for ourselves */
	if (error < 0) {
		log_notice("xfrm: the kernel had more to say than was listened to, looking again");
		dump(xfrm);
	}
	if (events.policies_gone || error < 0)
		restore(keeper);
	settle(keeper);
}

/* ── life ───────────────────────────────────────────────────────────────────────────────── */

struct purge {
	struct xfrm *xfrm;
	unsigned foreign;
};

/* A policy of an earlier run whose client is no more; one of somebody else's with a mark of ours.
 */
static void
purge_policy(void *ctx, const struct nlmsghdr *hdr)
{
	struct purge *purge = ctx;
	struct xfrm *xfrm = purge->xfrm;
	struct sa_msg msg;

	sa_msg_read(&msg, hdr);
	if (msg.kind != SA_MSG_POLICY || !sa_dir_ours(&xfrm->dir, msg.policy.mark.v))
		return;
	if (msg.policy.priority != CLIENT_PRIORITY)
		purge->foreign++;
	else if (!sa_dir_find(&xfrm->dir, msg.policy.mark.v))
		sa_link_remove_policy(&xfrm->link, &msg.policy);
}

static void
purge_policies(struct xfrm *xfrm)
{
	struct purge purge = {.xfrm = xfrm};

	if (!xfrm->dir.own)
		return;
	xfrm_dump(XFRM_MSG_GETPOLICY, purge_policy, &purge);
	if (purge.foreign)
		log_warning("ipsec.mark-base: %u policies of others in the kernel use marks from "
			    "0x%x on: choose another mark-base (ip xfrm policy shows them)",
			    purge.foreign, xfrm->dir.base);
}

static int
listen_to(struct nl_sock *sock)
{
	static const int groups[] = {XFRMNLGRP_POLICY, XFRMNLGRP_SA, XFRMNLGRP_EXPIRE,
				     XFRMNLGRP_MAPPING};
	int bytes = EVENT_BUFFER;

	/* beyond net.core.rmem_max: hundreds of SAs may come and go at once; when it is not enough,
	 * all are looked at again */
	setsockopt(nl_socket_get_fd(sock), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	if (nl_socket_set_nonblocking(sock) < 0)
		return -EIO;
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (nl_socket_add_membership(sock, groups[i]) < 0)
			return -EIO;
	return 0;
}

void
xfrm_init(struct keeper *keeper)
{
	struct xfrm *xfrm = &keeper->xfrm;
	const struct sa_kernel kernel = sa_link_kernel(&xfrm->link);

	xfrm->source = (struct source){.fd = -1, .ready = events_ready};
	xfrm->due.due = due;
	xfrm->guard = xfrm_guard(keeper->conf);
	/* where the worker's sockets tell no marks, nobody is helped by one */
	sa_dir_init(&xfrm->dir, &kernel, keeper->port, xfrm->guard.marks && keeper->marks > 0,
		    xfrm->guard.mark_base, keeper->marks);
}

int
xfrm_start(struct keeper *keeper)
{
	struct xfrm *xfrm = &keeper->xfrm;
	int error = sa_link_open(&xfrm->link);

	if (error)
		return error;
	xfrm->open = true;
	xfrm->events = xfrm_sock(NETLINK_XFRM, &error);
	if (error == 0)
		error = listen_to(xfrm->events);
	if (error == 0)
		error = dump(xfrm);
	if (error)
		return error;
	purge_policies(xfrm);
	xfrm->source.fd = nl_socket_get_fd(xfrm->events);
	error = loop_add(&keeper->loop, &xfrm->source, EPOLLIN);
	/* what happened since guard_up() was not seen */
	restore(keeper);
	settle(keeper);
	return error;
}

static void
release_client(void *ctx, const struct sa_client *client)
{
	struct xfrm *xfrm = ctx;
	const struct sa_kernel *kernel = &xfrm->dir.kernel;
	const struct sa *sa;

	if (!client->mark || client->gone)
		return;
	kernel->unpoint(kernel->ctx, client);
	TAILQ_FOREACH(sa, &client->sas, of_client)
	if (sa->in)
		kernel->set(kernel->ctx, sa, 0, 0, NULL);
}

void
xfrm_close(struct keeper *keeper)
{
	struct xfrm *xfrm = &keeper->xfrm;

	if (xfrm->open && xfrm->dir.own)
		sa_dir_walk(&xfrm->dir, release_client, xfrm);
	loop_cancel(&keeper->loop, &xfrm->due);
	sa_dir_fini(&xfrm->dir);
	nl_socket_free(xfrm->events);
	sa_link_close(&xfrm->link);
	xfrm->events = NULL;
	xfrm->source.fd = -1;
	xfrm->open = false;
}
