#include "lnsctl/user_password.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <termios.h>
#include <unistd.h>

bool
user_password_generate(char *text, size_t len)
{
	static const char letters[] = "abcdefghjkmnpqrstuvwxyz123456789";
	unsigned char bytes[USER_PASSWORD_MAX];

	_Static_assert(sizeof(letters) - 1 == 32, "every byte gives one of 32 without a bias");
	if (len >= sizeof(bytes) || getrandom(bytes, len, 0) != (ssize_t)len) {
		complain("the kernel has no random numbers: %s", strerror(errno));
		return false;
	}
	for (size_t i = 0; i < len; i++)
		text[i] = letters[bytes[i] % 32];
	text[len] = '\0';
	explicit_bzero(bytes, sizeof(bytes));
	return true;
}

/* One line without its end. */
static enum exit_code
read_line(char password[USER_PASSWORD_MAX])
{
	size_t len;

	if (!fgets(password, USER_PASSWORD_MAX, stdin))
		password[0] = '\0';
	len = strlen(password);
	if (len == USER_PASSWORD_MAX - 1 && password[len - 1] != '\n') {
		int next = getchar();

		if (next != EOF && next != '\n') {
			complain("a password is 255 bytes long at most");
			return CODE_REFUSED;
		}
	}
	password[strcspn(password, "\r\n")] = '\0';
	return CODE_DONE;
}

/* Without echo. */
static enum exit_code
ask(char password[USER_PASSWORD_MAX], const char *prompt)
{
	struct termios before, quiet;
	enum exit_code code;

	if (tcgetattr(STDIN_FILENO, &before) < 0) {
		complain("the terminal cannot be asked: use --password-stdin or --generate");
		return CODE_REFUSED;
	}
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	fputs(prompt, stderr);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	code = read_line(password);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	fputc('\n', stderr);
	return code;
}

static enum exit_code
ask_twice(char password[USER_PASSWORD_MAX])
{
	char again[USER_PASSWORD_MAX] = "";
	enum exit_code code;

	if (!isatty(STDIN_FILENO)) {
		complain("a password is needed: --password-stdin or --generate");
		return CODE_USAGE;
	}
	code = ask(password, "Password: ");
	if (code == CODE_DONE)
		code = ask(again, "Again: ");
	if (code == CODE_DONE && strcmp(password, again) != 0) {
		complain("the two are not the same: nothing is changed");
		code = CODE_REFUSED;
	}
	explicit_bzero(again, sizeof(again));
	return code;
}

enum exit_code
user_password_get(char password[USER_PASSWORD_MAX], const struct settings *settings)
{
	if (settings->of[OPT_GENERATE] && settings->of[OPT_PASSWORD_STDIN]) {
		complain("--generate and --password-stdin are one too many");
		return CODE_USAGE;
	}
	if (settings->of[OPT_GENERATE])
		return user_password_generate(password, USER_PASSWORD_GENERATED) ? CODE_DONE
										 : CODE_REFUSED;
	return settings->of[OPT_PASSWORD_STDIN] ? read_line(password) : ask_twice(password);
}

static const char *
why_plain(const struct settings *settings, const struct conf *conf, bool otp)
{
	if (settings->of[OPT_PLAIN])
		return "--plain";
	if (otp)
		return "a one-time code needs it";
	return conf->auth.methods & METHOD_CHAP ? "chap in auth.methods needs it" : NULL;
}

bool
user_password_text(char value[USERS_PASSWORD_TEXT_MAX], const char *password, bool plain)
{
	uint8_t hash[16];
	bool ok = users_password_text(value, password) && cred_nt_hash(hash, password);

	if (ok && !plain) {
		memcpy(value, "nt:", sizeof("nt:"));
		for (size_t i = 0; i < sizeof(hash); i++)
			snprintf(value + 3 + 2 * i, 3, "%02x", hash[i]);
	}
	explicit_bzero(hash, sizeof(hash));
	return ok;
}

bool
user_password_value(char value[USERS_PASSWORD_TEXT_MAX], const char *password,
		    const struct settings *settings, const struct conf *conf, bool otp)
{
	const char *why = why_plain(settings, conf, otp);

	if (!user_password_text(value, password, why != NULL)) {
		complain("a password is UTF-8 text of 1 to 255 bytes");
		return false;
	}
	if (why)
		complain("the password is stored as it is: %s", why);
	return true;
}
