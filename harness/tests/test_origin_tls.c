#include "judge/origin.h"
#include "judge/origin_tls.h"
#include "own_folder.h"
#include "suite.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* An origin server with TLS, moved along by hand, and clients that look at
 * its certificate. */

enum {
    PATIENCE_MS = 60000, /* for what never comes */
    LARGE = 6 << 20
};

static const char request[] = "GET /a HTTP/1.1\r\n\r\n";

static struct authority authority;
static struct origin_layer *tls, *other_tls; /* NULL: none */
static struct origin *origin;
static struct origin_page *page;
static struct sockaddr_in address;
static SSL_CTX *trusting; /* a client that trusts the authority */

/* One that trusts this authority alone. */
static SSL_CTX *
new_client(const struct authority *whom)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());

    ck_assert_ptr_nonnull(context);
    authority_write(whom, "ca.pem");
    ck_assert_int_eq(
        SSL_CTX_load_verify_locations(context, "ca.pem", NULL), 1);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    return context;
}

static void
begin(void)
{
    authority = authority_new();
    tls = origin_tls_new(&authority, "127.0.0.1");
    origin = origin_new(-1);
    address = origin_secure(origin, 1, tls);
    page = origin_page(origin, "/a");
    text_addf(&page->answer, "to a");
    page->end = ORIGIN_KEEPS;
    trusting = new_client(&authority);
}

static void
end(void)
{
    SSL_CTX_free(trusting);
    origin_free(origin);
    origin_tls_free(tls);
    if (other_tls != NULL)
        origin_tls_free(other_tls);
    authority_free(&authority);
}

static int
connect_to(struct sockaddr_in where)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&where, sizeof where), 0);
    return fd;
}

/* Wait until something comes to either side, and let the server move. */
static void
serve(int fd)
{
    struct world *world = origin_world(origin);
    struct pollfd fds[WORLD_MOST_FDS + 1] = {{fd, POLLIN, 0}};

    nfds_t count = 1 + (nfds_t)world->wish(world, fds + 1);
    ck_assert_int_ge(poll(fds, count, PATIENCE_MS), 1);
    world->move(world, 1000000);
}

/* A connection for a client that looks for this address in the certificate;
 * nothing has been said yet. */
static SSL *
approach(SSL_CTX *client, struct sockaddr_in where, const char *name)
{
    SSL *ssl = SSL_new(client);
    int fd = connect_to(where);

    ck_assert_int_eq(
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name), 1);
    ck_assert_int_eq(BIO_socket_nbio(fd, 1), 1);
    ck_assert_int_eq(SSL_set_fd(ssl, fd), 1);
    return ssl;
}

static void
leave(SSL *ssl)
{
    close(SSL_get_fd(ssl));
    SSL_free(ssl);
}

