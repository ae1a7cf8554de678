/* ppp 2.4: what the plugin needs of pppd, in the words that it uses. Its twin is ppp25.h. */
#ifndef PPP24_H
#define PPP24_H

/* pppd 2.4 has a bool of its own */
#include <stdbool.h>
#undef bool
#define bool pppd_bool
#include <pppd/pppd.h>

#include <pppd/chap-new.h>
#include <pppd/fsm.h>
#include <pppd/ipcp.h>
#include <pppd/lcp.h>
#undef bool
#define bool _Bool

#define API_VERSION VERSION

static inline int
api_status(void)
{
	return status;
}

static inline const char *
api_ifname(void)
{
	return ifname;
}

/* The client's name as authentication has established it */
static inline void
api_peer_authname(char *out, size_t cap)
{
	snprintf(out, cap, "%s", peer_authname);
}

static inline void
api_set_auth_failed(void)
{
	status = EXIT_PEER_AUTH_FAILED;
}

static inline void
api_set_idle(unsigned seconds)
{
	idle_time_limit = (int)seconds;
}

static inline void
api_add_options(option_t *options)
{
	add_options(options);
}

static inline int
api_int_option(char *text, int *value)
{
	return int_option(text, value);
}

static inline void
api_timeout(void (*fn)(void *), unsigned seconds)
{
	timeout(fn, NULL, (int)seconds, 0);
}

/* pppd copies both. */
static inline void
api_setenv(const char *name, const char *value)
{
	script_setenv((char *)name, (char *)value, 0);
}

static inline void
api_on_phase(void (*fn)(void *, int))
{
	add_notifier(&phasechange, fn, NULL);
}

static inline void
api_on_auth_up(void (*fn)(void *, int))
{
	add_notifier(&auth_up_notifier, fn, NULL);
}

static inline void
api_on_ip_up(void (*fn)(void *, int))
{
	add_notifier(&ip_up_notifier, fn, NULL);
}

static inline void
api_on_ipv6_up(void (*fn)(void *, int))
{
	add_notifier(&ipv6_up_notifier, fn, NULL);
}

static inline void
api_on_exit(void (*fn)(void *, int))
{
	add_notifier(&exitnotify, fn, NULL);
}

#endif
