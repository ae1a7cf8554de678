#include "keeper/leases.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keeper/state.h"
#include "log.h"

#define FOLDER "/var/lib/lnsd"
#define FILE_NAME FOLDER "/addresses"
#define FILE_NEW FILE_NAME ".new"

static const char *
ip_text(char out[INET_ADDRSTRLEN], uint32_t address)
{
	struct in_addr in = {.s_addr = htonl(address)};

	return inet_ntop(AF_INET, &in, out, INET_ADDRSTRLEN);
}

/* ── over an end of lnsd ────────────────────────────────────────────────────────────────── */

bool
leases_start(struct keeper *keeper)
{
	char line[STICKY_LINE_MAX + 1];
	FILE *file;

	keeper->sticky = sticky_new();
	if (!keeper->sticky)
		return false;
	file = fopen(FILE_NAME, "re");
	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		sticky_read(keeper->sticky, line);
	}
	if (file)
		fclose(file);
	return true;
}

static bool
write_all(FILE *file, const struct sticky *sticky)
{
	char line[STICKY_LINE_MAX];
	size_t place = 0;
	bool ok = true;

	while (ok && sticky_write(sticky, &place, line))
		ok = fprintf(file, "%s\n", line) > 0;
	return fclose(file) == 0 && ok;
}

void
leases_stop(struct keeper *keeper)
{
	FILE *file = NULL;
	int fd;

	if (!keeper->sticky)
		return;
	mkdir(FOLDER, 0750);
	fd = open(FILE_NEW, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0)
		file = fdopen(fd, "w");
	if (!file || !write_all(file, keeper->sticky) || rename(FILE_NEW, FILE_NAME) < 0)
		log_warning("who had which address is not kept: %s: %s", FILE_NAME,
			    strerror(errno));
	sticky_free(keeper->sticky);
	keeper->sticky = NULL;
}

/* ── one session ────────────────────────────────────────────────────────────────────────── */

struct search {
	const struct session_info *self;
	uint32_t address;
	char user[256]; /* escaped; "" while nobody has it */
};

static bool
holds(void *ctx, struct session_info *info)
{
	struct search *search = ctx;

	if (info == search->self || info->address != search->address)
		return true;
	log_escape(search->user, sizeof(search->user), info->user, strlen(info->user));
	return false;
}

static void
say_fixed(struct keeper *keeper, const struct session_info *info, char *text, size_t cap)
{
	struct search search = {.self = info, .address = info->grant.address};
	char ip[INET_ADDRSTRLEN];

	session_each(keeper, holds, &search);
	if (info->grant.address == keeper->gateway)
		snprintf(text, cap, "the user's address %s is the gateway's own",
			 ip_text(ip, info->grant.address));
	else if (search.user[0])
		snprintf(text, cap, "the user's address %s is in use by \"%.40s\"",
			 ip_text(ip, info->grant.address), search.user);
	else
		snprintf(text, cap, "the user's address %s is still in use",
			 ip_text(ip, info->grant.address));
}

bool
lease_take(struct keeper *keeper, struct session_info *info, char *text, size_t cap)
{
	uint32_t wishes[STICKY_WISHES];
	size_t count;

	if (info->grant.address) {
		if (pool_take_fixed(keeper->pool, info->grant.address))
			info->address = info->grant.address;
		else
			say_fixed(keeper, info, text, cap);
		return info->address != 0;
	}
	count = sticky_wishes(keeper->sticky, info->user, wishes);
	info->address = pool_take(keeper->pool, wishes, count);
	if (info->address) {
		sticky_note(keeper->sticky, info->user, info->address);
		return true;
	}
	snprintf(text, cap, "address pool is exhausted (%zu in use): enlarge network.pool",
		 pool_used(keeper->pool));
	problem_set(keeper, PROBLEM_POOL, "warning", "address pool is exhausted",
		    "enlarge network.pool and reload");
	return false;
}

void
lease_give(struct keeper *keeper, struct session_info *info)
{
	if (!info->address)
		return;
	pool_give(keeper->pool, info->address);
	info->address = 0;
	if (!pool_exhausted(keeper->pool))
		problem_set(keeper, PROBLEM_POOL, "", "", "");
}

/* ── a reload ───────────────────────────────────────────────────────────────────────────── */

static void
warn_of_conflict(const struct session_info *info, const struct users *users)
{
	char ip[INET_ADDRSTRLEN], owner[256] = "", holder[256];

	for (size_t i = 0; i < users->count && !owner[0]; i++)
		if (users->list[i].grant.address == info->address)
			log_escape(owner, sizeof(owner), users->list[i].name,
				   strlen(users->list[i].name));
	log_escape(holder, sizeof(holder), info->user, strlen(info->user));
	log_warning("address %s of user=\"%s\" is in use by user=\"%s\" session=%u-%u: it is free "
		    "when that session ends",
		    ip_text(ip, info->address), owner, holder, info->ref.tid, info->ref.sid);
}

static bool
look_at(void *ctx, struct session_info *info)
{
	const struct keeper *keeper = ctx;
	const struct user *user = users_find(keeper->users, info->user);

	if (info->address && pool_reserved(keeper->pool, info->address) &&
	    !(user && user->grant.address == info->address))
		warn_of_conflict(info, keeper->users);
	return true;
}

void
leases_look_for_conflicts(struct keeper *keeper)
{
	session_each(keeper, look_at, keeper);
}
