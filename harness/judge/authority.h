#ifndef AUTHORITY_H
#define AUTHORITY_H

#include <openssl/evp.h>
#include <openssl/x509.h>

/*
 * A certificate authority to be thrown away: made when a test wants one, with
 * a key that is written nowhere, it vouches for servers of that test alone.
 * Keys are of the curve P-256; certificates are valid at any time (RFC 5280,
 * 4.1.2.5), whatever the date is, or is said to be.
 *
 * Failures end the program.
 */
struct authority {
    EVP_PKEY *key;
    X509 *certificate;
};

/* Two of them have the same name, and do not vouch for each other. */
struct authority authority_new(void);
void authority_free(struct authority *authority);

/* Write its certificate there, as PEM: a file of whom to trust. */
void authority_write(const struct authority *authority, const char *path);

/* A certificate, by this authority, for a server at that address, "127.0.0.1",
 * to which the key belongs. The caller frees it. */
X509 *authority_certify(
    const struct authority *authority, const char *address, EVP_PKEY *key);

/* A new key; the caller frees it. */
EVP_PKEY *authority_key(void);

#endif
