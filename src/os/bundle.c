/* Reads the configuration's files, and carries them over the wall. */
#include "bundle.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES_MAX (1u << 20)
#define FILES_MAX 256
#define SECRETS_MAX (CONF_PEERS_MAX + 1)
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/*
 * In memory and in the memfd alike: for each file its name, a NUL, its text, a NUL; the memfd has
 * this header and the lengths before, and the secrets behind.
 */
#define MAGIC 0x6c6e7364u /* "lnsd" */
struct header {
	uint32_t magic, count, secrets;
};
struct entry {
	uint32_t name_len, text_len;
};

/* What bundle_read() fills; offsets, because the bytes move while they grow. */
struct builder {
	char *bytes;
	size_t len, room;
	struct entry entries[FILES_MAX];
	size_t count;
};

static void
wipe_and_free(void *bytes, size_t len)
{
	if (bytes)
		explicit_bzero(bytes, len);
	free(bytes);
}

/* Lays the files over the bytes, which it takes. */
static bool
lay_out(struct bundle *bundle, char *bytes, const struct entry *entries, size_t count)
{
	char *next = bytes;

	bundle->bytes = bytes;
	bundle->count = count;
	bundle->files = calloc(count ? count : 1, sizeof(*bundle->files));
	if (!bundle->files)
		return false;
	for (size_t i = 0; i < count; i++) {
		bundle->files[i].name = next;
		next += entries[i].name_len + 1;
		bundle->files[i].text = next;
		bundle->files[i].len = entries[i].text_len;
		next += entries[i].text_len + 1;
	}
	return true;
}

void
bundle_fini(struct bundle *bundle)
{
	for (size_t i = 0; bundle->files && i < bundle->count; i++)
		explicit_bzero((char *)(uintptr_t)bundle->files[i].text, bundle->files[i].len);
	wipe_and_free(bundle->secrets, bundle->secret_count * sizeof(*bundle->secrets));
	free(bundle->files);
	free(bundle->bytes);
	memset(bundle, 0, sizeof(*bundle));
}

