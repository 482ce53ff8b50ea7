#include "wrapped_calls.h"

/* Virtual time: the clock is the judge's, who is asked whenever the program
 * would wait. */

static const int64_t ms = 1000000;
static const int64_t second = 1000000000;

/* What the judge does when it is asked, one answer after the other. */
struct answer {
    int64_t deadline_ms; /* expected; -1: for ever */
    int64_t now_ms;      /* the time when it wakes the program */
    int signal;          /* that woke it */
    int fd;              /* gets a byte then, unless it is 0 */
};

static struct answer answers[8];
static int asked;

static int
answer(int64_t *now_ns, int64_t deadline_ns)
{
    ck_assert_int_lt(asked, 8);
    const struct answer *next = &answers[asked++];

    ck_assert_int_eq(deadline_ns,
        next->deadline_ms < 0 ? INT64_MAX : next->deadline_ms * ms);
    if (next->fd > 0)
        ck_assert_int_eq(write(next->fd, "!", 1), 1);
    *now_ns = next->now_ms * ms;
    return next->signal ? -1 : 0;
}

static int64_t
now_ns(clockid_t clock)
{
    struct timespec now = {-1, -1};

    ck_assert_int_eq(__wrap_clock_gettime(clock, &now), 0);
    ck_assert(now.tv_nsec >= 0 && now.tv_nsec < second);
    return now.tv_sec * second + now.tv_nsec;
}

static int64_t monotonic, realtime; /* what they say at 0 */

/* Every test begins at 5 ms. */
static void
begin(void)
{
    judge = answer;
    faults_begin("", true, 5 * ms, false);
    monotonic = now_ns(CLOCK_MONOTONIC) - 5 * ms;
    realtime = now_ns(CLOCK_REALTIME) - 5 * ms;
}

static void
end(void)
{
    faults_end();
}

/* Virtual time in milliseconds, as all clocks tell it. */
static void
is_at_ms(int64_t expected)
{
    struct timeval day;

    ck_assert_int_eq(now_ns(CLOCK_MONOTONIC), monotonic + expected * ms);
    ck_assert_int_eq(now_ns(CLOCK_REALTIME), realtime + expected * ms);
    ck_assert_int_eq(__wrap_gettimeofday(&day, NULL), 0);
    ck_assert_int_eq(
        day.tv_sec * second + day.tv_usec * 1000, realtime + expected * ms);
    time_t seconds;
    ck_assert_int_eq(__wrap_time(&seconds), day.tv_sec);
    ck_assert_int_eq(seconds, day.tv_sec);
    ck_assert_int_eq(__wrap_time(NULL), day.tv_sec);
}

/* The clock. */

START_TEST(the_clock_stands_still_while_nobody_waits)
{
    for (int i = 0; i < 20; i++)
        is_at_ms(5);
    ck_assert_int_eq(asked, 0);
    ck_assert_int_ge(now_ns(CLOCK_MONOTONIC), second);
    ck_assert_int_ge(now_ns(CLOCK_REALTIME), 1600000000 * second);
}
END_TEST

START_TEST(who_only_looks_at_the_clock_is_busy_waiting)
{
    for (int i = 3; i < FAULTS_PATIENCE; i++)
        __wrap_time(NULL);
    ck_assert_noted(
        _i == 0   ? (void)__wrap_time(NULL)
        : _i == 1 ? (void)now_ns(CLOCK_REALTIME)
                  : (void)__wrap_gettimeofday(&(struct timeval){0, 0}, NULL),
        VERDICT_BUSY_WAITING);
    ck_assert_ptr_nonnull(strstr(note.sentence, "clock"));
}
END_TEST

START_TEST(who_moves_bytes_between_looks_at_the_clock_is_not)
{
    int fd = pipe_with("");
    char byte;

    for (int i = 0; i < 3 * FAULTS_PATIENCE; i++) {
        __wrap_time(NULL);
        if (__wrap_write(fd + 1, "x", 1) != 1 ||
            __wrap_read(fd, &byte, 1) != 1)
            ck_abort();
    }
}
END_TEST

