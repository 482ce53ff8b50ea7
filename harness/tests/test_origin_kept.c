#include "origin_by_hand.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* An origin server that keeps connections, answers a path anew each time,
 * takes what is posted, and is several hosts; moved along by hand. */

static void
keeps(struct origin_page *page, const char *answer)
{
    text_addf(&page->answer, "%s", answer);
    page->end = ORIGIN_KEEPS;
}

/* Let it move until so many requests have come. */
static void
serve(int requests)
{
    struct pollfd fds[WORLD_MOST_FDS];

    while (origin_requests(origin) < requests) {
        ck_assert_int_ge(
            poll(fds, (nfds_t)world->wish(world, fds), PATIENCE_MS), 1);
        world->move(world, 1000000);
    }
}

/* Let it move while something comes. */
static void
serve_what_is_there(void)
{
    struct pollfd fds[WORLD_MOST_FDS];

    ck_assert_int_ge(
        poll(fds, (nfds_t)world->wish(world, fds), PATIENCE_MS), 1);
    world->move(world, 1000000);
}

/* Let it move until it has sent something. */
static void
serve_until_it_answers(int fd)
{
    struct pollfd fds[WORLD_MOST_FDS + 1];

    do {
        fds[0] = (struct pollfd){fd, POLLIN, 0};
        nfds_t count = 1 + (nfds_t)world->wish(world, fds + 1);
        ck_assert_int_ge(poll(fds, count, PATIENCE_MS), 1);
        world->move(world, 1000000);
    } while (fds[0].revents == 0);
}

static void
reads(int fd, const char *expected)
{
    char bytes[200];
    size_t length = strlen(expected);

    ck_assert_int_eq(recv(fd, bytes, length, MSG_WAITALL), (ssize_t)length);
    ck_assert_mem_eq(bytes, expected, length);
}

START_TEST(a_connection_is_kept_for_the_next_request)
{
    keeps(origin_page(origin, "/a"), "to a");
    keeps(origin_page(origin, "/b"), "to b");
    int fd = connect_to(origin_address(origin));
    say(fd, "GET /a HTTP/1.1\r\n\r\n");
    serve(1);
    reads(fd, "to a");
    ck_assert_int_eq(origin_in_flight(origin), 0);
    say(fd, "GET /b HTTP/1.1\r\n\r\n");
    serve(2);
    reads(fd, "to b");
    ck_assert_int_eq(origin_connections(origin), 1);
    ck_assert_int_eq(origin_at(origin, 0)->connection, 1);
    ck_assert_int_eq(origin_at(origin, 1)->connection, 1);
    ck_assert_str_eq(text_string(&origin_at(origin, 1)->request),
        "GET /b HTTP/1.1\r\n\r\n");
    ck_assert_int_eq(origin_most_in_flight(origin), 1);
    close(fd);
}
END_TEST

START_TEST(each_request_for_a_path_has_its_own_answer)
{
    struct origin_page *first = origin_page(origin, "/a");
    struct origin_page *second = origin_again(first);
    struct origin_page *third = origin_again(first);

    keeps(first, "one");
    keeps(second, "two");
    keeps(third, "all others");
    int fd = connect_to(origin_address(origin));
    const char *const answers[] = {"one", "two", "all others", "all others"};
    for (int i = 0; i < 4; i++) {
        say(fd, "GET /a HTTP/1.1\r\n\r\n");
        serve(i + 1);
        reads(fd, answers[i]);
    }
    ck_assert_int_eq(first->requests, 1);
    ck_assert_int_eq(second->arrival, 2);
    ck_assert_int_eq(third->requests, 2);
    ck_assert_uint_eq(origin_pages(origin), 1);
    close(fd);
}
END_TEST

START_TEST(what_is_posted_is_part_of_the_request)
{
    struct origin_page *page = origin_page(origin, "/a");

    keeps(page, "thanks");
    int fd = connect_to(origin_address(origin));
    say(fd, "POST /a HTTP/1.1\r\ncontent-length: 5\r\n\r\nab");
    serve_what_is_there();
    ck_assert_int_eq(origin_requests(origin), 0);
    say(fd, "cde");
    serve(1);
    reads(fd, "thanks");
    ck_assert_str_eq(text_string(&page->request),
        "POST /a HTTP/1.1\r\ncontent-length: 5\r\n\r\nabcde");
    close(fd);
}
END_TEST

START_TEST(who_waits_to_be_told_to_go_on_is_told_once)
{
    keeps(origin_page(origin, "/a"), "thanks");
    int fd = connect_to(origin_address(origin));
    say(fd, "POST /a HTTP/1.1\r\nContent-Length: 2\r\n"
            "Expect: 100-continue\r\n\r\n");
    serve_until_it_answers(fd);
    reads(fd, "HTTP/1.1 100 Continue\r\n\r\n");
    say(fd, "x");
    serve_what_is_there();
    say(fd, "y");
    serve(1);
    reads(fd, "thanks");
    close(fd);
}
END_TEST

START_TEST(hosts_are_counted_apart)
{
    struct sockaddr_in second = origin_host(origin, 2);

    origin_page(origin, "/a")->allowed = 0;
    keeps(origin_at(origin, 0), "never");
    int fds[3];
    for (int i = 0; i < 3; i++) {
        fds[i] = connect_to(i == 0 ? origin_address(origin) : second);
        say(fds[i], "GET /a HTTP/1.1\r\n\r\n");
        serve(i + 1);
    }
    ck_assert_int_eq(origin_at(origin, 0)->host, 2);
    ck_assert_int_eq(origin_connections_at(origin, 1), 1);
    ck_assert_int_eq(origin_connections_at(origin, 2), 2);
    ck_assert_int_eq(origin_connections(origin), 3);
    ck_assert_int_eq(origin_in_flight_at(origin, 2), 2);
    ck_assert_int_eq(origin_most_in_flight_at(origin, 2), 2);
    ck_assert_int_eq(origin_most_open_at(origin, 2), 2);
    ck_assert_int_eq(origin_in_flight(origin), 3);
    for (int i = 0; i < 3; i++)
        close(fds[i]);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("origin_kept");
    TCase *tcase = suite_section(suite, "a server that keeps connections");

    signal(SIGPIPE, SIG_IGN);
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, a_connection_is_kept_for_the_next_request);
    tcase_add_test(tcase, each_request_for_a_path_has_its_own_answer);
    tcase_add_test(tcase, what_is_posted_is_part_of_the_request);
    tcase_add_test(tcase, who_waits_to_be_told_to_go_on_is_told_once);
    tcase_add_test(tcase, hosts_are_counted_apart);
    return suite_run(suite);
}
