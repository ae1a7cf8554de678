/* Addresses, files and pluto. Whatever is written is written beside its place and renamed. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "keeper/ipsec_files.h"
#include "keeper/ipsec_host.h"
#include "log.h"

#define COMMAND_MS 10000
#define RESTART_MS 30000
#define PLUTO_CTL "/run/pluto/pluto.ctl"

static bool
is_wildcard(const struct conf_addr *addr)
{
	static const uint8_t zero[16];

	return memcmp(addr->ip, zero, sizeof(zero)) == 0;
}

static bool
from_interface(struct conf_addr *addr, const struct ifaddrs *ifa, uint32_t gateway)
{
	memset(addr, 0, sizeof(*addr));
	if (!ifa->ifa_addr || !(ifa->ifa_flags & IFF_UP) || ifa->ifa_flags & IFF_LOOPBACK)
		return false;
	if (ifa->ifa_addr->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)ifa->ifa_addr;

		addr->family = 4;
		memcpy(addr->ip, &in->sin_addr, 4);
		return in->sin_addr.s_addr != htonl(gateway);
	}
	if (ifa->ifa_addr->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)ifa->ifa_addr;

		addr->family = 6;
		memcpy(addr->ip, &in6->sin6_addr, 16);
		return !IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr);
	}
	return false;
}

static int
compare_addrs(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct conf_addr));
}

static size_t
add_addr(struct conf_addr *addrs, size_t count, size_t max, const struct conf_addr *addr)
{
	for (size_t i = 0; i < count; i++)
		if (compare_addrs(&addrs[i], addr) == 0)
			return count;
	if (count < max)
		addrs[count++] = *addr;
	return count;
}

size_t
ipsec_host_addresses(struct conf_addr *addrs, size_t max, const struct conf *conf)
{
	struct ifaddrs *all = NULL;
	struct conf_addr addr;
	size_t count = 0;

	if (getifaddrs(&all) < 0)
		all = NULL;
	for (size_t i = 0; i < conf->server.listen_count; i++) {
		const struct conf_addr *listen = &conf->server.listen[i];

		if (!is_wildcard(listen)) {
			count = add_addr(addrs, count, max, listen);
			continue;
		}
		for (const struct ifaddrs *ifa = all; ifa; ifa = ifa->ifa_next)
			if (from_interface(&addr, ifa, conf->network.gateway) &&
			    addr.family == listen->family)
				count = add_addr(addrs, count, max, &addr);
	}
	freeifaddrs(all);
	qsort(addrs, count, sizeof(*addrs), compare_addrs);
	return count;
}

/* A small text file; 0 or -errno. */
static int
read_text(char *text, size_t cap, const char *path, struct stat *st)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t len = 0;
	ssize_t n = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, st) < 0 || !S_ISREG(st->st_mode)) {
		close(fd);
		return -EINVAL;
	}
	while (len < cap - 1 && (n = read(fd, text + len, cap - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(fd);
	return n < 0 ? -EIO : len == cap - 1 ? -EFBIG : 0;
}

int
ipsec_host_read_psk(char *text, size_t cap, const char *path, bool *open_to_others)
{
	struct stat st;
	int error = read_text(text, cap, path, &st);

	*open_to_others = error == 0 && (st.st_mode & 077) != 0;
	return error;
}

void
ipsec_host_read(char *text, size_t cap, const char *path)
{
	struct stat st;

	if (read_text(text, cap, path, &st) != 0)
		text[0] = '\0';
}

bool
ipsec_host_same(const char *path, const char *text)
{
	char have[IPSEC_TEXT_MAX];
	struct stat st;
	bool same = read_text(have, sizeof(have), path, &st) == 0 && strcmp(have, text) == 0;

	explicit_bzero(have, sizeof(have));
	return same;
}

int
ipsec_host_write(const char *path, const char *text, mode_t mode)
{
	const char *name = strrchr(path, '/') + 1;
	size_t len = strlen(text);
	char temp[256];
	int fd, error = 0;

	/* a leading dot: no include of libreswan's matches it */
	snprintf(temp, sizeof(temp), "%.*s.%s.new", (int)(name - path), path, name);
	unlink(temp);
	fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (write(fd, text, len) != (ssize_t)len)
		error = -ENOSPC;
	if (error == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
		error = -errno;
	close(fd);
	if (error == 0 && rename(temp, path) < 0)
		error = -errno;
	if (error)
		unlink(temp);
	return error;
}

static void
read_status(void *ctx, const char *line)
{
	pluto_read_status(ctx, line);
}

static void
read_globals(void *ctx, const char *line)
{
	pluto_read_globals(ctx, line);
}

bool
ipsec_host_pluto(const char *ipsec, struct pluto_state *pluto)
{
	const char *const status[] = {ipsec, "whack", "--status", NULL};
	const char *const globals[] = {ipsec, "whack", "--globalstatus", NULL};

	memset(pluto, 0, sizeof(*pluto));
	/* half an answer of a busy pluto would look like conns that are missing, and adding one
	 * that is there ends its clients' SAs */
	if (command_run(status, COMMAND_MS, read_status, pluto) != 0 || !pluto->complete)
		return false;
	command_run(globals, COMMAND_MS, read_globals, pluto);
	return pluto->answered;
}

/* every run makes its control socket anew */
uint64_t
ipsec_host_pluto_life(void)
{
	struct stat st;

	if (stat(PLUTO_CTL, &st) < 0)
		return 0;
	return ((uint64_t)st.st_ctim.tv_sec * 1000000000 + (uint64_t)st.st_ctim.tv_nsec) ^
	       (uint64_t)st.st_ino << 48;
}

bool
ipsec_host_may_restart(const struct pluto_state *pluto)
{
	return (pluto->uniqueids || pluto->drops_ikev1) && pluto->idle;
}

bool
ipsec_host_restart(void)
{
	const char *const active[] = {"/usr/bin/systemctl", "is-active", "--quiet", "ipsec.service",
				      NULL};
	const char *const restart[] = {"/usr/bin/systemctl", "restart", "ipsec.service", NULL};

	if (access("/run/systemd/system", F_OK) < 0 ||
	    command_run(active, COMMAND_MS, NULL, NULL) != 0)
		return false;
	log_notice("ipsec: restarting ipsec.service for its new settings; nobody is connected");
	return command_run(restart, RESTART_MS, NULL, NULL) == 0;
}
