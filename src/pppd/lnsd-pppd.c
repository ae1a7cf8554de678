/*
 * The plugin: pppd asks the keeper who the client is and which address it gets, and tells it of the
 * link's ACCMs, of up and exit. No secret is here but the password that a PAP client has just sent,
 * wiped once it is passed on. pppd's hooks carry no context, hence the one static struct.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#if PPPD_API == 24
#include "pppd/ppp24.h"
#else
#include "pppd/ppp25.h"
#endif

#include "plink.h"

#define EXPORT __attribute__((visibility("default")))

/* How long pppd waits for an answer; a client gives up after about as long. */
#define ANSWER_SECONDS 10
/* How long a client may take to speak first, in the kernel's lane. */
#define PATIENCE_SECONDS 3
/* RFC 1662 §7.1: what both ends begin with, and keep when they do not negotiate it */
#define ACCM_DEFAULT 0xffffffffu
/* RFC 1334 §2 */
#define PAP_PROTOCOL 0xc023

struct plugin {
	int fd; /* the link, inherited; from the option lnsd-fd */
	enum plink_stage stage;
	int status;			  /* pppd's, when the link ended; -1: it has not */
	uint32_t send_accm, receive_accm; /* as the keeper knows them */
	bool asked;
	uint32_t address; /* what the keeper gave, host order; 0: none */
	bool peer_closed;
	/* The last login as it came: pppd's hooks get names and passwords with everything that is
	 * not ASCII rewritten, which breaks UTF-8 and the hash over the name. */
	char user[256];
	char password[256];
	size_t password_len;
	uint32_t eap;  /* the type of EAP that it came in; 0: it came by itself */
	bool admitted; /* the keeper has let the client in */
	/* CHAP with MD5 is allowed too: it is offered after MS-CHAPv2. pppd's own order is the
	 * other way round. */
	bool md5_too;
	fsm_callbacks lcp;		/* pppd's, with our nakci */
	const fsm_callbacks *lcp_pppds; /* as they were */
};

static struct plugin self = {.fd = -1,
			     .status = -1,
			     .stage = PLINK_SILENT,
			     .send_accm = ACCM_DEFAULT,
			     .receive_accm = ACCM_DEFAULT};

static int take_link(char **argv);
static int take_line(char **argv);

static option_t options[] = {
	{.name = "lnsd-fd",
	 .type = o_special,
	 .addr = (void *)take_link,
	 .description = "Descriptor of the link to lnsd",
	 .flags = OPT_PRIV},
	{.name = "lnsd-line",
	 .type = o_special,
	 .addr = (void *)take_line,
	 .description = "Descriptor of the session in the kernel",
	 .flags = OPT_PRIV},
	{.name = NULL},
};

/* what pppd looks up: the version must be its own */
EXPORT char pppd_version[] = API_VERSION;
EXPORT void plugin_init(void);

static bool
ask(union plink_msg *msg, uint32_t answer_kind)
{
	size_t len = plink_size(msg->kind, PLINK_FROM_PLUGIN);
	ssize_t n;

	if (send(self.fd, msg, len, MSG_NOSIGNAL) != (ssize_t)len) {
		error("lnsd: the daemon does not take a question: %s", strerror(errno));
		return false;
	}
	do
		n = recv(self.fd, msg, sizeof(*msg), 0);
	while (n < 0 && errno == EINTR);
	if (n <= 0 || !plink_valid(msg, (size_t)n, PLINK_FROM_KEEPER) || msg->kind != answer_kind) {
		error("lnsd: the daemon does not answer");
		return false;
	}
	return true;
}

