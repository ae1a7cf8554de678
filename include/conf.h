/*
 * The configuration: text in, an immutable struct conf out (src/conf). One option table describes
 * every key; nothing here reads a file, so that the keeper, the unprivileged worker and lnsctl
 * parse the same bytes with the same code.
 */
#ifndef CONF_H
#define CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lns.h"
#include "log.h"
#include "method.h"
#include "mstime.h"

#define CONF_LISTEN_MAX 16
#define CONF_POOL_MAX 16
#define CONF_ROUTES_MAX 28 /* of IPv4, in one option of DHCP */
#define CONF_PATH_MAX 256
#define CONF_PEERS_MAX 1024
#define CONF_NEVER_MAX 16
#define CONF_RADIUS_MAX 8

/* A file's bytes with the name that errors show. */
struct conf_file {
	const char *name;
	const char *text;
	size_t len;
};

/* FILE:LINE: [section] text. line 0: about the file as a whole. */
struct conf_error {
	char file[CONF_PATH_MAX];
	int line;
	char text[256]; /* with the "[section] " in front where there is one */
};

/* Zero-initialise. At most 100 are kept, `count` goes on. */
struct conf_errors {
	struct conf_error *list;
	size_t count, kept;
};

void conf_errors_fini(struct conf_errors *errors);
void conf_errors_add(struct conf_errors *errors, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* family 4 or 6; ip in network order, 4 or 16 bytes */
struct conf_addr {
	uint8_t family;
	uint8_t ip[16];
};

/* IPv4, host order, both ends inside */
struct conf_range {
	uint32_t first, last;
};

#define CONF_SOCKET_PATH_MAX 108 /* as sockaddr_un has it */

/* Where a stream socket listens: an address with a port, or a path */
struct conf_socket {
	struct lns_addr addr;		 /* family 0: none */
	char path[CONF_SOCKET_PATH_MAX]; /* empty: none */
};

/* A RADIUS server: addr.port for authentication, acct_port for accounting */
struct conf_radius {
	struct lns_addr addr;
	uint16_t acct_port;
};

enum conf_data_path { DATA_PATH_AUTO, DATA_PATH_PTY, DATA_PATH_KERNEL };
enum conf_profile { PROFILE_COMPATIBLE, PROFILE_MODERN, PROFILE_LEGACY };
enum conf_marks { MARKS_OWN, MARKS_IKE };
enum conf_on_limit { ON_LIMIT_REFUSE, ON_LIMIT_REPLACE };
enum conf_order { ORDER_LOCAL, ORDER_RADIUS };
enum conf_proxy_auth { PROXY_IGNORE, PROXY_ACCEPT };

/* A tunnel secret. The parser knows only the file; os/secret.c reads it. */
struct conf_secret {
	char file[CONF_PATH_MAX]; /* empty: there is none */
	uint8_t bytes[LNS_SECRET_MAX];
	uint32_t len; /* 0: there is none, or it could not be read */
};

/* [peer NAME]; no address: any */
struct conf_peer {
	char name[sizeof(((struct lns_peer *)0)->name)];
	struct lns_prefix address[LNS_PEER_PREFIXES];
	size_t address_count;
	uint16_t port;
	char host_name[sizeof(((struct lns_peer *)0)->host_name)];
	struct conf_secret secret;
	bool hide_avps, dscp;
	enum lns_sequencing sequencing;
	enum conf_proxy_auth proxy_auth;
	uint32_t max_sessions;
};

/* Times in ms. Strings are empty for "none". Members are grouped by section and named as the keys.
 */
struct conf {
	struct {
		struct conf_addr listen[CONF_LISTEN_MAX];
		size_t listen_count;
		uint16_t port;
		enum conf_data_path data_path;
		char host_name[256]; /* empty: the machine's */
		mstime_t hello;
		uint32_t max_tunnels, max_sessions, max_half_open, retries;
		bool avp_strict, udp_checksum_data;
	} server;
	struct {
		bool manage, require, ikev2;
		char psk_file[CONF_PATH_MAX];
		char log_file[CONF_PATH_MAX]; /* empty: the journal */
		char certificate[128];
		enum conf_profile profile;
		char ike[512], esp[512];
		uint32_t mark_base;
		enum conf_marks marks;
	} ipsec;
	struct {
		struct conf_range pool[CONF_POOL_MAX];
		size_t pool_count;
		uint32_t gateway; /* filled in from the pool when the key is not given */
		uint32_t
			pool_gateway; /* what it is then: the first address of the pool's network */
		struct lns_prefix pool6; /* family 0: none */
		uint32_t dns[2], wins[2];
		size_t dns_count, wins_count;
		uint8_t dns6[2][16];
		size_t dns6_count;
		char search_domain[254];
		struct lns_prefix routes[CONF_ROUTES_MAX];
		size_t route_count;
		uint16_t mtu;
		bool nat, client_to_client;
	} network;
	struct {
		char pppd[CONF_PATH_MAX];
		char options_file[CONF_PATH_MAX];
		mstime_t lcp_echo;
	} ppp;
	struct {
		unsigned methods;
		char users_file[CONF_PATH_MAX];
		bool fold_names, strip_domain;
		struct conf_radius radius[CONF_RADIUS_MAX];
		size_t radius_count;
		char radius_secret_file[CONF_PATH_MAX];
		enum conf_order order; /* who is asked first, where there is RADIUS */
		mstime_t radius_timeout, radius_dead_time, radius_interim;
		struct lns_addr coa_listen; /* family 0: none */
		uint32_t max_sessions_per_user;
		enum conf_on_limit on_limit;
		mstime_t idle_timeout, session_timeout;
		uint32_t ban_after;
		mstime_t ban_time;
		struct lns_prefix ban_never[CONF_NEVER_MAX];
		size_t ban_never_count;
	} auth;
	struct {
		struct conf_socket listen;
	} metrics;
	struct {
		enum log_level level;
		uint32_t history_size; /* megabytes a file, of two; 0: no history */
	} log;
	struct conf_peer others; /* who is in no section: defaults, and server.tunnel-secret-file */
	struct conf_peer *peers; /* in the order in which their sections were first met */
	size_t peer_count;
};

/*
 * Parses files in turn, later ones over earlier ones, key by key. Gives a configuration, or NULL
 * with at least one error; all errors are collected, not only the first. A key whose feature is not
 * built is an error unless it stands at its off or default value. Free with conf_free(). `files`
 * may be empty: all defaults.
 */
struct conf *conf_parse(const struct conf_file *files, size_t count, struct conf_errors *errors);
/* Wipes the secrets. */
void conf_free(struct conf *conf);

/* The section's keys, or NULL when there is none of this name. */
const struct conf_peer *conf_peer(const struct conf *conf, const char *name);
/* The i-th tunnel secret and whose it is, NULL past the last: that of the others, then each
 * peer's. */
struct conf_peer *conf_secret_owner(struct conf *conf, size_t i);

/* The profiles' names and proposals, as libreswan's ike= (for IKEv1, and for IKEv2) and esp= take
 * them. ipsec.ike and ipsec.esp, where not empty, go before. */
const char *conf_profile_name(enum conf_profile profile);
const char *conf_profile_ike(enum conf_profile profile);
const char *conf_profile_ike2(enum conf_profile profile);
const char *conf_profile_esp(enum conf_profile profile);
/* The one proposal of ike= without which the profile serves none of the clients that it is there
 * for; NULL: there is no such. */
const char *conf_profile_needs(enum conf_profile profile);

/* When a changed key takes effect at a reload. */
enum conf_live { LIVE_NOW, LIVE_NEW, LIVE_RESTART };

/* Calls fn for each key that differs, with both values as text ("" for none), and for "sections" of
 * "peer" when these are others or in another order. No key holds a secret. */
typedef void conf_diff_fn(void *ctx, const char *section, const char *key, enum conf_live live,
			  const char *from, const char *to);
void conf_diff(const struct conf *from, const struct conf *to, conf_diff_fn *fn, void *ctx);

/* Gives `conf` the keys that need a restart as `held` has them, so that nobody can use them before.
 */
void conf_hold(struct conf *conf, const struct conf *held);

/* Walks the option table: the i-th key, or false past the last. Any pointer may be NULL. */
bool conf_option(size_t i, const char **section, const char **key, const char **def,
		 enum conf_live *live, bool *built);

#endif
