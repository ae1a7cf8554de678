#include "lnsctl/profile_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static bool
is_address(const char *text)
{
	uint8_t bytes[16];

	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

bool
profile_server_valid(const char *server)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.-";
	size_t len = strlen(server);

	if (is_address(server))
		return true;
	/* digits and dots alone are an address with a slip in it */
	return len > 0 && len <= 253 && strspn(server, letters) == len && server[0] != '-' &&
	       server[0] != '.' && strspn(server, "0123456789.") < len;
}

/* A name with a dot in it that the DNS outside may know. */
static bool
is_public_name(const char *name)
{
	static const char *const inside[] = {".local", ".localdomain", ".internal", ".lan",
					     ".home",  ".arpa",	       ".test"};
	size_t len = strlen(name);

	if (!profile_server_valid(name) || is_address(name) || !strchr(name, '.'))
		return false;
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		size_t tail = strlen(inside[i]);

		if (len > tail && strcasecmp(name + len - tail, inside[i]) == 0)
			return false;
	}
	return true;
}

static bool
first_listen(char server[PROFILE_SERVER_MAX], const struct conf *conf)
{
	static const uint8_t any[16];

	for (size_t i = 0; i < conf->server.listen_count; i++) {
		const struct conf_addr *addr = &conf->server.listen[i];

		if (memcmp(addr->ip, any, addr->family == 4 ? 4 : 16) != 0)
			return inet_ntop(addr->family == 4 ? AF_INET : AF_INET6, addr->ip, server,
					 PROFILE_SERVER_MAX) != NULL;
	}
	return false;
}

/* The kernel says which address it would take; nothing is sent. 192.0.2.1 is nobody (RFC 5737). */
static bool
way_out(char server[PROFILE_SERVER_MAX])
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(1701)};
	struct sockaddr_in own = {.sin_family = AF_INET};
	socklen_t len = sizeof(own);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool ok;

	to.sin_addr.s_addr = htonl(0xc0000201);
	ok = fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0 &&
	     getsockname(fd, (struct sockaddr *)&own, &len) == 0 &&
	     inet_ntop(AF_INET, &own.sin_addr, server, PROFILE_SERVER_MAX) != NULL;
	if (fd >= 0)
		close(fd);
	return ok;
}

bool
profile_server_guess(char server[PROFILE_SERVER_MAX], const char **from, const struct conf *conf)
{
	char machine[PROFILE_SERVER_MAX] = "";

	(void)gethostname(machine, sizeof(machine) - 1);
	*from = "server.host-name";
	snprintf(server, PROFILE_SERVER_MAX, "%s", conf->server.host_name);
	/* whatever the administrator has written there, but for a bare word */
	if (is_address(server) || (profile_server_valid(server) && strchr(server, '.')))
		return true;
	*from = "server.listen";
	if (first_listen(server, conf))
		return true;
	*from = "this machine's name";
	snprintf(server, PROFILE_SERVER_MAX, "%s", machine);
	if (is_public_name(server))
		return true;
	*from = "this machine's address";
	return way_out(server);
}
