/*
 * The table's life. The rules of a session that comes are set at once; those of ones that went are
 * taken away together, a moment later: after a transaction that deletes the kernel lets the next
 * one wait until no packet can see what is gone, and many sessions may go at once. When the name of
 * an interface comes again before that, its old rules go in the transaction that sets the new ones.
 */
#include <errno.h>
#include <netinet/in.h>
/* in this order */
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "keeper/net_host.h"
#include "keeper/net_line.h"
#include "keeper/state.h"
#include "keeper/xfrm_sock.h"
#include "log.h"

#define SWEEP_MS 200
#define EVENTS_MAX 64 /* a turn of the loop */
#define EVENTS_BUFFER (1 << 20)

struct rules_session
net_rules_of(const struct net_line *line)
{
	return (struct rules_session){.ifname = line->ifname,
				      .serial = line->serial,
				      .sources = line->sources,
				      .source_count = line->source_count,
				      .allow = line->allow,
				      .allow_count = line->allow_count};
}

static struct rules_conf
choices(const struct keeper *keeper)
{
	return (struct rules_conf){.nat = keeper->conf->network.nat,
				   .client_to_client = keeper->conf->network.client_to_client,
				   .mtu = keeper->conf->network.mtu,
				   .port = keeper->port};
}

static bool
begin(struct net_batch *batch)
{
	if (!batch->out)
		batch->out = open_memstream(&batch->text, &batch->len);
	return batch->out != NULL;
}

static void
drop(struct net_batch *batch)
{
	if (batch->out) {
		fclose(batch->out);
		free(batch->text);
	}
	*batch = (struct net_batch){.out = NULL};
}

static int
run(struct net *net, struct net_batch *batch)
{
	int error = fflush(batch->out) == 0 && !ferror(batch->out) ? nft_run(&net->nft, batch->text)
								   : -ENOMEM;

	drop(batch);
	return error;
}

static void
drop_gone(struct keeper *keeper)
{
	loop_cancel(&keeper->loop, &keeper->net.sweep);
	drop(&keeper->net.gone);
}

static void
note_table(struct keeper *keeper, int error)
{
	struct net *net = &keeper->net;
	struct net_line *line;

	net->has_table = error == 0;
	net->had_table = net->had_table || net->has_table;
	TAILQ_FOREACH(line, &net->lines, next)
	line->ruled = net->has_table;
	if (error)
		log_error("nft: the table inet lnsd cannot be made: %s", net->nft.error);
	problem_set(
		keeper, PROBLEM_NFT, "error",
		error ? "no nftables: users with `allow` are refused, clients reach each other, "
			"nothing is forwarded or masqueraded by lnsd"
		      : "",
		"use a kernel with nf_tables and its inet family, then lnsctl reload");
	ban_restore(keeper);
}

/* The table as it should be now, with all sessions, in one transaction. */
static int
build(struct keeper *keeper)
{
	struct rules_conf conf = choices(keeper);
	struct net_batch batch = {.out = NULL};
	struct net_line *line;
	int error;

	if (!begin(&batch))
		return -ENOMEM;
	rules_table(batch.out, &conf);
	TAILQ_FOREACH(line, &keeper->net.lines, next)
	{
		struct rules_session rules = net_rules_of(line);

		rules_up(batch.out, &rules);
	}
	error = run(&keeper->net, &batch);
	drop_gone(keeper);
	note_table(keeper, error);
	return error;
}

/* Runs a batch. When the table is not what it was, somebody took it away or changed it. */
static int
commit(struct keeper *keeper, struct net_batch *batch)
{
	int error = run(&keeper->net, batch);

	if (error == 0)
		return 0;
	log_warning("nft: %s: the table inet lnsd is made anew", keeper->net.nft.error);
	return build(keeper);
}

static void
due_sweep(struct timer *timer)
{
	struct keeper *keeper = owner_of(timer, struct keeper, net.sweep);

	if (keeper->net.gone.out)
		commit(keeper, &keeper->net.gone);
}

void
net_table_leave(struct keeper *keeper, struct net_line *line)
{
	struct net *net = &keeper->net;
	struct rules_session rules = net_rules_of(line);
	bool first = !net->gone.out;

	if (!line->ruled || !net->has_table || !begin(&net->gone))
		return;
	line->ruled = false;
	rules_down(net->gone.out, &rules);
	if (first && !loop_after(&keeper->loop, &net->sweep, SWEEP_MS))
		due_sweep(&net->sweep);
}

/* A line that went had an interface of this name. */
static bool
name_is_among_gone(struct net_batch *gone, const char *ifname)
{
	char quoted[sizeof(((struct net_line *)0)->ifname) + 2];

	snprintf(quoted, sizeof(quoted), "\"%s\"", ifname);
	return gone->out && fflush(gone->out) == 0 && strstr(gone->text, quoted);
}

