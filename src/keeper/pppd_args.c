/*
 * pppd's options as a table. Ours stand on the command line: pppd reads /etc/ppp/options first, so
 * each thing that an administrator may have put there for dial-up is said here again, and ours
 * wins.
 */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "keeper/pppd_args.h"

typedef bool value_fn(char *out, size_t cap, const struct pppd_start *start);

struct arg_row {
	const char *option; /* NULL: the value stands alone */
	value_fn *value;    /* NULL: the option stands alone; false: leave the row out */
	unsigned methods;   /* 0, or only when it is asked for by one of these */
};

static bool __attribute__((format(printf, 3, 4))) put(char *out, size_t cap, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(out, cap, fmt, args);
	va_end(args);
	return len > 0 && (size_t)len < cap;
}

static bool
put_ip(char *out, size_t cap, uint32_t address, const char *after)
{
	struct in_addr in = {.s_addr = htonl(address)};
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &in, text, sizeof(text));
	return put(out, cap, "%s%s", text, after);
}

static bool
put_seconds(char *out, size_t cap, mstime_t ms)
{
	return ms > 0 && put(out, cap, "%lld", (long long)((ms + 999) / 1000));
}

static bool
value_tty(char *out, size_t cap, const struct pppd_start *start)
{
	return start->line < 0 && put(out, cap, "%s", start->tty);
}

/* What comes before pppd is there the kernel keeps; so it can wait until the client speaks, whose
 * pppd would not hear it before. Where the client waits too, lnsd-pppd.so begins. */
static bool
value_silent(char *out, size_t cap, const struct pppd_start *start)
{
	return start->line >= 0 && put(out, cap, "silent");
}

static bool
value_line_plugin(char *out, size_t cap, const struct pppd_start *start)
{
	return start->line >= 0 && put(out, cap, "pppol2tp.so");
}

static bool
value_line(char *out, size_t cap, const struct pppd_start *start)
{
	return start->line >= 0 && put(out, cap, "%d", start->line);
}

static bool
value_no_accomp(char *out, size_t cap, const struct pppd_start *start)
{
	return start->line >= 0 && put(out, cap, "noaccomp");
}

static bool
value_no_pcomp(char *out, size_t cap, const struct pppd_start *start)
{
	return start->line >= 0 && put(out, cap, "nopcomp");
}

static bool
value_zero(char *out, size_t cap, const struct pppd_start *start)
{
	(void)start;
	return put(out, cap, "0");
}

/* pppd starts before the client does, so its first LCP request is often lost: the second must not
 * take the three seconds of RFC 1661 §4.6, and the number of them makes up for it. */
static bool
value_restart(char *out, size_t cap, const struct pppd_start *start)
{
	(void)start;
	return put(out, cap, "1");
}

static bool
value_requests(char *out, size_t cap, const struct pppd_start *start)
{
	(void)start;
	return put(out, cap, "30");
}

static bool
value_plugin(char *out, size_t cap, const struct pppd_start *start)
{
	return put(out, cap, "%s", start->plugin);
}

static bool
value_link(char *out, size_t cap, const struct pppd_start *start)
{
	return put(out, cap, "%d", start->link_fd);
}

/* The last word on the options before it: `noauth` takes back what an administrator required of
 * dial-up. */
static bool
value_auth(char *out, size_t cap, const struct pppd_start *start)
{
	return put(out, cap, start->proved ? "noauth" : "auth");
}

#if PPPD_API >= 25
static bool
value_verify(char *out, size_t cap, const struct pppd_start *start)
{
	(void)start;
	return put(out, cap, "name");
}
#endif

static bool
value_name(char *out, size_t cap, const struct pppd_start *start)
{
	return put(out, cap, "%s", start->host_name);
}

static bool
value_mtu(char *out, size_t cap, const struct pppd_start *start)
{
	return put(out, cap, "%u", start->conf->network.mtu);
}

static bool
value_echo(char *out, size_t cap, const struct pppd_start *start)
{
	return put_seconds(out, cap, start->conf->ppp.lcp_echo);
}

static bool
value_echo_failure(char *out, size_t cap, const struct pppd_start *start)
{
	return start->conf->ppp.lcp_echo > 0 && put(out, cap, "4");
}

static bool
value_idle(char *out, size_t cap, const struct pppd_start *start)
{
	return put_seconds(out, cap, start->conf->auth.idle_timeout);
}

static bool
put_server(char *out, size_t cap, const uint32_t *servers, size_t count, size_t i)
{
	return i < count && put_ip(out, cap, servers[i], "");
}

static bool
value_dns1(char *out, size_t cap, const struct pppd_start *start)
{
	return put_server(out, cap, start->conf->network.dns, start->conf->network.dns_count, 0);
}

static bool
value_dns2(char *out, size_t cap, const struct pppd_start *start)
{
	return put_server(out, cap, start->conf->network.dns, start->conf->network.dns_count, 1);
}

static bool
value_wins1(char *out, size_t cap, const struct pppd_start *start)
{
	return put_server(out, cap, start->conf->network.wins, start->conf->network.wins_count, 0);
}

static bool
value_wins2(char *out, size_t cap, const struct pppd_start *start)
{
	return put_server(out, cap, start->conf->network.wins, start->conf->network.wins_count, 1);
}

