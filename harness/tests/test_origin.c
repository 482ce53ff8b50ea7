#include "origin_by_hand.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* The origin server, moved along by hand in virtual time; the client is the
 * test. What goes through the kernel is waited for, never the clock. */

static const int64_t ms = 1000000;

static struct origin_page *
page_with(const char *path, const char *answer)
{
    struct origin_page *page = origin_page(origin, path);

    text_addf(&page->answer, "%s", answer);
    return page;
}

static void
ask_for(int fd, const char *path)
{
    char request[100];

    int length = snprintf(
        request, sizeof request, "GET %s HTTP/1.0\r\nHost: x\r\n\r\n", path);
    ck_assert_int_eq(send(fd, request, (size_t)length, 0), length);
}

/* Wait until there is something to move, and move it. */
static void
move_at(int64_t now_ms)
{
    struct pollfd fds[WORLD_MOST_FDS];

    ck_assert_int_ge(
        poll(fds, (nfds_t)world->wish(world, fds), PATIENCE_MS), 1);
    ck_assert(world->move(world, now_ms * ms));
}

/* A client whose request for the path has been read, at 1 ms. */
static int
client_of(const char *path)
{
    int before = origin_requests(origin);
    int fd = connect_to(origin_address(origin));

    ask_for(fd, path);
    while (origin_requests(origin) == before)
        move_at(1);
    return fd;
}