START_TEST(after_the_end_the_time_is_the_real_one)
{
    struct timespec before, after;

    faults_end();
    clock_gettime(CLOCK_MONOTONIC, &before);
    int64_t seen = now_ns(CLOCK_MONOTONIC);
    clock_gettime(CLOCK_MONOTONIC, &after);
    ck_assert_int_ge(seen, before.tv_sec * second + before.tv_nsec);
    ck_assert_int_le(seen, after.tv_sec * second + after.tv_nsec);
    ck_assert_int_eq(__wrap_nanosleep(&(struct timespec){0, 1}, NULL), 0);
    ck_assert_int_eq(__wrap_poll(NULL, 0, 1), 0);
}
END_TEST

/* nanosleep. */

START_TEST(a_sleep_ends_exactly_at_its_deadline)
{
    answers[0] = (struct answer){.deadline_ms = 1255, .now_ms = 1255};
    ck_assert_int_eq(
        __wrap_nanosleep(&(struct timespec){1, 250 * ms}, NULL), 0);
    ck_assert_int_eq(asked, 1);
    is_at_ms(1255);
    ck_assert_int_eq(__wrap_nanosleep(&(struct timespec){0, 0}, NULL), 0);
    ck_assert_int_eq(asked, 1);
}
END_TEST

START_TEST(a_sleep_goes_on_after_what_is_not_for_it)
{
    answers[0] = (struct answer){.deadline_ms = 105, .now_ms = 40};
    answers[1] = (struct answer){.deadline_ms = 105, .now_ms = 104};
    answers[2] = (struct answer){.deadline_ms = 105, .now_ms = 105};
    ck_assert_int_eq(
        __wrap_nanosleep(&(struct timespec){0, 100 * ms}, NULL), 0);
    ck_assert_int_eq(asked, 3);
}
END_TEST

START_TEST(a_signal_ends_a_sleep_and_says_what_is_left)
{
    struct timespec left = {-1, -1};

    answers[0] =
        (struct answer){.deadline_ms = 2005, .now_ms = 35, .signal = 1};
    ck_assert_int_eq(__wrap_nanosleep(&(struct timespec){2, 0}, &left), -1);
    ck_assert_int_eq(errno, EINTR);
    ck_assert_int_eq(left.tv_sec, 1);
    ck_assert_int_eq(left.tv_nsec, 970 * ms);
    answers[1] = (struct answer){.deadline_ms = 36, .now_ms = 36, .signal = 1};
    ck_assert_int_eq(__wrap_nanosleep(&(struct timespec){0, ms}, NULL), -1);
    is_at_ms(36);
}
END_TEST

START_TEST(a_sleep_that_cannot_be_is_refused)
{
    static const struct timespec waits[] = {
        {-1, 0}, {0, -1}, {0, 1000000000}, {-1, 999999999}};

    ck_assert_int_eq(__wrap_nanosleep(&waits[_i], NULL), -1);
    ck_assert_int_eq(errno, EINVAL);
    ck_assert_int_eq(asked, 0);
}
END_TEST

START_TEST(a_sleep_of_all_time_is_for_ever)
{
    answers[0] = (struct answer){.deadline_ms = -1, .now_ms = 6, .signal = 1};
    ck_assert_int_eq(
        __wrap_nanosleep(&(struct timespec){INT64_MAX, 999999999}, NULL), -1);
    ck_assert_int_eq(asked, 1);
}
END_TEST

/* poll. */

START_TEST(a_poll_that_finds_something_asks_nobody)
{
    struct pollfd one = {pipe_with("x"), POLLIN, 0};

    ck_assert_int_eq(__wrap_poll(&one, 1, -1), 1);
    ck_assert_int_eq(one.revents, POLLIN);
    is_at_ms(5);
}
END_TEST

START_TEST(a_poll_with_a_time_out_of_0_asks_nobody)
{
    ck_assert_int_eq(wait_for(pipe_with(""), POLLIN), 0);
    is_at_ms(5);
}
END_TEST

