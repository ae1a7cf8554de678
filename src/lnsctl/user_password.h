/* Passwords on their way into the users' file: never by the command line, never shown but a
 * generated one. */
#ifndef LNSCTL_USER_PASSWORD_H
#define LNSCTL_USER_PASSWORD_H

#include "lnsctl/lnsctl.h"
#include "users.h"

#define USER_PASSWORD_MAX 256

/* Where --password-stdin or --generate is given, from there; else the terminal is asked, twice. */
enum exit_code user_password_get(char password[USER_PASSWORD_MAX], const struct settings *settings);

/* What stands in the file: "nt:…", or the password itself where that is asked for, and why is said:
 * --plain, a one-time code, CHAP. False when it is no password; that has been said. */
bool user_password_value(char value[USERS_PASSWORD_TEXT_MAX], const char *password,
			 const struct settings *settings, const struct conf *conf, bool otp);

#endif
