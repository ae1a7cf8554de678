/* ppp 2.5: what the plugin needs of pppd, in the words that it uses. Its twin is ppp24.h. */
#ifndef PPP25_H
#define PPP25_H

#include <pppd/pppdconf.h>

#include <stdbool.h>
#include <stdint.h>
#include <sys/time.h>

#include <pppd/pppd.h>

#include <pppd/chap.h>
#include <pppd/fsm.h>
#include <pppd/ipcp.h>
#include <pppd/lcp.h>
#include <pppd/options.h>
#include <pppd/upap.h>

#define API_VERSION PPPD_VERSION

static inline int
api_status(void)
{
	return ppp_status();
}

static inline const char *
api_ifname(void)
{
	return ppp_ifname();
}

/* The client's name as authentication has established it */
static inline void
api_peer_authname(char *out, size_t cap)
{
	ppp_peer_authname(out, cap);
}

static inline void
api_set_auth_failed(void)
{
	ppp_set_status(EXIT_PEER_AUTH_FAILED);
}

static inline void
api_set_idle(unsigned seconds)
{
	ppp_set_max_idle_time(seconds);
}

static inline void
api_add_options(option_t *options)
{
	ppp_add_options(options);
}

static inline int
api_int_option(char *text, int *value)
{
	return ppp_int_option(text, value);
}

static inline void
api_timeout(void (*fn)(void *), unsigned seconds)
{
	ppp_timeout(fn, NULL, (int)seconds, 0);
}

/* pppd copies both. */
static inline void
api_setenv(const char *name, const char *value)
{
	ppp_script_setenv((char *)name, (char *)value, 0);
}

static inline void
api_on_phase(void (*fn)(void *, int))
{
	ppp_add_notify(NF_PHASE_CHANGE, fn, NULL);
}

static inline void
api_on_auth_up(void (*fn)(void *, int))
{
	ppp_add_notify(NF_AUTH_UP, fn, NULL);
}

static inline void
api_on_ip_up(void (*fn)(void *, int))
{
	ppp_add_notify(NF_IP_UP, fn, NULL);
}

static inline void
api_on_ipv6_up(void (*fn)(void *, int))
{
	ppp_add_notify(NF_IPV6_UP, fn, NULL);
}

static inline void
api_on_exit(void (*fn)(void *, int))
{
	ppp_add_notify(NF_EXIT, fn, NULL);
}

#endif