START_TEST(a_poll_ends_exactly_at_its_time_out)
{
    struct pollfd one = {pipe_with(""), POLLIN, 0};

    answers[0] = (struct answer){.deadline_ms = 30, .now_ms = 30};
    ck_assert_int_eq(__wrap_poll(&one, 1, 25), 0);
    ck_assert_int_eq(one.revents, 0);
    is_at_ms(30);
    answers[1] = (struct answer){.deadline_ms = 31, .now_ms = 31};
    ck_assert_int_eq(__wrap_poll(NULL, 0, 1), 0);
    is_at_ms(31);
}
END_TEST

START_TEST(a_poll_ends_when_its_event_comes)
{
    struct pollfd one = {pipe_with(""), POLLIN, 0};

    answers[0] = (struct answer){.deadline_ms = -1, .now_ms = 12};
    answers[1] =
        (struct answer){.deadline_ms = -1, .now_ms = 20, .fd = one.fd + 1};
    ck_assert_int_eq(__wrap_poll(&one, 1, -1), 1);
    ck_assert_int_eq(one.revents, POLLIN);
    ck_assert_int_eq(asked, 2);
    is_at_ms(20);
}
END_TEST

START_TEST(an_event_at_the_time_out_itself_is_seen)
{
    struct pollfd one = {pipe_with(""), POLLIN, 0};

    answers[0] =
        (struct answer){.deadline_ms = 15, .now_ms = 15, .fd = one.fd + 1};
    ck_assert_int_eq(__wrap_poll(&one, 1, 10), 1);
}
END_TEST

START_TEST(a_signal_ends_a_poll)
{
    struct pollfd one = {pipe_with(""), POLLIN, 0};

    answers[0] = (struct answer){.deadline_ms = 15, .now_ms = 7, .signal = 1};
    ck_assert_int_eq(__wrap_poll(&one, 1, 10), -1);
    ck_assert_int_eq(errno, EINTR);
    is_at_ms(7);
}
END_TEST

/* select. */

/* select() for reading from `fd`, after which the set tells. */
static int
select_one(int fd, int64_t timeout_ms, bool *is_set)
{
    struct timeval timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000};
    fd_set set;

    FD_ZERO(&set);
    FD_SET(fd, &set);
    int ready = __wrap_select(
        fd + 1, &set, NULL, NULL, timeout_ms < 0 ? NULL : &timeout);
    *is_set = FD_ISSET(fd, &set);
    return ready;
}

START_TEST(a_select_ends_at_its_time_out_with_empty_sets)
{
    bool is_set;

    answers[0] = (struct answer){.deadline_ms = 1505, .now_ms = 700};
    answers[1] = (struct answer){.deadline_ms = 1505, .now_ms = 1505};
    ck_assert_int_eq(select_one(pipe_with(""), 1500, &is_set), 0);
    ck_assert(!is_set);
    is_at_ms(1505);
    ck_assert_int_eq(select_one(pipe_with(""), 0, &is_set), 0);
    ck_assert(!is_set);
    ck_assert_int_eq(asked, 2);
}
END_TEST

START_TEST(a_select_ends_when_its_event_comes)
{
    int fd = pipe_with("");
    bool is_set;

    answers[0] = (struct answer){.deadline_ms = -1, .now_ms = 8};
    answers[1] = (struct answer){.deadline_ms = -1, .now_ms = 9, .fd = fd + 1};
    ck_assert_int_eq(select_one(fd, -1, &is_set), 1);
    ck_assert(is_set);
    is_at_ms(9);
}
END_TEST

START_TEST(a_signal_ends_a_select_and_leaves_its_sets)
{
    bool is_set;

    answers[0] = (struct answer){.deadline_ms = 15, .now_ms = 7, .signal = 1};
    ck_assert_int_eq(select_one(pipe_with(""), 10, &is_set), -1);
    ck_assert_int_eq(errno, EINTR);
    ck_assert(is_set);
}
END_TEST

