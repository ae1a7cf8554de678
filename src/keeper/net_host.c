/* See net_host.h. */
#include "keeper/net_host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FORWARD4 "/proc/sys/net/ipv4/ip_forward"
#define FORWARD6 "/proc/sys/net/ipv6/conf/all/forwarding"
#define CONF6 "/proc/sys/net/ipv6/conf"

/* The first character, or -errno. */
static int
read_switch(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), got;
	char c = '\0';

	if (fd < 0)
		return -errno;
	got = read(fd, &c, 1) == 1 ? c : -EIO;
	close(fd);
	return got;
}

static int
write_switch(const char *path, char value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), error = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, &value, 1) != 1)
		error = -errno;
	close(fd);
	return error;
}

static int
switch_on(const char *path)
{
	int now = read_switch(path), error;

	if (now < 0)
		return now;
	if (now != '0')
		return 0;
	error = write_switch(path, '1');
	return error ? error : 1;
}

int
net_host_forward4(void)
{
	return switch_on(FORWARD4);
}

/* accept_ra: 1 is "unless it forwards", 2 "even so" */
static void
keep_advertisements(void)
{
	DIR *dir = opendir(CONF6);
	struct dirent *entry;
	char path[sizeof(CONF6) + sizeof(entry->d_name) + 16];

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), CONF6 "/%s/accept_ra", entry->d_name);
		if (strcmp(entry->d_name, "all") != 0 && read_switch(path) == '1')
			write_switch(path, '2');
	}
	if (dir)
		closedir(dir);
}

int
net_host_forward6(void)
{
	if (read_switch(FORWARD6) == '0')
		keep_advertisements();
	return switch_on(FORWARD6);
}

int
net_host_check_sources(const char *ifname)
{
	char path[128];
	int error;

	/* the stricter number of the two is not the stricter filter: 2 is loose */
	if (read_switch("/proc/sys/net/ipv4/conf/all/rp_filter") == '2')
		return -EOPNOTSUPP;
	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/rp_filter", ifname);
	error = write_switch(path, '1');
	return error == -ENOENT ? 0 : error;
}
