#ifndef ORIGIN_TLS_H
#define ORIGIN_TLS_H

#include "judge/authority.h"
#include "judge/origin_layer.h"

/*
 * TLS for an origin server, by OpenSSL.
 *
 *     struct authority authority = authority_new();
 *     struct origin_layer *tls = origin_tls_new(&authority, "127.0.0.1");
 *     struct sockaddr_in address = origin_secure(origin, 1, tls);
 *
 * A handshake needs no time of its own: it goes on whenever a byte comes. No
 * session is resumed and no ticket is sent, so that a connection has nothing
 * to read once its answer has been read. SIGPIPE must be ignored.
 */

/* A server that shows a certificate by this authority for that address (which
 * need not be its own). Free it after the origin. */
struct origin_layer *origin_tls_new(
    const struct authority *authority, const char *address);
void origin_tls_free(struct origin_layer *layer);

#endif
