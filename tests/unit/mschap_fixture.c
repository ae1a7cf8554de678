#include "mschap_fixture.h"

#include <check.h>
#include <openssl/evp.h>
#include <string.h>

#include "cred.h"

/* RFC 2759 §8.6: seven bytes as a key of DES */
static void
des(uint8_t out[8], const uint8_t clear[8], const uint8_t key[7])
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "DES-ECB", NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t spread[8];
	int len;

	for (unsigned i = 0; i < 8; i++)
		spread[i] = (uint8_t)((i ? key[i - 1] << (8 - i) : 0) | (i < 7 ? key[i] >> i : 0)) &
			    0xfe;
	ck_assert(cipher && ctx && EVP_EncryptInit_ex(ctx, cipher, NULL, spread, NULL));
	ck_assert(EVP_CIPHER_CTX_set_padding(ctx, 0) &&
		  EVP_EncryptUpdate(ctx, out, &len, clear, 8));
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
}

void
mschap_answer(struct proof *proof, const char *password)
{
	uint8_t text[32 + sizeof(proof->user)], challenge[EVP_MAX_MD_SIZE], key[21] = {0};

	/* loads the provider that has DES, too */
	ck_assert(cred_nt_hash(key, password));
	memcpy(text, proof->response, 16);
	memcpy(text + 16, proof->challenge, 16);
	memcpy(text + 32, proof->user, strlen(proof->user));
	ck_assert(EVP_Digest(text, 32 + strlen(proof->user), challenge, NULL, EVP_sha1(), NULL));
	for (size_t i = 0; i < 3; i++)
		des(proof->response + 24 + 8 * i, challenge, key + 7 * i);
}