/* pppd exits at once: what the link does not take now is lost, and the keeper sees the exit. */
static void
tell(const union plink_msg *msg)
{
	if (send(self.fd, msg, plink_size(msg->kind, PLINK_FROM_PLUGIN),
		 MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		warn("lnsd: the daemon is not there: %s", strerror(errno));
}

/* The scripts that pppd starts must not have the link, and a wait must end. 1: taken. */
static int
take_link(char **argv)
{
	struct timeval limit = {.tv_sec = ANSWER_SECONDS};

	if (!api_int_option(*argv, &self.fd))
		return 0;
	if (fcntl(self.fd, F_SETFD, FD_CLOEXEC) < 0 ||
	    setsockopt(self.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0)
		fatal("lnsd-fd %d is not the link to lnsd: this plugin is started by lnsd alone",
		      self.fd);
	return 1;
}

/* The client has said nothing: it may be one that waits to be spoken to. */
static void
begin(void *ctx)
{
	(void)ctx;
	if (lcp_fsm[0].state != STOPPED)
		return;
	lcp_wantoptions[0].silent = 0;
	lcp_open(0);
	lcp_lowerdown(0);
	lcp_lowerup(0);
}

/*
 * A session in the kernel (pppol2tp.so takes it) in place of a tty. A tty would hang up when the
 * daemon is no more; here pppd has to be told. And it has been started with `silent`.
 */
static int
take_line(char **argv)
{
	int fd;

	if (!api_int_option(*argv, &fd))
		return 0;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || prctl(PR_SET_PDEATHSIG, SIGHUP) < 0)
		fatal("lnsd-line %d is no session: this plugin is started by lnsd alone", fd);
	api_timeout(begin, PATIENCE_SECONDS);
	return 1;
}

/* Secrets exist: the keeper has them. */
static int
have_secrets(void)
{
	return 1;
}

/* RFC 1994 §4.1: Value-Size, Value, Name */
static void
note_chap_response(const unsigned char *p, size_t len)
{
	if (len < 1 || len < 1u + p[0] || len - 1 - p[0] >= sizeof(self.user))
		return;
	memcpy(self.user, p + 1 + p[0], len - 1 - p[0]);
	self.user[len - 1 - p[0]] = '\0';
}

/* RFC 1334 §2.2.1: Peer-ID Length, Peer-ID, Passwd-Length, Password */
static void
note_pap_request(const unsigned char *p, size_t len)
{
	if (len < 1 || len < 2u + p[0] || len < 2u + p[0] + p[1 + p[0]])
		return;

	const unsigned char *password = p + 1 + p[0];

	memcpy(self.user, p + 1, p[0]);
	self.user[p[0]] = '\0';
	self.password_len = password[0];
	memcpy(self.password, password + 1, password[0]);
}

/* RFC 3748 §5: Type, Type-Data; of MSCHAPv2 OpCode, MS-CHAPv2-ID, MS-Length and then as in CHAP */
static void
note_eap_response(const unsigned char *p, size_t len)
{
	enum { OPCODE_RESPONSE = 2, HEADER = 5 };

	if (len < 1)
		return;
	self.eap = p[0];
	if (p[0] == EAP_MSCHAPV2 && len > HEADER && p[1] == OPCODE_RESPONSE)
		note_chap_response(p + HEADER, len - HEADER);
}

/* Every frame as it comes in, address and control field first, before pppd looks at it. */
static void
see_frame(unsigned char *p, int frame_len)
{
	enum { PPP_HEADER = 4, HEADER = 4 };
	enum { LCP_TERM_REQ = 5, CHAP_RESP = 2, PAP_REQ = 1, EAP_RESP = 2 };

	if (frame_len < PPP_HEADER + HEADER)
		return;

	unsigned protocol = (unsigned)p[2] << 8 | p[3];
	unsigned code = p[4];
	size_t len = (size_t)p[6] << 8 | p[7];

	if (len < HEADER || len > (size_t)frame_len - PPP_HEADER)
		return;
	if (protocol == 0xc021 && self.stage == PLINK_SILENT)
		self.stage = PLINK_HEARD;
	if (protocol == 0xc021 && code == LCP_TERM_REQ)
		self.peer_closed = true;
	else if (protocol == 0xc227 && code == EAP_RESP)
		note_eap_response(p + 8, len - HEADER);
	else if (protocol == 0xc223 && code == CHAP_RESP)
		self.eap = 0, note_chap_response(p + 8, len - HEADER);
	else if (protocol == PAP_PROTOCOL && code == PAP_REQ)
		self.eap = 0, note_pap_request(p + 8, len - HEADER);
}

/* Every frame before it goes out. What pppd judges in EAP by itself nobody else is told of before
 * the client is, which then may hang up first. */
static void
see_answer(unsigned char *p, int frame_len)
{
	enum { CODE = 4, EAP_FAILURE = 4 };
	union plink_msg msg = {.plain = {.kind = PLINK_REFUSED}};

	if (frame_len > CODE && p[2] == 0xc2 && p[3] == 0x27 && p[CODE] == EAP_FAILURE)
		tell(&msg);
}

static bool
login(union plink_msg *msg, const char *name, char *message, size_t message_space)
{
	bool ok;

	msg->kind = PLINK_AUTH;
	msg->auth.proof.eap = self.eap;
	snprintf(msg->auth.proof.user, sizeof(msg->auth.proof.user), "%s",
		 self.user[0] ? self.user : name);
	ok = ask(msg, PLINK_AUTH_REPLY);
	snprintf(message, message_space, "%s", ok ? msg->auth_reply.message : "E=691 R=0");
	ok = ok && msg->auth_reply.ok;
	self.admitted = ok;
	explicit_bzero(msg, sizeof(*msg));
	explicit_bzero(self.user, sizeof(self.user));
	return ok;
}

/* Challenge and response have their length in the first byte. MS-CHAP version 1 is refused. */
static int
chap_verify(char *name, char *ourname, int id, struct chap_digest_type *digest,
	    unsigned char *challenge, unsigned char *response, char *message, int message_space)
{
	union plink_msg msg = {.auth = {.proof = {.id = (uint32_t)id & 255}}};
	struct proof *proof = &msg.auth.proof;

	(void)ourname;
	if (digest->code == CHAP_MICROSOFT_V2)
		proof->method = METHOD_MSCHAPV2;
	else if (digest->code == CHAP_MD5)
		proof->method = METHOD_CHAP;
	proof->challenge_len = challenge[0];
	memcpy(proof->challenge, challenge + 1, challenge[0]);
	proof->response_len = response[0];
	memcpy(proof->response, response + 1, response[0]);
	msg.kind = PLINK_AUTH;
	if (!plink_valid(&msg, sizeof(msg.auth), PLINK_FROM_PLUGIN)) {
		snprintf(message, (size_t)message_space, "E=691 R=0");
		return 0;
	}
	return login(&msg, name, message, (size_t)message_space);
}

static int
pap_auth(char *name, char *rewritten, char **msgp, struct wordlist **paddrs,
	 struct wordlist **popts)
{
	static char message[sizeof(((struct plink_auth_reply *)0)->message)];
	union plink_msg msg = {.auth = {.proof = {.method = METHOD_PAP}}};
	bool ok;

	(void)rewritten;
	*paddrs = NULL;
	*popts = NULL;
	msg.auth.proof.response_len = (uint32_t)self.password_len;
	memcpy(msg.auth.proof.response, self.password, self.password_len);
	explicit_bzero(self.password, sizeof(self.password));
	self.password_len = 0;
	ok = login(&msg, name, message, sizeof(message));
	*msgp = message;
	return ok;
}

/*
 * EAP is over and pppd is content. With MSCHAPv2 the keeper was asked (chap_verify). With TLS pppd
 * itself has verified the certificate, and that its CN is the name here; the keeper says whether
 * the account may come in. Other types, for which pppd takes secrets from its own files, the keeper
 * refuses. The type is that of the frame in work: what a client sends besides cannot change it.
 * Without EAP there is nothing to ask: the keeper was asked, or has what the LAC heard.
 */
static void
on_auth_up(void *ctx, int arg)
{
	union plink_msg msg = {.auth = {.proof = {.method = METHOD_EAP}}};
	char message[sizeof(((struct plink_auth_reply *)0)->message)];
	char name[sizeof(msg.auth.proof.user)];

	(void)ctx, (void)arg;
	if (self.admitted || !lcp_gotoptions[0].neg_eap)
		return;
	explicit_bzero(self.user, sizeof(self.user));
	api_peer_authname(name, sizeof(name));
	if (!login(&msg, name, message, sizeof(message))) {
		api_set_auth_failed();
		lcp_close(0, "Access denied");
	}
}

/* RFC 1661 §6.2: the protocol of the Authentication-Protocol option; 0 when there is none */
static unsigned
find_auth(const unsigned char *p, int len)
{
	enum { AUTHENTICATION_PROTOCOL = 3 };

	for (; len >= 4 && p[1] >= 2 && p[1] <= len; len -= p[1], p += p[1])
		if (p[0] == AUTHENTICATION_PROTOCOL && p[1] >= 4)
			return (unsigned)p[2] << 8 | p[3];
	return 0;
}

/*
 * The client's Configure-Nak, or its Reject as a hint: when it does not want MS-CHAPv2 and has
 * asked for nothing else that we take, CHAP with MD5 comes next.
 */
static int
on_nak(fsm *f, unsigned char *p, int len, int treat_as_reject)
{
	lcp_options *ours = &lcp_gotoptions[0];
	bool v2 = ours->neg_chap && !ours->neg_eap && ours->chap_mdtype == MDTYPE_MICROSOFT_V2;
	int ok = self.lcp_pppds->nakci(f, p, len, treat_as_reject);
	bool pap = ours->neg_upap && find_auth(p, len) == PAP_PROTOCOL;

	if (ok && v2 && self.md5_too && !ours->neg_chap && !pap) {
		ours->neg_chap = 1;
		ours->chap_mdtype = MDTYPE_MD5;
	}
	return ok;
}

/* Before LCP begins: what pppd would offer first is kept for second. */
static void
order_methods(void)
{
	lcp_options *wanted = &lcp_wantoptions[0];

	if (self.lcp_pppds)
		return;
	self.md5_too = wanted->neg_chap && wanted->chap_mdtype & MDTYPE_MD5 &&
		       wanted->chap_mdtype & MDTYPE_MICROSOFT_V2;
	if (self.md5_too)
		wanted->chap_mdtype = MDTYPE_MICROSOFT_V2;
	self.lcp_pppds = lcp_fsm[0].callbacks;
	self.lcp = *self.lcp_pppds;
	self.lcp.nakci = on_nak;
	lcp_fsm[0].callbacks = &self.lcp;
}

/* Empty: not given. */
static void
set_text(const char *name, const char *value)
{
	if (value[0])
		api_setenv(name, value);
}

static void
set_number(const char *name, uint32_t value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	set_text(name, value ? text : "");
}

/* What pppd's scripts find in their environment (lnsd(8), SCRIPTS): the account's name
 * in the place where pppd keeps the name that it was told, and the call. */
static void
tell_scripts(const struct plink_address_reply *reply)
{
	const struct call *call = &reply->call;
	char session[16];

	snprintf(session, sizeof(session), "%u-%u", reply->tid & 0xffff, reply->sid & 0xffff);
	set_text("PEERNAME", reply->user);
	set_text("LNSD_SESSION", session);
	set_text("CALLING_NUMBER", call->calling);
	set_text("CALLED_NUMBER", call->called);
	set_text("SUB_ADDRESS", call->sub_address);
	set_number("CALL_SERIAL_NUMBER", call->serial);
	set_number("TX_CONNECT_SPEED", call->tx_speed);
	set_number("RX_CONNECT_SPEED", call->rx_speed);
}

/* What the account has of its own, in place of what pppd was started with. */
static void
take_grant(const struct plink_address_reply *reply)
{
	if (reply->idle_timeout_s)
		api_set_idle(reply->idle_timeout_s);
	for (unsigned i = 0; reply->dns_count && i < 2; i++)
		ipcp_allowoptions[0].dnsaddr[i] = i < reply->dns_count ? htonl(reply->dns[i]) : 0;
}

/* IPCP begins, perhaps for the second time: the address stays the same. Without one the keeper
 * ends this pppd. */
static void
choose_address(uint32_t *address)
{
	union plink_msg msg = {.up = {.kind = PLINK_ADDRESS}};

	if (!self.asked) {
		self.asked = true;
		snprintf(msg.up.ifname, sizeof(msg.up.ifname), "%s", api_ifname());
		if (ask(&msg, PLINK_ADDRESS_REPLY) && msg.address_reply.ok) {
			self.address = msg.address_reply.address;
			take_grant(&msg.address_reply);
			tell_scripts(&msg.address_reply);
		}
	}
	*address = htonl(self.address);
}

static int
address_allowed(uint32_t address)
{
	return self.address != 0 && address == htonl(self.address);
}

/* LCP is open, perhaps anew. To the client goes what it wants to have escaped, from it comes what
 * we want. */
static void
note_accms(void)
{
	const lcp_options *ours = &lcp_gotoptions[0], *its = &lcp_hisoptions[0];
	union plink_msg msg = {
		.lcp = {.kind = PLINK_LCP,
			.send_accm = its->neg_asyncmap ? its->asyncmap : ACCM_DEFAULT,
			.receive_accm = ours->neg_asyncmap ? ours->asyncmap : ACCM_DEFAULT}};

	if (msg.lcp.send_accm == self.send_accm && msg.lcp.receive_accm == self.receive_accm)
		return;
	self.send_accm = msg.lcp.send_accm;
	self.receive_accm = msg.lcp.receive_accm;
	tell(&msg);
}

/*
 * The line is set up when LCP begins. A link that ends goes through earlier phases again: what
 * counts is the best that it reached. And the reason is taken when it ends: pppd 2.4.9 may look at
 * its line once more, find nothing there, and exit with "the line was closed" for what was a time
 * limit.
 */
static void
on_phase(void *ctx, int now)
{
	enum plink_stage stage = now == PHASE_AUTHENTICATE ? PLINK_OPEN
				 : now == PHASE_NETWORK	   ? PLINK_PROVED
							   : PLINK_UNKNOWN;
	const union plink_msg started = {.plain = {.kind = PLINK_STARTED}};

	(void)ctx;
	if (stage == PLINK_UNKNOWN && self.stage == PLINK_SILENT)
		order_methods();
	if (now == PHASE_ESTABLISH && self.stage == PLINK_SILENT)
		tell(&started);
	if (stage == PLINK_OPEN)
		note_accms();
	if (stage > self.stage)
		self.stage = stage;
	if (now == PHASE_DISCONNECT && self.status < 0)
		self.status = api_status();
}

static void
tell_up(uint32_t kind)
{
	union plink_msg msg = {.up = {.kind = kind}};

	snprintf(msg.up.ifname, sizeof(msg.up.ifname), "%s", api_ifname());
	tell(&msg);
}

/* PHASE_RUNNING would be no sign of it: IPV6CP brings that about as well. */
static void
on_ip_up(void *ctx, int arg)
{
	(void)ctx, (void)arg;
	self.stage = PLINK_RUNNING;
	tell_up(PLINK_UP);
}

static void
on_ipv6_up(void *ctx, int arg)
{
	(void)ctx, (void)arg;
	tell_up(PLINK_UP6);
}

static void
on_exit_pppd(void *ctx, int code)
{
	union plink_msg msg = {
		.down = {.kind = PLINK_DOWN,
			 .status = (uint32_t)(self.status < 0 ? api_status() : self.status),
			 .stage = self.stage,
			 .peer_closed = self.peer_closed}};

	(void)ctx, (void)code;
	tell(&msg);
}

void
plugin_init(void)
{
	api_add_options(options);
	chap_check_hook = have_secrets;
	pap_check_hook = have_secrets;
	chap_verify_hook = chap_verify;
	pap_auth_hook = pap_auth;
	ip_choose_hook = choose_address;
	allowed_address_hook = address_allowed;
	snoop_recv_hook = see_frame;
	snoop_send_hook = see_answer;
	api_on_phase(on_phase);
	api_on_auth_up(on_auth_up);
	api_on_ip_up(on_ip_up);
	api_on_ipv6_up(on_ipv6_up);
	api_on_exit(on_exit_pppd);
}