int
net_table_put(struct keeper *keeper, struct net_line *line, const struct rules_session *old)
{
	struct net *net = &keeper->net;
	struct rules_session rules = net_rules_of(line);
	struct net_batch batch = {.out = NULL};
	bool with_gone = name_is_among_gone(&net->gone, line->ifname);
	int error;

	if (!net->has_table)
		return net->had_table ? build(keeper) : -EPROTONOSUPPORT;
	if (!begin(&batch))
		return -ENOMEM;
	if (with_gone) {
		fwrite(net->gone.text, 1, net->gone.len, batch.out);
		drop_gone(keeper);
	}
	if (old)
		rules_down(batch.out, old);
	rules_up(batch.out, &rules);
	error = commit(keeper, &batch);
	line->ruled = error == 0;
	return error;
}

/* The table as nf_tables' events tell of it. */
static void
note_event(void *ctx, const struct nlmsghdr *hdr)
{
	struct nlattr *name = nlmsg_find_attr((struct nlmsghdr *)(uintptr_t)hdr,
					      sizeof(struct nfgenmsg), NFTA_TABLE_NAME);
	bool *missing = ctx;

	if (hdr->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELTABLE) &&
	    hdr->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWTABLE))
		return;
	if (name && nla_strcmp(name, "lnsd") == 0 &&
	    ((const struct nfgenmsg *)nlmsg_data(hdr))->nfgen_family == NFPROTO_INET)
		*missing = hdr->nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_DELTABLE);
}

/* `nft flush ruleset`, as firewall services do, takes every table. Ours comes back. */
static void
watch_ready(struct source *source, uint32_t events)
{
	struct keeper *keeper = owner_of(source, struct keeper, net.watch);
	struct net *net = &keeper->net;
	int got = xfrm_events(net->watch_sock, EVENTS_MAX, note_event, &net->missing);

	(void)events;
	if (got == -ENOBUFS)
		net->missing = nft_run(&net->nft, "list counter inet lnsd spoofed\n") != 0;
	if (got == 1 || !net->missing || !net->has_table)
		return;
	net->missing = false;
	log_warning("nft: the table inet lnsd was removed: it is made anew");
	build(keeper);
}

static void
start_watch(struct keeper *keeper)
{
	struct net *net = &keeper->net;
	int error = 0;

	net->watch_sock = xfrm_sock(NETLINK_NETFILTER, &error);
	if (!net->watch_sock)
		return;
	nl_socket_set_buffer_size(net->watch_sock, EVENTS_BUFFER, 0);
	net->watch = (struct source){.fd = nl_socket_get_fd(net->watch_sock), .ready = watch_ready};
	if (nl_socket_set_nonblocking(net->watch_sock) < 0 ||
	    nl_socket_add_membership(net->watch_sock, NFNLGRP_NFTABLES) < 0 ||
	    loop_add(&keeper->loop, &net->watch, EPOLLIN) != 0)
		log_warning("nft: whether the table is removed cannot be watched");
}

/* Forwarding without the table would let every client reach everything. */
static void
forward(struct keeper *keeper)
{
	int four, six;

	if (!keeper->conf->network.nat || !keeper->net.has_table)
		return;
	four = net_host_forward4();
	six = keeper->conf->network.pool6.family ? net_host_forward6() : 0;
	if (four > 0)
		log_notice("net.ipv4.ip_forward is switched on");
	if (six > 0)
		log_notice("net.ipv6.conf.all.forwarding is switched on");
	if (four < 0 || six < 0)
		log_error("forwarding cannot be switched on: %s",
			  strerror(four < 0 ? -four : -six));
}

void
net_init(struct keeper *keeper)
{
	TAILQ_INIT(&keeper->net.lines);
	TAILQ_INIT(&keeper->net.untold);
	TAILQ_INIT(&keeper->net.routes.list);
	keeper->net.sweep.due = due_sweep;
	keeper->net.watch.fd = -1;
}

void
net_start(struct keeper *keeper)
{
	shaper_stop(&keeper->net.shaper);
	if (build(keeper) == 0)
		start_watch(keeper);
	forward(keeper);
}

void
net_reload(struct keeper *keeper)
{
	struct rules_conf conf = choices(keeper);
	struct net_batch batch = {.out = NULL};

	if (!keeper->net.has_table) {
		net_start(keeper);
	} else if (begin(&batch)) {
		rules_conf(batch.out, &conf);
		commit(keeper, &batch);
		forward(keeper);
	}
}

void
net_stop(struct keeper *keeper)
{
	struct net *net = &keeper->net;
	struct net_batch batch = {.out = NULL};

	if (net->watch_sock) {
		loop_forget(&keeper->loop, &net->watch);
		nl_socket_free(net->watch_sock);
		net->watch_sock = NULL;
	}
	drop_gone(keeper);
	if (net->has_table && begin(&batch)) {
		rules_end(batch.out);
		run(net, &batch);
	}
	net->has_table = false;
	routes_close(&net->routes);
	shaper_stop(&net->shaper);
}
