/* See nft.h. */
#include "keeper/nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

/* The library ends the process where the kernel does not know the protocol. */
static bool
kernel_has_it(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* The first line, without the place in the text that nobody has seen. */
static void
keep_error(struct nft *nft, const char *text)
{
	const char *from = text ? strstr(text, "Error: ") : NULL;

	from = from ? from + strlen("Error: ") : "out of memory";
	snprintf(nft->error, sizeof(nft->error), "%.*s", (int)strcspn(from, "\n"), from);
}

/*
 * The library select()s on its socket, and ends the process where that has a number of FD_SETSIZE
 * or more, as every new one has once 500 sessions are up. A descriptor is the lowest that is free:
 * one held from the start on keeps a place for it.
 */
static bool
hold_place(struct nft *nft)
{
	if (!nft->place)
		nft->place = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (nft->place > STDERR_FILENO && nft->place < FD_SETSIZE)
		return true;
	if (nft->place > 0)
		close(nft->place);
	nft->place = 0;
	return false;
}

/* A context for each: its socket is not closed at an exec, and here none can come between. */
static struct nft_ctx *
begin(struct nft *nft)
{
	if (!hold_place(nft) || !kernel_has_it())
		return NULL;
	close(nft->place);
	nft->place = 0;
	return nft_ctx_new(NFT_CTX_DEFAULT);
}

int
nft_run(struct nft *nft, const char *commands)
{
	struct nft_ctx *ctx = begin(nft);
	int error = 0;

	nft->error[0] = '\0';
	if (!ctx) {
		snprintf(nft->error, sizeof(nft->error), "the kernel has no nf_tables");
		return -EPROTONOSUPPORT;
	}
	if (nft_ctx_buffer_output(ctx) != 0 || nft_ctx_buffer_error(ctx) != 0 ||
	    nft_run_cmd_from_buffer(ctx, commands) != 0) {
		keep_error(nft, nft_ctx_get_error_buffer(ctx));
		error = -EIO;
	}
	nft_ctx_free(ctx);
	(void)hold_place(nft);
	return error;
}

/* The set's name and the address as text; false for no address. */
static bool
find_set(const struct lns_addr *address, char text[INET6_ADDRSTRLEN], const char **set)
{
	*set = address->family == 4 ? "banned4" : "banned6";
	return (address->family == 4 || address->family == 6) &&
	       inet_ntop(address->family == 4 ? AF_INET : AF_INET6, address->ip, text,
			 INET6_ADDRSTRLEN);
}

/* An element that is there keeps its time when it is added again; one that is not there cannot be
 * deleted: so it is added, deleted, and added as it is meant. */
int
nft_ban(struct nft *nft, const struct lns_addr *address, unsigned seconds)
{
	char ip[INET6_ADDRSTRLEN], text[400];
	const char *set;

	if (!find_set(address, ip, &set) || seconds == 0)
		return -EINVAL;
	snprintf(text, sizeof(text),
		 "add element inet lnsd %s { %s timeout 1s }\n"
		 "delete element inet lnsd %s { %s }\n"
		 "add element inet lnsd %s { %s timeout %us }\n",
		 set, ip, set, ip, set, ip, seconds);
	return nft_run(nft, text);
}

int
nft_unban(struct nft *nft, const struct lns_addr *address)
{
	char ip[INET6_ADDRSTRLEN], text[300];
	const char *set;

	if (!find_set(address, ip, &set))
		return -EINVAL;
	snprintf(text, sizeof(text),
		 "add element inet lnsd %s { %s timeout 1s }\n"
		 "delete element inet lnsd %s { %s }\n",
		 set, ip, set, ip);
	return nft_run(nft, text);
}
