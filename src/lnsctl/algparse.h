/* Asks the installed libreswan whether it takes a list of proposals. */
#ifndef LNSCTL_ALGPARSE_H
#define LNSCTL_ALGPARSE_H

enum algparse {
	ALGPARSE_TAKEN,
	ALGPARSE_REFUSED,   /* `why` is libreswan's sentence */
	ALGPARSE_NO_IPSEC,  /* the command is not there */
	ALGPARSE_NO_ANSWER, /* it did not end in time, or failed in another way */
};

#define ALGPARSE_WHY_MAX 160

/* kind: "ike" or "esp". At most some seconds. */
enum algparse algparse(const char *kind, const char *proposals, char why[ALGPARSE_WHY_MAX]);

#endif
