/*
 * One line of the control socket. What is taken must be whole: a known verb, an argument that can
 * be shown; what is refused must say why in plain text.
 */
#include <assert.h>
#include <string.h>

#include "ctl.h"
#include "fuzz.h"
#include "worker/request.h"

static void
check_plain(const char *text)
{
	for (const char *p = text; *p; p++)
		assert((unsigned char)*p >= ' ' && *p != 0x7f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request request;
	char why[160] = "";

	if (size > CTL_REQUEST_MAX)
		return 0;
	if (request_parse(&request, (const char *)data, size, why, sizeof(why))) {
		assert(request.verb < VERB_COUNT);
		assert(memchr(request.arg, '\0', sizeof(request.arg)) != NULL);
		assert(memchr(request.number, '\0', sizeof(request.number)) != NULL);
		request_tunnel_id(request.arg);
	} else {
		assert(why[0] != '\0');
	}
	check_plain(request.arg);
	check_plain(request.number);
	check_plain(why);
	return 0;
}
