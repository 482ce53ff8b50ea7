#include "judge/visit.h"
#include "suite.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A program visits an origin; it is this one again. */

/* The visitor ----------------------------------------------------------- */

static int
fetch(const char *url)
{
    static const char request[] = "GET %s HTTP/1.0\r\n\r\n";
    char path[64], bytes[256];
    unsigned port;

    if (sscanf(url, "http://127.0.0.1:%u%63s", &port, path) != 2)
        return -1;
    struct sockaddr_in address = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        return -1;
    dprintf(fd, request, path);
    while (read(fd, bytes, sizeof bytes) > 0)
        ;
    return close(fd);
}

static void *
fetch_it(void *url)
{
    return fetch(url) == 0 ? url : NULL;
}

static int
visit(int argc, char **argv)
{
    pthread_t threads[16];

    puts("This is thrown away.");
    if (strcmp(argv[1], "fails") == 0)
        return 7;
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[1], "threads") == 0)
            pthread_create(&threads[i], NULL, fetch_it, argv[i]);
        else if (fetch(argv[i]) != 0)
            return 1;
    }
    for (int i = 2; i < argc && strcmp(argv[1], "threads") == 0; i++)
        pthread_join(threads[i], NULL);
    return 0;
}

/* The tests ------------------------------------------------------------- */

enum { PAGES = 6, DELAY_MS = 20 };

static struct origin *origin;

static struct visit
send_visitor(const char *how)
{
    const char *argv[3 + PAGES] = {"/proc/self/exe", how};

    origin = origin_new(-1);
    for (int i = 0; i < PAGES; i++) {
        char path[16];
        snprintf(path, sizeof path, "/%d", i);
        struct origin_page *page = origin_page(origin, path);
        page->delay_ms = DELAY_MS;
        text_addf(&page->answer, "HTTP/1.0 200 OK\r\n\r\nhello");
        argv[2 + i] = visit_url(origin, page);
    }
    struct visit came = visit_run(origin, argv);
    for (int i = 0; i < PAGES; i++)
        free((char *)argv[2 + i]);
    return came;
}

static void
all_is_served(void)
{
    for (int i = 0; i < PAGES; i++) {
        const struct origin_page *page = origin_at(origin, (size_t)i);
        ck_assert(page->sent_all);
        ck_assert_int_ge(page->connected_ns, 0);
        ck_assert_int_ge(
            page->released_ns, page->arrived_ns + DELAY_MS * 1000000);
        ck_assert_int_ge(page->finished_ns, page->released_ns);
    }
    ck_assert_int_eq(origin_connections(origin), PAGES);
    origin_free(origin);
}

START_TEST(a_serial_visitor_is_served_one_by_one)
{
    struct visit came = send_visitor("serially");

    ck_assert(came.outcome.exited);
    ck_assert_int_eq(came.outcome.status, 0);
    ck_assert_int_eq(came.most_threads, 1);
    ck_assert_int_eq(origin_most_in_flight(origin), 1);
    ck_assert_double_ge(came.seconds, PAGES * DELAY_MS / 1e3);
    all_is_served();
}
END_TEST

START_TEST(threads_are_seen)
{
    struct visit came = send_visitor("threads");

    ck_assert_int_eq(came.outcome.status, 0);
    ck_assert_int_ge(came.most_threads, 2);
    ck_assert_int_le(came.most_threads, 1 + PAGES);
    all_is_served();
}
END_TEST

START_TEST(one_that_fails_says_so)
{
    struct visit came = send_visitor("fails");

    ck_assert(came.outcome.exited);
    ck_assert_int_eq(came.outcome.status, 7);
    ck_assert_int_eq(origin_connections(origin), 0);
    origin_free(origin);
}
END_TEST

START_TEST(one_that_cannot_be_started_ends_the_program)
{
    origin = origin_new(-1);
    visit_run(origin, (const char *const[]){"/nowhere/at/all", NULL});
}
END_TEST

int
main(int argc, char **argv)
{
    if (argc > 1)
        return visit(argc, argv);

    Suite *suite = suite_create("visit");
    TCase *visits = suite_section(suite, "visits");
    tcase_add_test(visits, a_serial_visitor_is_served_one_by_one);
    tcase_add_test(visits, threads_are_seen);
    tcase_add_test(visits, one_that_fails_says_so);
    tcase_add_exit_test(
        visits, one_that_cannot_be_started_ends_the_program, 2);
    return suite_run(suite);
}
