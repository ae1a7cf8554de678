/* The keys of the users' file, a row each. No fault quotes a value: it may be a password that went
 * astray. */
#include "conf/user_key.h"

#include <stdio.h>
#include <string.h>

#include "conf/utf8.h"
#include "conf/value.h"
#include "md5.h"
#include "otp.h"

#define OTP_MIN 10 /* bytes: 80 bits, what the common authenticators make */
#define PLAIN "plain:"
#define PERCENT "percent:"

static bool
refuse(char why[GRANT_WHY_MAX], const char *fault)
{
	snprintf(why, GRANT_WHY_MAX, "%s", fault);
	return false;
}

/* Passwords */

static int
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)((at - digits) % 16) : -1;
}

/* RFC 3986 §2.1; false on a '%' without two digits, on %00, and when it does not fit. */
static bool
percent_decode(char *out, size_t cap, const char *text)
{
	size_t len = 0;

	while (*text && len + 1 < cap) {
		if (*text != '%') {
			out[len++] = *text++;
			continue;
		}
		int high = hex_digit(text[1]), low = high < 0 ? -1 : hex_digit(text[2]);

		if (low < 0 || (high == 0 && low == 0))
			return false;
		out[len++] = (char)(high << 4 | low);
		text += 3;
	}
	out[len] = '\0';
	return *text == '\0';
}

static bool
take_password(struct user *user, const char *value, char why[GRANT_WHY_MAX])
{
	char plain[sizeof(PLAIN) + sizeof(user->cred.plain)] = PLAIN;
	size_t start = sizeof(PLAIN) - 1;
	const char *fault = NULL;
	bool ok = true;

	if (strncmp(value, PERCENT, sizeof(PERCENT) - 1) == 0) {
		ok = percent_decode(plain + start, sizeof(plain) - start,
				    value + sizeof(PERCENT) - 1);
		fault = "percent: needs two hexadecimal digits after each '%', and 255 bytes at "
			"most";
		value = plain;
	}
	ok = ok && cred_parse(&user->cred, value, &fault);
	secret_wipe(plain, sizeof(plain));
	return ok || refuse(why, fault);
}

/* The reader takes white space away at both ends, and what a comment's mark behind white space
 * begins. */
static bool
needs_escape(const char *password, size_t i)
{
	unsigned char c = (unsigned char)password[i];
	bool blank = c == ' ' || c == '\t';

	if (blank)
		return i == 0 || strchr("#;", password[i + 1]) != NULL;
	return c < ' ' || c == 0x7f;
}

static bool
is_password(const char *password)
{
	size_t len = strlen(password);

	for (size_t i = 0; i < len;) {
		size_t n = utf8_len(password + i, len - i);

		if (n == 0)
			return false;
		i += n;
	}
	return len > 0 && len < sizeof(((struct cred *)0)->plain);
}

bool
users_password_text(char out[USERS_PASSWORD_TEXT_MAX], const char *password)
{
	bool escaped = false;
	size_t len;

	out[0] = '\0';
	if (!is_password(password))
		return false;
	for (size_t i = 0; password[i]; i++)
		escaped = escaped || needs_escape(password, i);
	len = (size_t)snprintf(out, USERS_PASSWORD_TEXT_MAX, "%s", escaped ? PERCENT : PLAIN);
	for (size_t i = 0; password[i]; i++) {
		unsigned char c = (unsigned char)password[i];

		if (escaped && (c == '%' || needs_escape(password, i)))
			len += (size_t)snprintf(out + len, USERS_PASSWORD_TEXT_MAX - len, "%%%02X",
						c);
		else
			out[len++] = (char)c;
	}
	out[len] = '\0';
	return true;
}

/* The others */

static bool
take_address(struct user *user, const char *value, char why[GRANT_WHY_MAX])
{
	if (strcmp(value, "none") == 0)
		return true;
	return (address_ip4(value, &user->grant.address) && address_usable(user->grant.address)) ||
	       refuse(why, "is no IPv4 address of a host");
}

static bool
take_routes(struct user *user, const char *value, char why[GRANT_WHY_MAX])
{
	return grant_read_routes(&user->grant, value, why);
}

static bool
take_allow(struct user *user, const char *value, char why[GRANT_WHY_MAX])
{
	return grant_read_allow(&user->grant, value, why);
}

static bool
take_rate(struct user *user, const char *value, char why[GRANT_WHY_MAX])
{
	return grant_read_rate(&user->grant, value, why);
}

static bool
take_sessions(struct user *user, const char *value, char why[GRANT_WHY_MAX])
{
	int64_t number;

	if (!value_digits(&value, &number) || *value != '\0' || number < 1 || number > 65535)
		return refuse(why, "is no number from 1 to 65535");
	user->grant.max_sessions = (uint32_t)number;
	return true;
}

static bool
take_expires(struct user *user, const char *value, char why[GRANT_WHY_MAX])
{
	return grant_read_expires(&user->grant, value, why);
}

static bool
take_otp(struct user *user, const char *value, char why[GRANT_WHY_MAX])
{
	if (strcmp(value, "none") == 0)
		return true;
	return (otp_decode(user->otp, &user->otp_len, value) && user->otp_len >= OTP_MIN) ||
	       refuse(why, "is no base32 secret of 16 to 102 characters (A to Z, 2 to 7)");
}

static bool
take_disabled(struct user *user, const char *value, char why[GRANT_WHY_MAX])
{
	return value_bool(value, &user->disabled) || refuse(why, "is neither yes nor no");
}

static const struct user_key keys[] = {
	{"password", take_password}, {"address", take_address}, {"routes", take_routes},
	{"allow", take_allow},	     {"rate", take_rate},	{"sessions", take_sessions},
	{"expires", take_expires},   {"otp", take_otp},		{"disabled", take_disabled},
};

const struct user_key *
user_key_at(size_t i)
{
	return i < sizeof(keys) / sizeof(keys[0]) ? &keys[i] : NULL;
}

const char *
users_key(size_t i)
{
	const struct user_key *key = user_key_at(i);

	return key ? key->name : NULL;
}
