#include "wrapped_calls.h"

/* Virtual time: the wall clock is put back by an hour, and the one that
 * only goes forward is not. */

static const int64_t second = 1000000000;
static const int64_t hour = 3600;

static int64_t
seconds(clockid_t clock)
{
    struct timespec now;

    ck_assert_int_eq(__wrap_clock_gettime(clock, &now), 0);
    return now.tv_sec;
}

/* One look at the wall clock: there are three ways. */
static int64_t
look(int way)
{
    struct timeval day;

    if (way == 0)
        return seconds(CLOCK_REALTIME);
    if (way == 1)
        return __wrap_time(NULL);
    ck_assert_int_eq(__wrap_gettimeofday(&day, NULL), 0);
    return day.tv_sec;
}

static void
begin(const char *script)
{
    faults_begin(script, true, 5 * second, false);
}

START_TEST(it_is_put_back_after_the_first_look_at_it)
{
    begin("");
    int64_t wall = look(_i), monotonic = seconds(CLOCK_MONOTONIC);
    faults_end();
    begin("clock: step");
    ck_assert_int_eq(seconds(CLOCK_MONOTONIC), monotonic);
    ck_assert_int_eq(look(_i), wall);
    for (int way = 0; way < 3; way++)
        ck_assert_int_eq(look(way), wall - hour);
    ck_assert_int_eq(seconds(CLOCK_REALTIME_COARSE), wall - hour);
    ck_assert_int_eq(seconds(CLOCK_MONOTONIC), monotonic);
}
END_TEST

static int
pass_two_seconds(int64_t *now_ns, int64_t deadline_ns)
{
    ck_assert_int_eq(deadline_ns, *now_ns + 2 * second);
    *now_ns = deadline_ns;
    return 0;
}

START_TEST(it_goes_on_from_there)
{
    judge = pass_two_seconds;
    begin("clock: step");
    int64_t wall = look(0), monotonic = seconds(CLOCK_MONOTONIC);
    ck_assert_int_eq(__wrap_poll(NULL, 0, 2000), 0);
    ck_assert_int_eq(look(0), wall + 2 - hour);
    ck_assert_int_eq(seconds(CLOCK_MONOTONIC), monotonic + 2);
}
END_TEST

START_TEST(in_the_next_call_it_is_right_again)
{
    begin("clock: step");
    int64_t wall = look(_i);
    ck_assert_int_eq(look(_i), wall - hour);
    faults_end();
    begin("");
    ck_assert_int_eq(look(_i), wall);
    ck_assert_int_eq(look(_i), wall);
}
END_TEST

START_TEST(who_finds_something_ready_may_look_as_often_again)
{
    int fd = pipe_with("x");

    begin("");
    for (int i = 0; i < 3; i++) {
        for (int k = 1; k < FAULTS_PATIENCE; k++)
            look(i);
        ck_assert_int_eq(wait_for(fd, POLLIN), 1);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("wall_clock");
    TCase *steps = suite_section(suite, "steps");
    tcase_add_loop_test(
        steps, it_is_put_back_after_the_first_look_at_it, 0, 3);
    tcase_add_test(steps, it_goes_on_from_there);
    tcase_add_loop_test(steps, in_the_next_call_it_is_right_again, 0, 3);
    tcase_add_test(steps, who_finds_something_ready_may_look_as_often_again);
    return suite_run(suite);
}
