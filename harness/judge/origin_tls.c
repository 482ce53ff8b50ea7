#include "judge/origin_tls.h"

#include "text.h"
#include "warn.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdint.h>
#include <stdlib.h>

struct tls {
    struct origin_layer layer; /* first: one is the other */
    SSL_CTX *context;
};

/* What recv() or send() would have said. The socket's own error is in errno,
 * which was 0. */
static ssize_t
result_of(SSL *ssl, int returned)
{
    switch (SSL_get_error(ssl, returned)) {
    case SSL_ERROR_NONE:
        return returned;
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        errno = EAGAIN;
        return -1;
    case SSL_ERROR_SYSCALL:
        if (errno == 0)
            return 0; /* the stream ended */
        return -1;
    default:
        errno = EPROTO;
        return -1;
    }
}

/* Bytes in both directions, so far. */
static uint64_t
traffic(SSL *ssl)
{
    BIO *socket = SSL_get_rbio(ssl); /* it writes, too */

    return BIO_number_read(socket) + BIO_number_written(socket);
}

static int
most(size_t length)
{
    return length < INT32_MAX ? (int)length : INT32_MAX;
}

/* OpenSSL looks for old errors, too. */
static void
begin(void)
{
    ERR_clear_error();
    errno = 0;
}

static ssize_t
tls_receive(void *side, void *bytes, size_t room, bool *moved)
{
    uint64_t before = traffic(side);

    begin();
    ssize_t n = result_of(side, SSL_read(side, bytes, most(room)));
    if (traffic(side) != before)
        *moved = true;
    return n;
}

static ssize_t
tls_send(void *side, const void *bytes, size_t length)
{
    begin();
    return result_of(side, SSL_write(side, bytes, most(length)));
}

static bool
tls_finish(void *side)
{
    begin();
    int returned = SSL_shutdown(side);
    return returned >= 0 || result_of(side, returned) != -1 || errno != EAGAIN;
}

static void *
tls_open(const struct origin_layer *layer, int fd)
{
    const struct tls *tls = (const struct tls *)layer;
    SSL *ssl = SSL_new(tls->context);

    if (ssl == NULL || SSL_set_fd(ssl, fd) != 1)
        die("OpenSSL could not begin a connection");
    SSL_set_accept_state(ssl);
    return ssl;
}

static void
tls_close(void *side)
{
    SSL_free(side);
}

static SSL_CTX *
new_context(const struct authority *authority, const char *address)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    EVP_PKEY *key = authority_key();
    X509 *certificate = authority_certify(authority, address, key);

    if (context == NULL ||
        SSL_CTX_use_certificate(context, certificate) != 1 ||
        SSL_CTX_use_PrivateKey(context, key) != 1 ||
        SSL_CTX_set_num_tickets(context, 0) != 1)
        die("OpenSSL could not make a server");
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context,
        SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return context;
}

struct origin_layer *
origin_tls_new(const struct authority *authority, const char *address)
{
    struct tls *tls = text_zeroed(1, sizeof *tls);

    *tls =
        (struct tls){{tls_open, tls_receive, tls_send, tls_finish, tls_close},
            new_context(authority, address)};
    return &tls->layer;
}

void
origin_tls_free(struct origin_layer *layer)
{
    struct tls *tls = (struct tls *)layer;

    SSL_CTX_free(tls->context);
    free(tls);
}