static bool
is_waiting(SSL *ssl, int returned)
{
    int error = SSL_get_error(ssl, returned);

    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

/* Returns whether it was believed. */
static bool
shake_hands(SSL *ssl)
{
    int returned;

    ERR_clear_error();
    while ((returned = SSL_connect(ssl)) != 1 && is_waiting(ssl, returned))
        serve(SSL_get_fd(ssl));
    return returned == 1;
}

static SSL *
connect_trusting(void)
{
    SSL *ssl = approach(trusting, address, "127.0.0.1");

    ck_assert(shake_hands(ssl));
    return ssl;
}

static void
say(SSL *ssl, const char *words)
{
    int length = (int)strlen(words);

    ck_assert_int_eq(SSL_write(ssl, words, length), length);
}

/* Read so many bytes; returns how many came before the end. */
static size_t
take(SSL *ssl, char *bytes, size_t length)
{
    size_t done = 0;

    while (done < length) {
        int n = SSL_read(ssl, bytes + done, (int)(length - done));
        if (n > 0)
            done += (size_t)n;
        else if (is_waiting(ssl, n))
            serve(SSL_get_fd(ssl));
        else
            break;
    }
    return done;
}

static void
hears(SSL *ssl, const char *expected)
{
    char bytes[100];
    size_t length = strlen(expected);

    ck_assert_uint_eq(take(ssl, bytes, length), length);
    ck_assert_mem_eq(bytes, expected, length);
}

/* It answers whoever trusts it, as ever. */
static void
serves_others(void)
{
    SSL *ssl = connect_trusting();

    say(ssl, request);
    hears(ssl, "to a");
    leave(ssl);
}

START_TEST(who_trusts_the_authority_is_answered)
{
    SSL *ssl = connect_trusting();

    say(ssl, request);
    hears(ssl, "to a");
    ck_assert_str_eq(text_string(&page->request), request);
    ck_assert_int_eq(origin_requests(origin), 1);
    leave(ssl);
}
END_TEST

START_TEST(another_authority_is_not_this_one)
{
    struct authority other = authority_new();
    SSL_CTX *client = new_client(&other);
    SSL *ssl = approach(client, address, "127.0.0.1");

    ck_assert(!shake_hands(ssl));
    ck_assert_int_ne(SSL_get_verify_result(ssl), X509_V_OK);
    serves_others();
    ck_assert_int_eq(origin_requests(origin), 1);
    leave(ssl);
    SSL_CTX_free(client);
    authority_free(&other);
}
END_TEST

START_TEST(a_certificate_is_for_one_address)
{
    other_tls = origin_tls_new(&authority, "127.0.0.2");
    struct sockaddr_in here = origin_secure(origin, 1, other_tls);
    SSL *ssl = approach(trusting, here, "127.0.0.1");

    ck_assert(!shake_hands(ssl));
    ck_assert_int_eq(
        SSL_get_verify_result(ssl), X509_V_ERR_IP_ADDRESS_MISMATCH);
    leave(ssl);
    ssl = approach(trusting, here, "127.0.0.2");
    ck_assert(shake_hands(ssl));
    leave(ssl);
    serves_others();
}
END_TEST

START_TEST(a_connection_is_kept_and_nothing_is_left_in_it)
{
    SSL *ssl = connect_trusting();
    char byte;

    for (int i = 0; i < 3; i++) {
        say(ssl, request);
        hears(ssl, "to a");
        ck_assert_int_eq(SSL_pending(ssl), 0);
        ck_assert_int_eq(recv(SSL_get_fd(ssl), &byte, 1, MSG_PEEK), -1);
    }
    ck_assert_int_eq(origin_connections(origin), 1);
    ck_assert_int_eq(origin_in_flight(origin), 0);
    leave(ssl);
}
END_TEST

START_TEST(it_says_when_it_is_done)
{
    SSL *ssl = connect_trusting();
    char bytes[100];

    page->end = ORIGIN_CLOSES;
    say(ssl, request);
    ck_assert_uint_eq(take(ssl, bytes, sizeof bytes), 4);
    ck_assert_int_eq(SSL_get_shutdown(ssl), SSL_RECEIVED_SHUTDOWN);
    leave(ssl);
}
END_TEST

START_TEST(a_large_answer_arrives_whole)
{
    char *bytes = text_zeroed(LARGE, 1), *seen = text_zeroed(LARGE + 1, 1);
    SSL *ssl = connect_trusting();

    for (size_t i = 0; i < LARGE; i++)
        bytes[i] = (char)(i * 31 >> 8);
    page->answer.length = 0;
    text_add(&page->answer, bytes, LARGE);
    page->end = ORIGIN_CLOSES;
    say(ssl, request);
    ck_assert_uint_eq(take(ssl, seen, LARGE + 1), LARGE);
    ck_assert_mem_eq(seen, bytes, LARGE);
    ck_assert_int_eq(SSL_get_shutdown(ssl), SSL_RECEIVED_SHUTDOWN);
    leave(ssl);
    free(bytes);
    free(seen);
}
END_TEST

START_TEST(who_speaks_plainly_gets_no_answer)
{
    struct pollfd ended = {connect_to(address), POLLIN, 0};
    char bytes[100];

    ck_assert_int_gt(send(ended.fd, request, strlen(request), 0), 0);
    while (poll(&ended, 1, 0) == 0)
        serve(ended.fd);
    ssize_t n = recv(ended.fd, bytes, sizeof bytes - 1, 0);
    bytes[n > 0 ? n : 0] = '\0';
    ck_assert_ptr_null(strstr(bytes, "to a"));
    ck_assert_int_eq(origin_requests(origin), 0);
    ck_assert_int_eq(origin_in_flight(origin), 0);
    close(ended.fd);
    serves_others();
}
END_TEST

START_TEST(who_leaves_in_mid_handshake_harms_nobody)
{
    static const char half[] = {0x16, 3, 1, 1, 0, 1, 0, 0};
    int silent = connect_to(address), leaver = connect_to(address);

    ck_assert_int_eq(send(leaver, half, sizeof half, 0), sizeof half);
    serves_others();
    close(leaver);
    serves_others();
    ck_assert_int_eq(origin_connections(origin), 4);
    close(silent);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("origin_tls");
    TCase *tcase = folder_section(suite, "a server with TLS");

    signal(SIGPIPE, SIG_IGN);
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, who_trusts_the_authority_is_answered);
    tcase_add_test(tcase, another_authority_is_not_this_one);
    tcase_add_test(tcase, a_certificate_is_for_one_address);
    tcase_add_test(tcase, a_connection_is_kept_and_nothing_is_left_in_it);
    tcase_add_test(tcase, it_says_when_it_is_done);
    tcase_add_test(tcase, a_large_answer_arrives_whole);
    tcase_add_test(tcase, who_speaks_plainly_gets_no_answer);
    tcase_add_test(tcase, who_leaves_in_mid_handshake_harms_nobody);
    return suite_run(suite);
}
