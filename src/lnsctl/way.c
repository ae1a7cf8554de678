#include "lnsctl/way.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct question {
	struct nlmsghdr head;
	struct rtmsg route;
	struct rtattr to;
	uint8_t ip[16];
};

union answer {
	struct nlmsghdr head;
	char bytes[2048];
};

/* The route itself is asked for, not what was made of it for this one address. */
static bool
ask(union answer *answer, size_t *len, uint8_t family, const void *ip, size_t ip_len)
{
	struct question question = {
		.head = {.nlmsg_type = RTM_GETROUTE, .nlmsg_flags = NLM_F_REQUEST},
		.route = {.rtm_family = family,
			  .rtm_dst_len = (uint8_t)(ip_len * 8),
			  .rtm_flags = RTM_F_FIB_MATCH | RTM_F_LOOKUP_TABLE},
		.to = {.rta_type = RTA_DST, .rta_len = (unsigned short)RTA_LENGTH(ip_len)},
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	ssize_t n = -1;

	memcpy(question.ip, ip, ip_len);
	question.head.nlmsg_len =
		(uint32_t)(NLMSG_LENGTH(sizeof(question.route)) + RTA_LENGTH(ip_len));
	/* the kernel answers before send() returns */
	if (fd >= 0 &&
	    send(fd, &question, question.head.nlmsg_len, 0) == (ssize_t)question.head.nlmsg_len)
		n = recv(fd, answer, sizeof(*answer), MSG_DONTWAIT);
	if (fd >= 0)
		close(fd);
	*len = n > 0 ? (size_t)n : 0;
	return n > 0 && NLMSG_OK(&answer->head, *len) && answer->head.nlmsg_type == RTM_NEWROUTE;
}

static void
take(struct way *way, const struct rtattr *attribute, uint8_t ip[16])
{
	const void *data = RTA_DATA(attribute);
	size_t len = RTA_PAYLOAD(attribute);
	uint32_t number = 0;

	if (len == sizeof(number))
		memcpy(&number, data, len);
	if (attribute->rta_type == RTA_OIF)
		if_indextoname(number, way->iface);
	else if (attribute->rta_type == RTA_TABLE)
		way->table = number;
	else if (attribute->rta_type == RTA_DST && len <= 16)
		memcpy(ip, data, len);
}

bool
way_find(struct way *way, const char *address)
{
	const int family = strchr(address, ':') ? AF_INET6 : AF_INET;
	uint8_t asked[16], ip[16] = {0};
	char text[INET6_ADDRSTRLEN] = "";
	const struct rtmsg *route;
	union answer answer;
	size_t len, left;

	*way = (struct way){.table = RT_TABLE_MAIN};
	if (inet_pton(family, address, asked) != 1 ||
	    !ask(&answer, &len, (uint8_t)family, asked, family == AF_INET ? 4 : 16))
		return false;
	route = NLMSG_DATA(&answer.head);
	left = RTM_PAYLOAD(&answer.head);
	for (const struct rtattr *a = RTM_RTA(route); RTA_OK(a, left); a = RTA_NEXT(a, left))
		take(way, a, ip);
	inet_ntop(family, ip, text, sizeof(text));
	snprintf(way->route, sizeof(way->route), "%s/%u", text, route->rtm_dst_len);
	return way->iface[0] != '\0';
}