/* Reads what fd has, FILE_BYTES_MAX + 1 at most, so that a file that grows is seen. */
static ssize_t
read_whole(int fd, char *buffer)
{
	size_t len = 0;

	while (len < FILE_BYTES_MAX + 1) {
		ssize_t n = read(fd, buffer + len, FILE_BYTES_MAX + 1 - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/* Not realloc(), which would leave secrets behind. */
static bool
make_room(struct builder *builder, size_t more)
{
	size_t room = 2 * builder->room + more;
	char *bytes;

	if (builder->bytes && builder->len + more <= builder->room)
		return true;
	bytes = malloc(room);
	if (!bytes)
		return false;
	if (builder->bytes)
		memcpy(bytes, builder->bytes, builder->len);
	wipe_and_free(builder->bytes, builder->len);
	builder->bytes = bytes;
	builder->room = room;
	return true;
}

static bool
append(struct builder *builder, const char *name, const char *text, size_t text_len)
{
	size_t name_len = strlen(name), more = name_len + text_len + 2;
	char *end;

	if (!make_room(builder, more))
		return false;
	end = builder->bytes + builder->len;
	memcpy(end, name, name_len + 1);
	memcpy(end + name_len + 1, text, text_len);
	end[more - 1] = '\0';
	builder->len += more;
	builder->entries[builder->count++] = (struct entry){(uint32_t)name_len, (uint32_t)text_len};
	return true;
}

/* What to do about a file that does not open. */
static const char *
advice(int error)
{
	switch (error) {
	case ENOENT:
		return ": create it, or name another file";
	case EACCES:
	case EPERM:
		return ": run this as root";
	default:
		return "";
	}
}

/* Opens without waiting, so that a FIFO does not hang us; then only a regular file is read. */
static bool
add_file(struct builder *builder, const char *path, struct conf_errors *errors)
{
	size_t before = errors->count;
	char *text = NULL;
	struct stat st;
	ssize_t len = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 || fstat(fd, &st) < 0) {
		conf_errors_add(errors, path, 0, "cannot be read: %s%s", strerror(errno),
				advice(errno));
	} else if (!S_ISREG(st.st_mode)) {
		conf_errors_add(errors, path, 0, "is no regular file");
	} else if (!(text = malloc(FILE_BYTES_MAX + 1))) {
		conf_errors_add(errors, path, 0, "out of memory");
	} else {
		len = read_whole(fd, text);
		if (len < 0)
			conf_errors_add(errors, path, 0, "cannot be read: %s", strerror((int)-len));
		else if ((size_t)len > FILE_BYTES_MAX)
			conf_errors_add(errors, path, 0,
					"is larger than 1 MiB: split or shorten it");
		else if (memchr(text, '\0', (size_t)len))
			conf_errors_add(errors, path, 0, "has NUL bytes: it is no text file");
		else if (builder->count == FILES_MAX || !append(builder, path, text, (size_t)len))
			conf_errors_add(errors, path, 0, "more files than memory, or %d, can hold",
					FILES_MAX);
	}
	wipe_and_free(text, text ? FILE_BYTES_MAX + 1 : 0);
	if (fd >= 0)
		close(fd);
	return errors->count == before;
}

static int
is_drop_in(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 && strcmp(entry->d_name + len - 5, ".conf") == 0;
}

/* In the order of their bytes, whatever the locale. */
static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void
add_drop_ins(struct builder *builder, const char *path, struct conf_errors *errors)
{
	char dir[CONF_PATH_MAX], file[2 * CONF_PATH_MAX + 8];
	struct dirent **list;
	int count;

	snprintf(dir, sizeof(dir), "%s.d", path);
	count = scandir(dir, &list, is_drop_in, by_bytes);
	if (count < 0) {
		if (errno != ENOENT)
			conf_errors_add(errors, dir, 0, "cannot be read: %s%s", strerror(errno),
					advice(errno));
		return;
	}
	for (int i = 0; i < count; i++) {
		snprintf(file, sizeof(file), "%s/%s", dir, list[i]->d_name);
		(void)add_file(builder, file, errors);
		free(list[i]);
	}
	free(list);
}

static bool
finish(struct bundle *bundle, struct builder *builder, const char *path, struct conf_errors *errors,
       size_t before)
{
	if (errors->count == before) {
		if (lay_out(bundle, builder->bytes, builder->entries, builder->count))
			return true;
		conf_errors_add(errors, path, 0, "out of memory");
	}
	wipe_and_free(builder->bytes, builder->len);
	memset(bundle, 0, sizeof(*bundle));
	return false;
}

bool
bundle_read(struct bundle *bundle, const char *path, struct conf_errors *errors)
{
	struct builder builder = {0};
	size_t before = errors->count;

	memset(bundle, 0, sizeof(*bundle));
	if (strlen(path) + 3 > CONF_PATH_MAX)
		conf_errors_add(errors, path, 0, "the path is longer than %d bytes",
				CONF_PATH_MAX - 3);
	else if (add_file(&builder, path, errors))
		add_drop_ins(&builder, path, errors);
	return finish(bundle, &builder, path, errors, before);
}

bool
bundle_read_one(struct bundle *bundle, const char *path, struct conf_errors *errors)
{
	struct builder builder = {0};
	size_t before = errors->count;

	memset(bundle, 0, sizeof(*bundle));
	(void)add_file(&builder, path, errors);
	return finish(bundle, &builder, path, errors, before);
}

static int
write_whole(int fd, const void *bytes, size_t len)
{
	const char *p = bytes;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
write_secrets(struct conf *conf, int fd)
{
	const struct conf_peer *owner;
	int rc = 0;

	for (size_t i = 0; rc == 0 && (owner = conf_secret_owner(conf, i)); i++) {
		struct bundle_secret secret = {.len = owner->secret.len};

		memcpy(secret.bytes, owner->secret.bytes, sizeof(secret.bytes));
		rc = write_whole(fd, &secret, sizeof(secret));
		explicit_bzero(&secret, sizeof(secret));
	}
	return rc;
}

static int
write_files(const struct bundle *bundle, size_t secrets, int fd)
{
	struct header header = {MAGIC, (uint32_t)bundle->count, (uint32_t)secrets};
	int rc = write_whole(fd, &header, sizeof(header));

	for (size_t i = 0; rc == 0 && i < bundle->count; i++) {
		struct entry entry = {(uint32_t)strlen(bundle->files[i].name),
				      (uint32_t)bundle->files[i].len};

		rc = write_whole(fd, &entry, sizeof(entry));
	}
	for (size_t i = 0; rc == 0 && i < bundle->count; i++) {
		const struct conf_file *file = &bundle->files[i];

		rc = write_whole(fd, file->name, strlen(file->name) + 1);
		if (rc == 0)
			rc = write_whole(fd, file->text, file->len);
		if (rc == 0)
			rc = write_whole(fd, "", 1);
	}
	return rc;
}

int
bundle_to_memfd(const struct bundle *bundle, struct conf *conf)
{
	int fd = memfd_create("lnsd-conf", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int rc;

	if (fd < 0)
		return -errno;
	rc = write_files(bundle, conf->peer_count + 1, fd);
	if (rc == 0)
		rc = write_secrets(conf, fd);
	if (rc == 0 && fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		rc = -errno;
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

/* Each name and text lies inside and ends with a NUL, and `rest` bytes are left over. */
static bool
is_whole(const struct entry *entries, size_t count, const char *bytes, size_t len, size_t rest)
{
	for (size_t i = 0; i < count; i++) {
		size_t name = entries[i].name_len, text = entries[i].text_len;

		if (name >= len || bytes[name] != '\0' || memchr(bytes, '\0', name))
			return false;
		bytes += name + 1;
		len -= name + 1;
		if (text >= len || bytes[text] != '\0')
			return false;
		bytes += text + 1;
		len -= text + 1;
	}
	return len == rest;
}

/* Lengths are checked, for the core copies so many bytes. */
static bool
take_secrets(struct bundle *bundle, const char *bytes, size_t count)
{
	bundle->secrets = calloc(count ? count : 1, sizeof(*bundle->secrets));
	if (!bundle->secrets)
		return false;
	bundle->secret_count = count;
	memcpy(bundle->secrets, bytes, count * sizeof(*bundle->secrets));
	for (size_t i = 0; i < count; i++) {
		if (bundle->secrets[i].len > sizeof(bundle->secrets[i].bytes))
			return false;
	}
	return true;
}

static bool
copy_out(struct bundle *bundle, const char *map, size_t len)
{
	struct entry entries[FILES_MAX];
	struct header header;
	size_t rest;
	char *bytes;

	memcpy(&header, map, sizeof(header));
	rest = header.secrets * sizeof(struct bundle_secret);
	if (header.magic != MAGIC || header.count > FILES_MAX || header.secrets > SECRETS_MAX ||
	    len - sizeof(header) < header.count * sizeof(struct entry))
		return false;
	memcpy(entries, map + sizeof(header), header.count * sizeof(struct entry));
	map += sizeof(header) + header.count * sizeof(struct entry);
	len -= sizeof(header) + header.count * sizeof(struct entry);
	if (!is_whole(entries, header.count, map, len, rest))
		return false;
	len -= rest;
	bytes = malloc(len + 1);
	if (!bytes)
		return false;
	memcpy(bytes, map, len);
	if (lay_out(bundle, bytes, entries, header.count) &&
	    take_secrets(bundle, map + len, header.secrets))
		return true;
	bundle_fini(bundle);
	return false;
}

bool
bundle_from_memfd(struct bundle *bundle, int fd)
{
	struct stat st;
	size_t len;
	char *map;
	int seals;
	bool ok;

	memset(bundle, 0, sizeof(*bundle));
	/* Only what nobody can change or shorten under us. */
	seals = fcntl(fd, F_GET_SEALS);
	if (seals < 0 || (seals & SEALS) != SEALS || fstat(fd, &st) < 0)
		return false;
	if (st.st_size < (off_t)sizeof(struct header) ||
	    st.st_size > (off_t)FILES_MAX * (off_t)(FILE_BYTES_MAX + 2 * CONF_PATH_MAX + 64) +
				 (off_t)(SECRETS_MAX * sizeof(struct bundle_secret)))
		return false;
	len = (size_t)st.st_size;
	map = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return false;
	ok = copy_out(bundle, map, len);
	munmap(map, len);
	return ok;
}

bool
bundle_give_secrets(const struct bundle *bundle, struct conf *conf)
{
	struct conf_peer *owner;

	if (bundle->secret_count != conf->peer_count + 1)
		return false;
	for (size_t i = 0; (owner = conf_secret_owner(conf, i)); i++) {
		owner->secret.len = bundle->secrets[i].len;
		memcpy(owner->secret.bytes, bundle->secrets[i].bytes, sizeof(owner->secret.bytes));
	}
	return true;
}
