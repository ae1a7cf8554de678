/* MD5 by OpenSSL; the only file that knows which library does it. */
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "md5.h"

bool
md5(uint8_t out[MD5_SIZE], const struct md5_part *parts, size_t count)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestInit_ex(ctx, EVP_md5(), NULL) == 1;

	for (size_t i = 0; ok && i < count; i++)
		ok = EVP_DigestUpdate(ctx, parts[i].bytes, parts[i].len) == 1;
	ok = ok && EVP_DigestFinal_ex(ctx, out, NULL) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

bool
secret_eq(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

void
secret_wipe(void *bytes, size_t len)
{
	OPENSSL_cleanse(bytes, len);
}