/* Is there nothing to read, and no end? */
static bool
is_quiet(int fd)
{
    char byte;

    return recv(fd, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/* The next bytes, as many as are expected. */
static void
reads(int fd, const char *expected)
{
    char bytes[200];
    size_t length = strlen(expected);

    ck_assert_int_eq(recv(fd, bytes, length, MSG_WAITALL), (ssize_t)length);
    ck_assert_mem_eq(bytes, expected, length);
}

static void
reads_the_end(int fd)
{
    char byte;

    ck_assert_int_eq(recv(fd, &byte, 1, 0), 0);
    close(fd);
}

START_TEST(a_page_is_answered_and_logged)
{
    struct origin_page *page = page_with("/a", "hello");

    page_with("/ab", "other");
    ck_assert_int_eq(page->connected_ns, -1);
    int fd = client_of("/a");
    reads(fd, "hello");
    reads_the_end(fd);
    ck_assert_int_eq(page->requests, 1);
    ck_assert_int_eq(page->arrival, 1);
    ck_assert_int_eq(page->connected_ns, 1 * ms);
    ck_assert_int_eq(page->arrived_ns, 1 * ms);
    ck_assert_int_eq(page->released_ns, 1 * ms);
    ck_assert_int_eq(page->finished_ns, 1 * ms);
    ck_assert(page->sent_all && !page->aborted);
    ck_assert_str_eq(
        text_string(&page->request), "GET /a HTTP/1.0\r\nHost: x\r\n\r\n");
    ck_assert_int_eq(origin_in_flight(origin), 0);
    ck_assert_int_eq(origin_most_in_flight(origin), 1);
    ck_assert_int_eq(origin_connections(origin), 1);
}
END_TEST

START_TEST(it_serves_on_a_socket_that_is_handed_in)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listening = socket(AF_INET, SOCK_STREAM, 0);

    ck_assert_int_eq(
        bind(listening, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(listening, 1), 0);
    origin_free(origin);
    origin = origin_new(listening);
    world = origin_world(origin);
    page_with("/a", "hello");
    reads(client_of("/a"), "hello");
}
END_TEST

START_TEST(what_is_no_page_is_answered_so)
{
    reads(client_of("/none"), "HTTP/1.0 404 ");
}
END_TEST

START_TEST(an_answer_takes_its_time)
{
    struct origin_page *page = page_with("/a", "hello");

    page->delay_ms = 500;
    int fd = client_of("/a");
    ck_assert_int_eq(world->next_ns(world), 501 * ms);
    world->move(world, 500 * ms);
    ck_assert(is_quiet(fd));
    ck_assert_int_eq(origin_in_flight(origin), 1);
    ck_assert(world->move(world, 501 * ms));
    reads(fd, "hello");
    ck_assert_int_eq(page->released_ns, 501 * ms);
    ck_assert_int_eq(world->next_ns(world), INT64_MAX);
}
END_TEST

START_TEST(an_answer_drips)
{
    struct origin_page *page = page_with("/a", "abcde");

    page->step = 2;
    page->every_ms = 10;
    int fd = client_of("/a");
    reads(fd, "ab");
    ck_assert_int_eq(world->next_ns(world), 11 * ms);
    ck_assert(world->move(world, 11 * ms));
    reads(fd, "cd");
    ck_assert(is_quiet(fd));
    ck_assert(world->move(world, 21 * ms));
    reads(fd, "e");
    ck_assert(is_quiet(fd));
    ck_assert_int_eq(origin_in_flight(origin), 1);
    ck_assert(world->move(world, 31 * ms));
    reads_the_end(fd);
}
END_TEST

START_TEST(an_answer_drips_for_ever)
{
    struct origin_page *page = page_with("/a", "ab");

    page->step = 1;
    page->every_ms = 10;
    page->drips_for_ever = true;
    int fd = client_of("/a");
    reads(fd, "a");
    for (int i = 1; i < 50; i++) {
        ck_assert(world->move(world, (1 + 10 * i) * ms));
        reads(fd, "b");
    }
    ck_assert(!page->sent_all);
    close(fd);
}
END_TEST

START_TEST(a_reset_comes_after_the_bytes)
{
    char byte;

    page_with("/a", "half")->end = ORIGIN_RESETS;
    int fd = client_of("/a");
    for (int i = 0; i < 1000 && !origin_at(origin, 0)->sent_all; i++)
        world->move(world, 1 * ms);
    reads(fd, "half");
    ck_assert_int_eq(recv(fd, &byte, 1, 0), -1);
    ck_assert_int_eq(errno, ECONNRESET);
}
END_TEST

START_TEST(one_that_is_silent_says_nothing_until_the_client_goes)
{
    struct origin_page *page = page_with("/a", "");

    page->end = ORIGIN_STAYS;
    int fd = client_of("/a");
    world->move(world, 1000 * ms);
    ck_assert(is_quiet(fd));
    ck_assert_int_eq(world->next_ns(world), INT64_MAX);
    ck_assert_int_eq(origin_in_flight(origin), 1);
    close(fd);
    move_at(2000);
    ck_assert(page->aborted);
    ck_assert_int_eq(page->finished_ns, 2000 * ms);
    ck_assert_int_eq(origin_in_flight(origin), 0);
}
END_TEST

START_TEST(one_that_stays_open_says_no_end)
{
    struct origin_page *page = page_with("/a", "all");

    page->end = ORIGIN_STAYS;
    int fd = client_of("/a");
    reads(fd, "all");
    ck_assert(is_quiet(fd));
    ck_assert(page->sent_all);
    ck_assert_int_eq(origin_in_flight(origin), 0);
}
END_TEST

START_TEST(who_ends_its_half_after_the_request_is_answered)
{
    struct origin_page *page = page_with("/a", "hello");

    page->delay_ms = 10;
    int fd = client_of("/a");
    shutdown(fd, SHUT_WR);
    move_at(2);
    ck_assert_int_eq(origin_in_flight(origin), 1);
    ck_assert(world->move(world, 11 * ms));
    reads(fd, "hello");
    reads_the_end(fd);
}
END_TEST

START_TEST(a_late_reader_reads_when_the_program_waits)
{
    page_with("/a", "hello");
    int fd = connect_to(origin_late(origin));

    move_at(1);
    ask_for(fd, "/a");
    for (int i = 0; i < 10; i++)
        world->move(world, 1 * ms);
    ck_assert_int_eq(origin_requests(origin), 0);
    while (!world->asleep(world))
        ;
    ck_assert_int_eq(origin_requests(origin), 1);
    reads(fd, "hello");
}
END_TEST

START_TEST(one_address_refuses_and_one_hangs)
{
    struct sockaddr_in refusing = origin_refusing(origin);
    struct sockaddr_in hanging = origin_hanging(origin);
    struct tcp_info info;
    socklen_t size = sizeof info;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    ck_assert_int_eq(
        connect(fd, (struct sockaddr *)&hanging, sizeof hanging), -1);
    ck_assert_int_eq(errno, EINPROGRESS);
    getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size);
    ck_assert_int_eq(info.tcpi_state, TCP_SYN_SENT);
    close(fd);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(
        connect(fd, (struct sockaddr *)&refusing, sizeof refusing), -1);
    ck_assert_int_eq(errno, ECONNREFUSED);
    close(fd);
}
END_TEST

START_TEST(it_is_calm_when_all_has_arrived)
{
    const struct world_traffic none = {0, 0}, connecting = {1, 0},
                               unsent = {0, 1};

    page_with("/a", "hello");
    int fd = client_of("/a");
    reads(fd, "hello");
    for (int i = 0; i < PATIENCE_MS && !world->calm(world, &none); i++)
        poll(NULL, 0, 1);
    ck_assert(world->calm(world, &none));
    ck_assert(!world->calm(world, &connecting));
    ck_assert(!world->calm(world, &unsent));
    origin_hanging(origin);
    ck_assert(world->calm(world, &connecting));
    close(fd);
}
END_TEST

START_TEST(a_program_says_what_it_is_done_with)
{
    uint32_t number = 1;

    page_with("/a", "");
    struct origin_page *page = page_with("/b", "");
    int fd = origin_done_fd(origin);
    ck_assert_int_eq(write(fd, &number, sizeof number), sizeof number);
    move_at(7);
    ck_assert_int_eq(page->done_ns, 7 * ms);
    ck_assert_int_eq(origin_at(origin, 0)->done_ns, -1);
    number = 9; /* no page */
    ck_assert_int_eq(write(fd, &number, sizeof number), sizeof number);
    move_at(8);
    close(fd);
}
END_TEST

static const TTest *const *const tests[] = {&a_page_is_answered_and_logged,
    &it_serves_on_a_socket_that_is_handed_in, &what_is_no_page_is_answered_so,
    &an_answer_takes_its_time, &an_answer_drips, &an_answer_drips_for_ever,
    &a_reset_comes_after_the_bytes,
    &one_that_is_silent_says_nothing_until_the_client_goes,
    &one_that_stays_open_says_no_end,
    &who_ends_its_half_after_the_request_is_answered,
    &a_late_reader_reads_when_the_program_waits,
    &one_address_refuses_and_one_hangs, &it_is_calm_when_all_has_arrived,
    &a_program_says_what_it_is_done_with};

int
main(void)
{
    Suite *suite = suite_create("origin");
    TCase *tcase = suite_section(suite, "a scripted server");

    signal(SIGPIPE, SIG_IGN);
    tcase_add_checked_fixture(tcase, begin, end);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(tcase, *tests[i]);
    return suite_run(suite);
}