static bool
value_gateway(char *out, size_t cap, const struct pppd_start *start)
{
	return put_ip(out, cap, start->gateway, ":");
}

static bool
value_ipv6(char *out, size_t cap, const struct pppd_start *start)
{
	return put(out, cap, start->ipv6 ? "+ipv6" : "noipv6");
}

/* Ours, before the comma; the client has its own. */
static bool
value_identifier(char *out, size_t cap, const struct pppd_start *start)
{
	return start->ipv6 && put(out, cap, "::1,");
}

static bool
value_peer(char *out, size_t cap, const struct pppd_start *start)
{
	return put(out, cap, "%s", start->peer);
}

static bool
value_options_file(char *out, size_t cap, const struct pppd_start *start)
{
	return start->conf->ppp.options_file[0] &&
	       put(out, cap, "%s", start->conf->ppp.options_file);
}

static const struct arg_row rows[] = {
	/* the line: no modem, no lock, no log of pppd's on any descriptor (syslog has it) */
	{NULL, value_tty, 0},
	{"nodetach", NULL, 0},
	{"nopersist", NULL, 0},
	{"local", NULL, 0},
	{"nocrtscts", NULL, 0},
	{"nolock", NULL, 0},
	{"nolog", NULL, 0},
	/* The pty carries every byte, and so does L2TP: no control character needs an escape on the
	 * way to us. A LAC with a modem behind it hears of that by SLI (RFC 2661 §6.14) and must
	 * know itself what its line cannot carry (§4.4.6); `asyncmap` in ppp.options-file adds to
	 * the 0. Whether the client has agreed makes no difference here: the worker escapes all
	 * control characters that it writes to the pty, and takes them as they come (hdlc.c). */
	{"asyncmap", value_zero, 0},
	{"plugin", value_plugin, 0},
	{"lnsd-fd", value_link, 0},
	{"lnsd-line", value_line, 0},
	/* who the client is; we prove nothing to it */
	{NULL, value_auth, 0},
	{"name", value_name, 0},
	{"require-eap", NULL, METHOD_EAP},
#if PPPD_API >= 25
	/* the CN of a certificate is its user's name: pppd 2.4 always holds them together */
	{"tls-verify-method", value_verify, METHOD_EAP},
#endif
	{"require-mschap-v2", NULL, METHOD_MSCHAPV2},
	{"require-chap", NULL, METHOD_CHAP},
	{"require-pap", NULL, METHOD_PAP},
	{"refuse-eap", NULL, 0},
	{"refuse-pap", NULL, 0},
	{"refuse-chap", NULL, 0},
	{"refuse-mschap", NULL, 0},
	{"refuse-mschap-v2", NULL, 0},
	/* no compression or encryption of PPP's own: IPsec encrypts */
	{"noccp", NULL, 0},
	{"novj", NULL, 0},
	{"nomultilink", NULL, 0},
	/* a client that refuses IPV6CP goes on without it */
	{NULL, value_ipv6, 0},
	{"ipv6", value_identifier, 0},
	{"lcp-restart", value_restart, 0},
	{"lcp-max-configure", value_requests, 0},
	{"mtu", value_mtu, 0},
	{"mru", value_mtu, 0},
	{"lcp-echo-interval", value_echo, 0},
	{"lcp-echo-failure", value_echo_failure, 0},
	{"idle", value_idle, 0},
	/* addresses; the client's comes from the plugin */
	{NULL, value_gateway, 0},
	{"nodefaultroute", NULL, 0},
	{"noproxyarp", NULL, 0},
	{"ms-dns", value_dns1, 0},
	{"ms-dns", value_dns2, 0},
	{"ms-wins", value_wins1, 0},
	{"ms-wins", value_wins2, 0},
	{"ipparam", value_peer, 0},
	/* the administrator's own, after ours */
	{"file", value_options_file, 0},
	/* the kernel's L2TP takes the place of the tty; last, because with it go the options of
	 * ttys. It wants the address field, and takes shorter frames for none of its own */
	{NULL, value_silent, 0},
	{NULL, value_no_accomp, 0},
	{NULL, value_no_pcomp, 0},
	{"plugin", value_line_plugin, 0},
	{"pppol2tp", value_line, 0},
};

static bool
push(struct pppd_args *args, const char *arg)
{
	if (args->count >= PPPD_ARGS_MAX)
		return false;
	args->argv[args->count++] = (char *)arg; /* exec takes char *, and writes nothing */
	args->argv[args->count] = NULL;
	return true;
}

/* False when it does not fit; a row that is left out is no fault. */
static bool
push_row(struct pppd_args *args, const struct arg_row *row, const struct pppd_start *start)
{
	char *text = args->text + args->used;
	size_t cap = sizeof(args->text) - args->used;

	if (row->methods && (start->proved || !(start->conf->auth.methods & row->methods)))
		return true;
	if (!row->value)
		return push(args, row->option);
	if (cap < CONF_PATH_MAX)
		return false;
	if (!row->value(text, cap, start))
		return true;
	args->used += strlen(text) + 1;
	return (!row->option || push(args, row->option)) && push(args, text);
}

bool
pppd_args_build(struct pppd_args *args, const struct pppd_start *start)
{
	*args = (struct pppd_args){.count = 0};
	if (!push(args, start->conf->ppp.pppd))
		return false;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!push_row(args, &rows[i], start))
			return false;
	return true;
}
