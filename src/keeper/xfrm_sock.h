/* Talking to XFRM: requests, questions and dumps. Answers may hold keys: they are wiped here. */
#ifndef KEEPER_XFRM_SOCK_H
#define KEEPER_XFRM_SOCK_H

#include <linux/netlink.h>
#include <stddef.h>

struct nl_msg;
struct nl_sock;

/* Called for each message of an answer; its bytes are wiped after the call. */
typedef void xfrm_answer_fn(void *ctx, const struct nlmsghdr *hdr);

/* A request socket of a netlink protocol (NETLINK_XFRM, NETLINK_ROUTE), or NULL with *error
 * (-errno). */
struct nl_sock *xfrm_sock(int protocol, int *error);

/* Each sends, waits for the end of the answer and gives 0 or -errno. A request of one struct; a
 * message with attributes, which is taken and wiped; a question with its answer. */
int xfrm_request(struct nl_sock *sock, int type, int flags, void *body, size_t len);
int xfrm_send(struct nl_sock *sock, struct nl_msg *msg);
int xfrm_ask(struct nl_sock *sock, struct nl_msg *msg, xfrm_answer_fn *fn, void *ctx);

/* All that the kernel has of XFRM_MSG_GETSA or XFRM_MSG_GETPOLICY. */
int xfrm_dump(int type, xfrm_answer_fn *fn, void *ctx);

/*
 * What waits on a non-blocking event socket, at most `max` messages. 0: nothing is left; 1: there
 * may be more; -ENOBUFS: some were lost.
 */
int xfrm_events(struct nl_sock *sock, unsigned max, xfrm_answer_fn *fn, void *ctx);

#endif
