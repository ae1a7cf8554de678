/* The first byte says whether the rest is a configuration (even) or a users' file (odd). */
#include <assert.h>
#include <openssl/crypto.h>

#include "conf.h"
#include "fuzz.h"
#include "users.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_errors errors = {0};
	struct conf_file file = {"input", (const char *)data + 1, size ? size - 1 : 0};
	struct conf *conf = NULL;
	struct users *users = NULL;

	if (size == 0)
		return 0;
	/* passwords load a provider, which OpenSSL's own clean-up at exit would lose: a false leak
	 */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
	if (data[0] & 1)
		users = users_parse(&file, &errors);
	else
		conf = conf_parse(&file, 1, &errors);
	/* one or the other: something whole, or at least one reason */
	assert((conf || users) == (errors.count == 0));
	assert(errors.kept <= errors.count);
	conf_errors_fini(&errors);
	conf_free(conf);
	users_free(users);
	return 0;
}
