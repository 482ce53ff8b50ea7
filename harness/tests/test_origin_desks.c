#include "origin_visits.h"

#include "judge/origin_desks.h"

#include <signal.h>
#include <stdio.h>

/* The desks of an origin server: who waits for one, and how long. */

static const int64_t ms = 1000000;

/* Add the pages /0, /1, ... that take so long each, and ask for all of them
 * at 1 ms, from a connection each. */
static void
ask_at_once(int fds[], int count, int64_t takes_ms)
{
    for (int i = 0; i < count; i++) {
        char path[16];
        snprintf(path, sizeof path, "/%d", i);
        answers(origin_page(origin, path), path, takes_ms);
        fds[i] = client_of(origin_address(origin), path);
    }
}

static void
close_all(const int fds[], int count)
{
    for (int i = 0; i < count; i++)
        close(fds[i]);
}

START_TEST(two_desks_serve_five_in_twos)
{
    static const int left[] = {3, 1, 0};
    static const int begun_ms[] = {11, 11, 21, 21, 31};
    static const char *const said[] = {"/0", "/1", "/2", "/3", "/4"};
    int fds[5];

    origin_set_desks(origin, 2);
    ask_at_once(fds, 5, 10);
    ck_assert_int_eq(origin_in_flight(origin), 5);
    for (int i = 0; i < 3; i++) {
        ck_assert(time_passes());
        ck_assert_int_eq(origin_in_flight(origin), left[i]);
    }
    ck_assert(!time_passes());
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(origin_at(origin, (size_t)i)->arrival, i + 1);
        ck_assert_int_eq(
            origin_at(origin, (size_t)i)->released_ns, begun_ms[i] * ms);
        reads(fds[i], said[i]);
    }
    close_all(fds, 5);
}
END_TEST

START_TEST(one_desk_serves_who_asks_first)
{
    static const int order[] = {2, 0, 1};
    static const int begun_ms[] = {41, 61, 31};
    static const char *const paths[] = {"/a", "/b", "/c"};
    int fds[3];

    origin_set_desks(origin, 1);
    for (int i = 0; i < 3; i++) {
        answers(origin_page(origin, paths[i]), paths[i], 10 * (i + 1));
        fds[i] = connect_to(origin_address(origin));
        move_when_ready(1);
    }
    for (int i = 0; i < 3; i++)
        ask_for(fds[order[i]], paths[order[i]]);
    while (time_passes())
        ;
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(
            origin_at(origin, (size_t)i)->released_ns, begun_ms[i] * ms);
    close_all(fds, 3);
}
END_TEST

START_TEST(the_desk_that_is_free_first_takes_the_next)
{
    static const int takes_ms[] = {30, 10, 5, 20};
    static const int begun_ms[] = {31, 11, 16, 36};
    static const char *const paths[] = {"/a", "/b", "/c", "/d"};
    int fds[4];

    origin_set_desks(origin, 2);
    for (int i = 0; i < 4; i++) {
        answers(origin_page(origin, paths[i]), paths[i], takes_ms[i]);
        fds[i] = client_of(origin_address(origin), paths[i]);
    }
    while (time_passes())
        ;
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(
            origin_at(origin, (size_t)i)->released_ns, begun_ms[i] * ms);
    close_all(fds, 4);
}
END_TEST

START_TEST(an_idle_desk_saves_up_no_time)
{
    struct origin_page *page = origin_page(origin, "/a");

    answers(page, "a", 10);
    origin_set_desks(origin, 1);
    int fd = client_of(origin_address(origin), "/a");
    ck_assert(time_passes());
    ck_assert_int_eq(page->released_ns, 11 * ms);
    now_ms = 100;
    ask_for(fd, "/a");
    ck_assert(time_passes());
    ck_assert_int_eq(page->released_ns, 110 * ms);
    close(fd);
}
END_TEST

START_TEST(without_desks_nobody_waits)
{
    int fds[5];

    ask_at_once(fds, 5, 10);
    ck_assert(time_passes());
    ck_assert_int_eq(now_ms, 11);
    ck_assert_int_eq(origin_in_flight(origin), 0);
    for (size_t i = 0; i < 5; i++)
        ck_assert(origin_at(origin, i)->sent_all);
    close_all(fds, 5);
}
END_TEST

START_TEST(all_the_desks_there_can_be_serve_as_many)
{
    int fds[65];

    origin_set_desks(origin, 64);
    ask_at_once(fds, 65, 10);
    ck_assert(time_passes());
    ck_assert_int_eq(origin_in_flight(origin), 1);
    ck_assert(time_passes());
    ck_assert_int_eq(origin_at(origin, 64)->released_ns, 21 * ms);
    close_all(fds, 65);
}
END_TEST

START_TEST(hosts_share_the_desks)
{
    struct sockaddr_in second = origin_host(origin, 2);
    struct origin_page *at_first = origin_page(origin, "/a");
    struct origin_page *at_second = origin_page(origin, "/b");

    answers(at_first, "a", 10);
    answers(at_second, "b", 10);
    origin_set_desks(origin, 1);
    int fds[] = {
        client_of(origin_address(origin), "/a"), client_of(second, "/b")};
    while (time_passes())
        ;
    ck_assert_int_eq(at_first->released_ns, 11 * ms);
    ck_assert_int_eq(at_second->released_ns, 21 * ms);
    close_all(fds, 2);
}
END_TEST

