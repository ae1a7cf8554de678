/* MD5 for L2TP's challenge and hiding (RFC 2661 §4.3, §5.1.1), and the two ways to handle a secret.
 */
#ifndef MD5_H
#define MD5_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MD5_SIZE 16

struct md5_part {
	const void *bytes;
	size_t len;
};

/* MD5 over the parts in turn. False when the library cannot (memory, policy of the host). */
bool md5(uint8_t out[MD5_SIZE], const struct md5_part *parts, size_t count);

/* Compares in a time that does not depend on where the bytes differ. */
bool secret_eq(const void *a, const void *b, size_t len);

/* Overwrites, and is not optimised away. */
void secret_wipe(void *bytes, size_t len);

#endif
