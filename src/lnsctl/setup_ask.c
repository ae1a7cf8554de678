/* The answers: from the options, else from the terminal where it may be asked, else what most
 * would say. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lnsctl/overlap.h"
#include "lnsctl/profile_server.h"
#include "lnsctl/setup.h"

#define PUBLIC_DNS "9.9.9.9, 149.112.112.112"

static void
guess_server(struct setup *setup)
{
	const char *from;

	if (!profile_server_guess(setup->server, &from, setup->conf))
		setup->server[0] = '\0';
}

/* True for one that clients can ask, too; with `routes`, through the gateway. */
static bool
serves_clients(const struct setup *setup, const char *address)
{
	const struct conf *conf = setup->conf;
	struct in_addr in;
	uint32_t ip;

	if (inet_pton(AF_INET, address, &in) != 1)
		return false;
	ip = ntohl(in.s_addr);
	if (ip >> 24 == 127 || ip >> 24 == 0 || ip >> 16 == 0xa9fe)
		return false;
	for (size_t i = 0; i < conf->network.route_count; i++) {
		const struct lns_prefix *route = &conf->network.routes[i];
		uint32_t net;

		if (route->family != 4)
			continue;
		memcpy(&net, route->ip, sizeof(net));
		if (!route->bits || (ip ^ ntohl(net)) >> (32 - route->bits) == 0)
			return true;
	}
	return conf->network.route_count == 0;
}

/* The machine's own, as far as clients can reach them. */
static void
guess_dns(struct setup *setup)
{
	/* systemd-resolved puts itself into the second */
	FILE *in = fopen("/run/systemd/resolve/resolv.conf", "re");
	char line[512], address[INET_ADDRSTRLEN];
	size_t count = 0;

	if (!in)
		in = fopen("/etc/resolv.conf", "re");
	setup->dns[0] = '\0';
	while (in && count < 2 && fgets(line, sizeof(line), in)) {
		size_t len = strlen(setup->dns);

		if (sscanf(line, "nameserver %15[0-9.]", address) != 1 ||
		    !serves_clients(setup, address))
			continue;
		snprintf(setup->dns + len, sizeof(setup->dns) - len, "%s%s", count++ ? ", " : "",
			 address);
	}
	if (in)
		fclose(in);
	/* with everything in the tunnel the server of the client's own network is out of reach */
	if (count == 0 && !setup->routes[0])
		snprintf(setup->dns, sizeof(setup->dns), PUBLIC_DNS);
}

/* The first that is no network of this machine's. */
static void
guess_pool(struct setup *setup)
{
	static const char *const nets[] = {"10.99.0", "10.98.0", "172.29.99", "192.168.239"};
	char text[256];

	for (size_t i = 0; i < sizeof(nets) / sizeof(nets[0]); i++) {
		struct conf_errors errors = {.count = 0};
		struct conf_file file = {.name = "pool", .text = text};
		struct conf *conf;
		bool free_net;

		snprintf(setup->pool, sizeof(setup->pool), "%s.10-%s.250", nets[i], nets[i]);
		file.len =
			(size_t)snprintf(text, sizeof(text), "[network]\npool = %s\n", setup->pool);
		conf = conf_parse(&file, 1, &errors);
		free_net = conf && !overlap_find(conf, text, sizeof(text));
		conf_free(conf);
		conf_errors_fini(&errors);
		if (free_net)
			return;
	}
}

static bool
check_server(struct setup *setup)
{
	if (profile_server_valid(setup->server))
		return true;
	complain("'%.100s' is no name or address that clients can connect to%s", setup->server,
		 setup->server[0] ? "" : ": give one with --server");
	return false;
}

static bool
check_user(struct setup *setup)
{
	const char *fault = users_name_fault(setup->user);

	if (fault)
		complain("the user's name: %s", fault);
	return !fault;
}

