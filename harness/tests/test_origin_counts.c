#include "origin_visits.h"

#include <signal.h>

/* What an origin server counts: how often a path was asked for, which
 * decides the answer, and connections and requests in flight, of each
 * host. */

static const int64_t ms = 1000000;

/* Hang up so that the server sees it: a mere close() may be the end of the
 * request alone. */
static void
reset(int fd)
{
    const struct linger at_once = {1, 0};

    ck_assert_int_eq(
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    close(fd);
}

START_TEST(further_answers_come_behind_the_last)
{
    static const char *const said[] = {"one", "two", "three", "four", "four"};
    struct origin_page *first = origin_page(origin, "/a");
    struct origin_page *second = origin_again(first);
    struct origin_page *fourth = NULL;

    answers(first, "one", 0);
    answers(second, "two", 0);
    int fd = connect_to(origin_address(origin));
    for (int i = 0; i < 5; i++) {
        if (i == 2) {
            answers(origin_again(second), "three", 0);
            answers(fourth = origin_again(first), "four", 0);
        }
        ask_for(fd, "/a");
        reads(fd, said[i]);
    }
    ck_assert_int_eq(first->requests, 1);
    ck_assert_int_eq(second->requests, 1);
    ck_assert_int_eq(fourth->requests, 2);
    ck_assert_int_eq(fourth->arrival, 5);
    close(fd);
}
END_TEST

START_TEST(each_path_counts_its_own_attempts)
{
    struct origin_page *a = origin_page(origin, "/a");
    struct origin_page *b = origin_page(origin, "/b");
    struct sockaddr_in second = origin_host(origin, 2);

    answers(a, "a1", 0);
    answers(origin_again(a), "a2", 0);
    answers(b, "b1", 0);
    answers(origin_again(b), "b2", 0);
    int fds[] = {connect_to(origin_address(origin)), connect_to(second)};
    ask_for(fds[0], "/a");
    reads(fds[0], "a1");
    ask_for(fds[0], "/b");
    reads(fds[0], "b1");
    ask_for(fds[1], "/b");
    reads(fds[1], "b2");
    ask_for(fds[1], "/a");
    reads(fds[1], "a2");
    ck_assert_int_eq(a->host, 1);
    ck_assert_int_eq(a->next->host, 2);
    close(fds[0]);
    close(fds[1]);
}
END_TEST

START_TEST(an_attempt_counts_when_it_arrives)
{
    struct origin_page *first = origin_page(origin, "/a");
    struct origin_page *second = origin_again(first);

    answers(first, "one", 50);
    answers(second, "two", 10);
    int fds[] = {client_of(origin_address(origin), "/a"),
        client_of(origin_address(origin), "/a")};
    ck_assert(time_passes());
    reads(fds[1], "two");
    ck_assert_int_eq(second->released_ns, 11 * ms);
    ck_assert_int_eq(first->released_ns, -1);
    ck_assert(time_passes());
    reads(fds[0], "one");
    close(fds[0]);
    close(fds[1]);
}
END_TEST

START_TEST(an_attempt_that_was_given_up_was_one)
{
    struct origin_page *first = origin_page(origin, "/a");
    struct origin_page *second = origin_again(first);

    answers(first, "one", 50);
    answers(second, "two", 0);
    reset(client_of(origin_address(origin), "/a"));
    move_when_ready(1);
    int fd = client_of(origin_address(origin), "/a");
    reads(fd, "two");
    ck_assert(first->aborted && !first->sent_all);
    ck_assert(second->sent_all && !second->aborted);
    close(fd);
}
END_TEST

/* Connections, in flight, most in flight, most open: of one host. */
static void
counts_are(int host, int connections, int in_flight, int most, int open)
{
    ck_assert_int_eq(origin_connections_at(origin, host), connections);
    ck_assert_int_eq(origin_in_flight_at(origin, host), in_flight);
    ck_assert_int_eq(origin_most_in_flight_at(origin, host), most);
    ck_assert_int_eq(origin_most_open_at(origin, host), open);
}

START_TEST(each_host_counts_its_own)
{
    struct sockaddr_in second = origin_host(origin, 2);

    origin_host(origin, 3);
    answers(origin_page(origin, "/a"), "a", 10);
    answers(origin_page(origin, "/b"), "b", 20);
    int fds[] = {client_of(origin_address(origin), "/a"),
        client_of(second, "/b"), client_of(second, "/b")};
    counts_are(1, 1, 1, 1, 1);
    counts_are(2, 2, 2, 2, 2);
    ck_assert(time_passes());
    counts_are(1, 1, 0, 1, 1);
    counts_are(2, 2, 2, 2, 2);
    counts_are(0, 3, 2, 3, 3);
    ck_assert(time_passes());
    counts_are(2, 2, 0, 2, 2);
    counts_are(3, 0, 0, 0, 0);
    counts_are(0, 3, 0, 3, 3);
    for (int i = 0; i < 3; i++)
        close(fds[i]);
}
END_TEST

START_TEST(the_most_of_all_is_no_sum_of_the_hosts)
{
    struct sockaddr_in second = origin_host(origin, 2);

    answers(origin_page(origin, "/a"), "a", 10);
    for (int host = 1; host <= 2; host++) {
        struct sockaddr_in address =
            host == 1 ? origin_address(origin) : second;
        int fds[] = {client_of(address, "/a"), client_of(address, "/a")};
        ck_assert(time_passes());
        for (int i = 0; i < 2; i++) {
            close(fds[i]);
            move_when_ready(1);
        }
    }
    counts_are(1, 2, 0, 2, 2);
    counts_are(2, 2, 0, 2, 2);
    counts_are(0, 4, 0, 2, 2);
}
END_TEST

START_TEST(those_that_have_not_asked_yet_are_in_flight)
{
    int fds[3];

    for (int i = 0; i < 3; i++)
        fds[i] = connect_to(origin_address(origin));
    move_when_ready(1);
    counts_are(1, 3, 3, 3, 3);
    for (int i = 0; i < 3; i++) {
        close(fds[i]);
        move_when_ready(1);
    }
    counts_are(1, 3, 0, 3, 3);
}
END_TEST

START_TEST(one_that_is_idle_is_open_and_not_in_flight)
{
    answers(origin_page(origin, "/a"), "a", 0);
    int fds[] = {client_of(origin_address(origin), "/a"),
        client_of(origin_address(origin), "/a")};
    counts_are(1, 2, 0, 1, 2);
    ask_for(fds[0], "/a");
    counts_are(1, 2, 0, 1, 2);
    close(fds[0]);
    close(fds[1]);
}
END_TEST

START_TEST(one_that_was_idle_is_in_flight_from_its_first_byte)
{
    answers(origin_page(origin, "/a"), "a", 0);
    int fds[] = {client_of(origin_address(origin), "/a"),
        client_of(origin_address(origin), "/a")};
    for (int i = 0; i < 2; i++) {
        say(fds[i], "GET /a");
        move_when_ready(1);
        counts_are(1, 2, i + 1, i + 1, 2);
    }
    close(fds[0]);
    close(fds[1]);
}
END_TEST

START_TEST(one_that_is_in_the_queue_is_in_flight)
{
    origin_set_desks(origin, 1);
    answers(origin_page(origin, "/a"), "a", 10);
    int fds[] = {client_of(origin_address(origin), "/a"),
        client_of(origin_address(origin), "/a")};
    counts_are(1, 2, 2, 2, 2);
    ck_assert(time_passes());
    counts_are(1, 2, 1, 2, 2);
    ck_assert(time_passes());
    counts_are(1, 2, 0, 2, 2);
    close(fds[0]);
    close(fds[1]);
}
END_TEST

START_TEST(one_that_leaves_is_in_flight_no_more)
{
    answers(origin_page(origin, "/a"), "a", 10);
    int staying = client_of(origin_address(origin), "/a");
    reset(client_of(origin_address(origin), "/a"));
    move_when_ready(1);
    counts_are(1, 2, 1, 2, 2);
    ck_assert(!origin_at(origin, 0)->sent_all);
    close(staying);
}
END_TEST

/* In the next two the server sees the end of the old connection and the start
 * of the new one in one look. */
START_TEST(one_that_resets_and_comes_again_is_never_two)
{
    answers(origin_page(origin, "/a"), "a", 10);
    int fd = client_of(origin_address(origin), "/a");
    for (int i = 0; i < 3; i++) {
        reset(fd);
        fd = connect_to(origin_address(origin));
        move_when_ready(2);
        counts_are(1, 2 + i, 1, 1, 1);
        ask_for(fd, "/a");
    }
    close(fd);
}
END_TEST

START_TEST(one_that_gives_up_and_comes_again_is_never_two)
{
    struct origin_page *silent = origin_page(origin, "/a");

    silent->end = ORIGIN_STAYS;
    int fd = client_of(origin_address(origin), "/a");
    close(fd);
    fd = connect_to(origin_address(origin));
    move_when_ready(2);
    ck_assert_int_eq(origin_in_flight(origin), 1);
    ck_assert_int_eq(origin_most_in_flight(origin), 1);
    ck_assert(silent->aborted);
    close(fd);
}
END_TEST

static const TTest *const *const attempts[] = {
    &further_answers_come_behind_the_last, &each_path_counts_its_own_attempts,
    &an_attempt_counts_when_it_arrives, &an_attempt_that_was_given_up_was_one};

static const TTest *const *const counts[] = {&each_host_counts_its_own,
    &the_most_of_all_is_no_sum_of_the_hosts,
    &those_that_have_not_asked_yet_are_in_flight,
    &one_that_is_idle_is_open_and_not_in_flight,
    &one_that_was_idle_is_in_flight_from_its_first_byte,
    &one_that_is_in_the_queue_is_in_flight,
    &one_that_leaves_is_in_flight_no_more,
    &one_that_resets_and_comes_again_is_never_two,
    &one_that_gives_up_and_comes_again_is_never_two};

static void
add_section(Suite *suite, const char *name, const TTest *const *const *tests,
    size_t count)
{
    TCase *tcase = suite_section(suite, name);

    tcase_add_checked_fixture(tcase, begin, end);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(tcase, *tests[i]);
}

int
main(void)
{
    Suite *suite = suite_create("origin_counts");

    signal(SIGPIPE, SIG_IGN);
    add_section(suite, "answers by attempt", attempts,
        sizeof attempts / sizeof attempts[0]);
    add_section(
        suite, "counts by host", counts, sizeof counts / sizeof counts[0]);
    return suite_run(suite);
}
