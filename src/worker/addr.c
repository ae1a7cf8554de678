/* See addr.h. */
#include "worker/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

bool
addr_link_local(const struct lns_addr *addr)
{
	return addr->family == 6 && addr->ip[0] == 0xfe && (addr->ip[1] & 0xc0) == 0x80;
}

bool
addr_any(const struct lns_addr *addr)
{
	static const uint8_t zero[16];

	return memcmp(addr->ip, zero, sizeof(zero)) == 0;
}

bool
addr_same_host(const struct lns_addr *a, const struct lns_addr *b)
{
	return a->family == b->family && a->scope == b->scope &&
	       memcmp(a->ip, b->ip, sizeof(a->ip)) == 0;
}

bool
addr_from_sockaddr(struct lns_addr *addr, const struct sockaddr_storage *sa)
{
	memset(addr, 0, sizeof(*addr));
	if (sa->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)sa;

		addr->family = 4;
		addr->port = ntohs(in->sin_port);
		memcpy(addr->ip, &in->sin_addr, 4);
		return true;
	}
	if (sa->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;

		addr->family = 6;
		addr->port = ntohs(in6->sin6_port);
		memcpy(addr->ip, &in6->sin6_addr, 16);
		if (addr_link_local(addr))
			addr->scope = in6->sin6_scope_id;
		return true;
	}
	return false;
}

socklen_t
addr_to_sockaddr(struct sockaddr_storage *sa, const struct lns_addr *addr)
{
	if (addr->family == 4) {
		struct sockaddr_in *in = (struct sockaddr_in *)sa;

		memset(in, 0, sizeof(*in));
		in->sin_family = AF_INET;
		in->sin_port = htons(addr->port);
		memcpy(&in->sin_addr, addr->ip, 4);
		return sizeof(*in);
	}
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)sa;

	memset(in6, 0, sizeof(*in6));
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(addr->port);
	in6->sin6_scope_id = addr->scope;
	memcpy(&in6->sin6_addr, addr->ip, 16);
	return sizeof(*in6);
}

const char *
addr_host_text(char dst[ADDR_TEXT_MAX], const struct lns_addr *addr)
{
	size_t len;

	dst[0] = '\0';
	inet_ntop(addr->family == 4 ? AF_INET : AF_INET6, addr->ip, dst, ADDR_TEXT_MAX);
	len = strlen(dst);
	if (addr->scope)
		snprintf(dst + len, ADDR_TEXT_MAX - len, "%%%u", addr->scope);
	return dst;
}

const char *
addr_text(char dst[ADDR_TEXT_MAX], const struct lns_addr *addr)
{
	char host[ADDR_TEXT_MAX];

	/* the longest host with a scope has 57 bytes */
	snprintf(dst, ADDR_TEXT_MAX, addr->family == 4 ? "%.60s:%u" : "[%.60s]:%u",
		 addr_host_text(host, addr), addr->port);
	return dst;
}

bool
addr_from_text(struct lns_addr *addr, const char *text)
{
	*addr = (struct lns_addr){.family = 4};
	if (inet_pton(AF_INET, text, addr->ip) == 1)
		return true;
	*addr = (struct lns_addr){.family = 6};
	return inet_pton(AF_INET6, text, addr->ip) == 1;
}

const char *
addr_ip4_text(char dst[ADDR_TEXT_MAX], uint32_t ip)
{
	if (ip)
		snprintf(dst, ADDR_TEXT_MAX, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255,
			 ip & 255);
	else
		dst[0] = '\0';
	return dst;
}

const char *
addr_prefix_text(char dst[ADDR_TEXT_MAX], const struct lns_prefix *prefix)
{
	char ip[INET6_ADDRSTRLEN] = "";

	inet_ntop(prefix->family == 4 ? AF_INET : AF_INET6, prefix->ip, ip, sizeof(ip));
	snprintf(dst, ADDR_TEXT_MAX, "%s/%u", ip, prefix->bits);
	return dst;
}