/* "all" is what most want, and no list. */
static bool
check_routes(struct setup *setup)
{
	struct conf_errors errors = {.count = 0};
	char text[SETUP_TEXT_MAX + 64];
	struct conf_file file = {.name = "routes", .text = text};
	struct conf *conf;

	if (strcmp(setup->routes, "all") == 0)
		setup->routes[0] = '\0';
	if (!setup->routes[0])
		return true;
	file.len = (size_t)snprintf(text, sizeof(text), "[network]\nroutes = %s\n", setup->routes);
	conf = conf_parse(&file, 1, &errors);
	if (!conf)
		complain("%s", errors.kept ? errors.list[0].text : "out of memory");
	else
		conf_free(setup->conf);
	if (conf)
		setup->conf = conf;
	conf_errors_fini(&errors);
	return conf != NULL;
}

/* One question; an empty line takes what stands in brackets. False at the end of input. */
static bool
ask(const char *question, char *answer, size_t cap)
{
	char line[SETUP_TEXT_MAX];

	fprintf(stderr, "%s [%s]: ", question, answer);
	if (!fgets(line, sizeof(line), stdin))
		return false;
	line[strcspn(line, "\r\n")] = '\0';
	if (line[0])
		snprintf(answer, cap, "%s", line);
	return true;
}

/* Takes the option, or asks until the answer is right. */
static enum exit_code
answer(struct setup *setup, enum option_id option, const char *question, char *text, size_t cap,
       bool (*check)(struct setup *))
{
	const char *given = setup->settings->of[option];

	if (given)
		snprintf(text, cap, "%s", given);
	if (given || setup->settings->of[OPT_YES])
		return check(setup) ? CODE_DONE : CODE_USAGE;
	do {
		if (!ask(question, text, cap)) {
			complain("nothing is changed");
			return CODE_REFUSED;
		}
	} while (!check(setup));
	return CODE_DONE;
}

static bool
has_question(const struct setup *setup)
{
	const char *const *of = setup->settings->of;

	return (setup->fresh && (!of[OPT_SERVER] || !of[OPT_ROUTES])) ||
	       (setup->new_user && !of[OPT_USER]);
}

static enum exit_code
answer_network(struct setup *setup)
{
	enum exit_code code;

	guess_server(setup);
	code = answer(setup, OPT_SERVER, "Name or address that clients connect to", setup->server,
		      sizeof(setup->server), check_server);
	if (code != CODE_DONE)
		return code;
	snprintf(setup->routes, sizeof(setup->routes), "all");
	code = answer(setup, OPT_ROUTES,
		      "What clients reach through it: all, or networks as 192.168.7.0/24, ...",
		      setup->routes, sizeof(setup->routes), check_routes);
	if (code != CODE_DONE)
		return code;
	guess_dns(setup);
	guess_pool(setup);
	if (setup->settings->of[OPT_DNS])
		snprintf(setup->dns, sizeof(setup->dns), "%s", setup->settings->of[OPT_DNS]);
	if (setup->settings->of[OPT_POOL])
		snprintf(setup->pool, sizeof(setup->pool), "%s", setup->settings->of[OPT_POOL]);
	return CODE_DONE;
}

static enum exit_code
answer_user(struct setup *setup)
{
	const char *login = getlogin();
	enum exit_code code;

	snprintf(setup->user, sizeof(setup->user), "%s",
		 login && strcmp(login, "root") != 0 && !users_name_fault(login) ? login : "user1");
	code = answer(setup, OPT_USER, "The first user's name", setup->user, sizeof(setup->user),
		      check_user);
	if (code != CODE_DONE)
		return code;
	if (setup->settings->of[OPT_PASSWORD_STDIN])
		return user_password_get(setup->password, setup->settings);
	return user_password_generate(setup->password, USER_PASSWORD_GENERATED) ? CODE_DONE
										: CODE_REFUSED;
}

enum exit_code
setup_ask(struct setup *setup)
{
	enum exit_code code = CODE_DONE;

	if (!setup->settings->of[OPT_YES] && has_question(setup) && !isatty(STDIN_FILENO)) {
		complain("setup asks on a terminal: give --yes, and --server, --user and --routes "
			 "as you want them");
		return CODE_USAGE;
	}
	if (setup->fresh)
		code = answer_network(setup);
	else if (!setup->server[0])
		guess_server(setup);
	if (code == CODE_DONE && setup->new_user)
		code = answer_user(setup);
	return code;
}