START_TEST(a_select_with_a_negative_time_out_is_refused)
{
    struct timeval timeout = {-1, 0};

    ck_assert_int_eq(__wrap_select(0, NULL, NULL, NULL, &timeout), -1);
    ck_assert_int_eq(errno, EINVAL);
}
END_TEST

START_TEST(a_select_that_looks_below_its_highest_is_noted)
{
    int fd = pipe_with("x");
    fd_set set;

    FD_ZERO(&set);
    FD_SET(fd, &set);
    ck_assert_noted(
        __wrap_select(fd, &set, NULL, NULL, NULL), VERDICT_WRONG_ANSWER);
    close(fd); /* a closed one that is left over is not */
    ck_assert_int_eq(
        __wrap_select(fd, &set, NULL, NULL, &(struct timeval){0, 0}), 0);
}
END_TEST

START_TEST(who_does_not_see_that_the_deadline_has_come_is_told_so)
{
    int fd = pipe_with("");
    bool is_set;

    answers[0] = (struct answer){.deadline_ms = 15, .now_ms = 15};
    ck_assert_int_eq(select_one(fd, 10, &is_set), 0);
    for (int i = 1; i < FAULTS_PATIENCE; i++)
        select_one(fd, 0, &is_set);
    ck_assert_noted(select_one(fd, 0, &is_set), VERDICT_BUSY_WAITING);
    ck_assert_ptr_nonnull(strstr(note.sentence, "when it is now"));
}
END_TEST

static void
add_waits(Suite *suite)
{
    TCase *polls = suite_section(suite, "poll");
    tcase_add_checked_fixture(polls, begin, end);
    tcase_add_test(polls, a_poll_that_finds_something_asks_nobody);
    tcase_add_test(polls, a_poll_with_a_time_out_of_0_asks_nobody);
    tcase_add_test(polls, a_poll_ends_exactly_at_its_time_out);
    tcase_add_test(polls, a_poll_ends_when_its_event_comes);
    tcase_add_test(polls, an_event_at_the_time_out_itself_is_seen);
    tcase_add_test(polls, a_signal_ends_a_poll);

    TCase *selects = suite_section(suite, "select");
    tcase_add_checked_fixture(selects, begin, end);
    tcase_add_test(selects, a_select_ends_at_its_time_out_with_empty_sets);
    tcase_add_test(selects, a_select_ends_when_its_event_comes);
    tcase_add_test(selects, a_signal_ends_a_select_and_leaves_its_sets);
    tcase_add_test(selects, a_select_with_a_negative_time_out_is_refused);
    tcase_add_test(selects, a_select_that_looks_below_its_highest_is_noted);
    tcase_add_test(
        selects, who_does_not_see_that_the_deadline_has_come_is_told_so);
}

int
main(void)
{
    Suite *suite = suite_create("virtual");
    TCase *clocks = suite_section(suite, "the clock");
    tcase_add_checked_fixture(clocks, begin, end);
    tcase_add_test(clocks, the_clock_stands_still_while_nobody_waits);
    tcase_add_loop_test(
        clocks, who_only_looks_at_the_clock_is_busy_waiting, 0, 3);
    tcase_add_test(clocks, who_moves_bytes_between_looks_at_the_clock_is_not);
    tcase_add_test(clocks, after_the_end_the_time_is_the_real_one);

    TCase *sleeps = suite_section(suite, "nanosleep");
    tcase_add_checked_fixture(sleeps, begin, end);
    tcase_add_test(sleeps, a_sleep_ends_exactly_at_its_deadline);
    tcase_add_test(sleeps, a_sleep_goes_on_after_what_is_not_for_it);
    tcase_add_test(sleeps, a_signal_ends_a_sleep_and_says_what_is_left);
    tcase_add_loop_test(sleeps, a_sleep_that_cannot_be_is_refused, 0, 4);
    tcase_add_test(sleeps, a_sleep_of_all_time_is_for_ever);
    add_waits(suite);
    return suite_run(suite);
}
