/* Passwords on their way into the users' file: never by the command line, never shown but a
 * generated one. */
#ifndef LNSCTL_USER_PASSWORD_H
#define LNSCTL_USER_PASSWORD_H

#include "lnsctl/lnsctl.h"
#include "users.h"

#define USER_PASSWORD_MAX 256

#define USER_PASSWORD_GENERATED 20

/* So many characters that are not taken for one another, of five bits each; fewer than
 * USER_PASSWORD_MAX. False when the kernel has no random numbers, which has been said. */
bool user_password_generate(char *text, size_t len);

/* Where --password-stdin or --generate is given, from there; else the terminal is asked, twice. */
enum exit_code user_password_get(char password[USER_PASSWORD_MAX], const struct settings *settings);

/* What stands in the file: "nt:…", or the password itself. False when it is no password. */
bool user_password_text(char value[USERS_PASSWORD_TEXT_MAX], const char *password, bool plain);

/* The same, the password itself where that is asked for, and why is said: --plain, a one-time code,
 * CHAP. What is wrong has been said. */
bool user_password_value(char value[USERS_PASSWORD_TEXT_MAX], const char *password,
			 const struct settings *settings, const struct conf *conf, bool otp);

#endif
