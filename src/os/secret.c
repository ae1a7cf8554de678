#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A line's end may be CR LF; a byte more shows a file that is longer. */
#define LINE_MAX_BYTES (LNS_SECRET_MAX + 3)

static bool
refuse(char why[SECRET_WHY_MAX], const char *what, const char *fix)
{
	snprintf(why, SECRET_WHY_MAX, "%s: %s", what, fix);
	return false;
}

/* The line of what was read; false: `why` says why it is none. */
static bool
take_line(struct conf_secret *secret, const char *bytes, size_t len, char why[SECRET_WHY_MAX])
{
	static const char fix[] = "write the secret into it as one line of 1 to 128 bytes";

	if (len > 0 && bytes[len - 1] == '\n')
		len--;
	if (len > 0 && bytes[len - 1] == '\r')
		len--;
	if (len == 0)
		return refuse(why, "is empty", fix);
	if (memchr(bytes, '\n', len) || memchr(bytes, '\r', len) || memchr(bytes, '\0', len))
		return refuse(why, "is more than one line of text", fix);
	if (len > LNS_SECRET_MAX)
		return refuse(why, "is too long", fix);
	memcpy(secret->bytes, bytes, len);
	secret->len = (uint32_t)len;
	return true;
}

static bool
read_line(struct conf_secret *secret, int fd, char why[SECRET_WHY_MAX])
{
	char bytes[LINE_MAX_BYTES];
	ssize_t n = read(fd, bytes, sizeof(bytes));
	bool ok = n < 0 ? refuse(why, "cannot be read", strerror(errno))
			: take_line(secret, bytes, (size_t)n, why);

	explicit_bzero(bytes, sizeof(bytes));
	return ok;
}

/* *mode: of the file, when it could be opened. Opens without waiting, so that a FIFO does not hang
 * us. */
static bool
read_file(struct conf_secret *secret, mode_t *mode, char why[SECRET_WHY_MAX])
{
	int fd = open(secret->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	bool ok;

	explicit_bzero(secret->bytes, sizeof(secret->bytes));
	secret->len = 0;
	*mode = 0;
	if (fd < 0 || fstat(fd, &st) < 0) {
		snprintf(why, SECRET_WHY_MAX, "cannot be read: %s", strerror(errno));
		ok = false;
	} else if (!S_ISREG(st.st_mode)) {
		ok = refuse(why, "is no regular file", "name another one");
	} else {
		*mode = st.st_mode & 07777;
		ok = read_line(secret, fd, why);
	}
	if (fd >= 0)
		close(fd);
	return ok;
}

bool
secret_read(struct conf_secret *secret, char why[SECRET_WHY_MAX])
{
	mode_t mode;

	return read_file(secret, &mode, why);
}

const char *
secret_loss(const struct conf_peer *owner, char text[SECRET_WHY_MAX])
{
	if (owner->name[0])
		snprintf(text, SECRET_WHY_MAX, "[peer %s] is refused", owner->name);
	else
		snprintf(text, SECRET_WHY_MAX, "peers without a [peer] section are refused");
	return text;
}

void
secrets_read(struct conf *conf, struct conf_errors *faults)
{
	struct conf_peer *owner;

	for (size_t i = 0; (owner = conf_secret_owner(conf, i)); i++) {
		struct conf_secret *secret = &owner->secret;
		char why[SECRET_WHY_MAX], loss[SECRET_WHY_MAX];
		mode_t mode;

		if (!secret->file[0])
			continue;
		if (!read_file(secret, &mode, why))
			conf_errors_add(faults, secret->file, 0, "%s; %s until it can be used", why,
					secret_loss(owner, loss));
		if (mode & (S_IRWXG | S_IRWXO))
			conf_errors_add(faults, secret->file, 0,
					"mode %04o lets others at the secret: chmod 600 %s",
					(unsigned)mode, secret->file);
	}
}