START_TEST(a_kept_connection_queues_anew)
{
    struct origin_page *others = origin_page(origin, "/b");
    struct origin_page *again = origin_page(origin, "/c");

    origin_set_desks(origin, 1);
    answers(origin_page(origin, "/a"), "a", 10);
    answers(others, "b", 10);
    answers(again, "c", 10);
    int fds[] = {client_of(origin_address(origin), "/a"),
        client_of(origin_address(origin), "/b")};
    ck_assert(time_passes());
    reads(fds[0], "a");
    ask_for(fds[0], "/c");
    while (time_passes())
        ;
    ck_assert_int_eq(others->released_ns, 21 * ms);
    ck_assert_int_eq(again->released_ns, 31 * ms);
    close_all(fds, 2);
}
END_TEST

START_TEST(a_desk_is_free_when_its_answer_begins)
{
    struct origin_page *slow = origin_page(origin, "/a");
    struct origin_page *next = origin_page(origin, "/b");

    origin_set_desks(origin, 1);
    answers(slow, "drip", 10);
    slow->step = 1;
    slow->every_ms = 100;
    answers(next, "b", 10);
    int fds[] = {client_of(origin_address(origin), "/a"),
        client_of(origin_address(origin), "/b")};
    ck_assert(time_passes());
    ck_assert(time_passes());
    ck_assert_int_eq(next->released_ns, 21 * ms);
    ck_assert_int_eq(slow->finished_ns, -1);
    close_all(fds, 2);
}
END_TEST

START_TEST(each_attempt_takes_its_own_time_at_a_desk)
{
    struct origin_page *first = origin_page(origin, "/a");
    struct origin_page *second = origin_again(first);
    struct origin_page *other = origin_page(origin, "/b");

    origin_set_desks(origin, 1);
    answers(first, "one", 50);
    answers(second, "two", 5);
    answers(other, "b", 10);
    int fds[] = {client_of(origin_address(origin), "/a"),
        client_of(origin_address(origin), "/a"),
        client_of(origin_address(origin), "/b")};
    while (time_passes())
        ;
    ck_assert_int_eq(first->released_ns, 51 * ms);
    ck_assert_int_eq(second->released_ns, 56 * ms);
    ck_assert_int_eq(other->released_ns, 66 * ms);
    close_all(fds, 3);
}
END_TEST

static const int no_counts[] = {0, -1, 65};

START_TEST(no_desk_and_too_many_are_refused)
{
    origin_set_desks(origin, no_counts[_i]);
}
END_TEST

/* Who comes when, and for how long, in ticks. */
enum { CUSTOMERS = 12 };

struct customer {
    int comes, takes;
};

/* splitmix64 (Steele et al. 2014). */
static int
draw(uint64_t *state, uint64_t range)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (int)((z ^ (z >> 31)) % range);
}

/* Tick by tick, whoever is first in the queue goes to any free desk. */
static void
watch_queue(const struct customer *customers, int desks, int *begins)
{
    int busy_until[5] = {0};
    int next = 0;

    for (int tick = 0; next < CUSTOMERS; tick++) {
        for (int i = 0; i < desks && next < CUSTOMERS; i++) {
            while (next < CUSTOMERS && busy_until[i] <= tick &&
                   customers[next].comes <= tick) {
                busy_until[i] = tick + customers[next].takes;
                begins[next++] = tick;
            }
        }
    }
}

START_TEST(any_queue_waits_as_one_watched_tick_by_tick)
{
    for (uint64_t seed = 1; seed <= 500; seed++) {
        uint64_t state = seed;
        struct origin_desks desks = {.count = 1 + draw(&state, 5)};
        struct customer customers[CUSTOMERS];
        int begins[CUSTOMERS], tick = 0;
        for (int i = 0; i < CUSTOMERS; i++) {
            tick += draw(&state, 3);
            customers[i] = (struct customer){tick, draw(&state, 9)};
        }
        watch_queue(customers, desks.count, begins);
        for (int i = 0; i < CUSTOMERS; i++) {
            int64_t wait = origin_desks_wait(
                &desks, customers[i].comes, customers[i].takes);
            ck_assert_msg(wait == begins[i] - customers[i].comes,
                "seed %d: customer %d waits %d", (int)seed, i, (int)wait);
        }
    }
}
END_TEST

static const TTest *const *const tests[] = {&two_desks_serve_five_in_twos,
    &one_desk_serves_who_asks_first,
    &the_desk_that_is_free_first_takes_the_next,
    &an_idle_desk_saves_up_no_time, &without_desks_nobody_waits,
    &all_the_desks_there_can_be_serve_as_many, &hosts_share_the_desks,
    &a_kept_connection_queues_anew, &a_desk_is_free_when_its_answer_begins,
    &each_attempt_takes_its_own_time_at_a_desk,
    &any_queue_waits_as_one_watched_tick_by_tick};

int
main(void)
{
    Suite *suite = suite_create("origin_desks");
    TCase *tcase = suite_section(suite, "a server with desks");

    signal(SIGPIPE, SIG_IGN);
    tcase_add_checked_fixture(tcase, begin, end);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(tcase, *tests[i]);
    tcase_add_loop_exit_test(tcase, no_desk_and_too_many_are_refused, 2, 0,
        sizeof no_counts / sizeof no_counts[0]);
    return suite_run(suite);
}
