#include "interrupt.h"
#include "suite.h"

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

/* Checked in this order, each test in a process of its own. */
static void
begin(void)
{
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        signal(signals[i], SIG_DFL);
    interrupt_catch();
}

START_TEST(a_signal_is_noted_in_the_next_poll_and_not_before)
{
    raise(signals[_i]);
    ck_assert_int_eq(interrupted, 0);
    ck_assert_int_eq(interrupt_poll(NULL, 0, -1), -1);
    ck_assert_int_eq(errno, EINTR);
    ck_assert_int_eq(interrupted, signals[_i]);
}
END_TEST

START_TEST(a_signal_from_another_process_ends_a_poll_whenever_it_comes)
{
    pid_t us = getpid();

    if (fork() == 0)
        _exit(kill(us, signals[_i]) != 0);
    ck_assert_int_eq(interrupt_poll(NULL, 0, -1), -1);
    ck_assert_int_eq(errno, EINTR);
    ck_assert_int_eq(interrupted, signals[_i]);
    wait(NULL);
}
END_TEST

START_TEST(a_signal_is_noted_though_a_descriptor_is_ready)
{
    struct pollfd end = {.events = POLLOUT};
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    end.fd = ends[1];
    raise(signals[_i]);
    ck_assert_int_eq(interrupt_poll(&end, 1, -1), -1);
    ck_assert_int_eq(errno, EINTR);
    ck_assert_int_eq(interrupted, signals[_i]);
    ck_assert_int_eq(interrupt_poll(&end, 1, -1), 1);
}
END_TEST

START_TEST(a_poll_without_a_signal_is_a_poll)
{
    struct pollfd end = {.events = POLLIN};
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    end.fd = ends[0];
    ck_assert_int_eq(interrupt_poll(&end, 1, 0), 0);
    ck_assert_int_eq(interrupt_poll(&end, 1, 5), 0);
    ck_assert_int_eq(write(ends[1], "!", 1), 1);
    ck_assert_int_eq(interrupt_poll(&end, 1, -1), 1);
    ck_assert_int_eq(end.revents, POLLIN);
    raise(SIGINT); /* is noted in the next one */
    ck_assert_int_eq(interrupted, 0);
}
END_TEST

START_TEST(other_signals_than_the_caught_ones_stay_blocked_in_a_poll)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGUSR1);
    ck_assert_int_eq(interrupt_poll(NULL, 0, 0), 0);
    ck_assert_int_eq(interrupted, 0);
}
END_TEST

START_TEST(a_hang_up_that_is_ignored_stays_so)
{
    signal(SIGHUP, SIG_IGN);
    interrupt_catch();
    raise(SIGHUP);
    ck_assert_int_eq(interrupt_poll(NULL, 0, 0), 0);
    ck_assert_int_eq(interrupted, 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("interrupt");
    TCase *tcase = suite_section(suite, "Ctrl-C");
    tcase_add_checked_fixture(tcase, begin, NULL);
    tcase_add_loop_test(
        tcase, a_signal_is_noted_in_the_next_poll_and_not_before, 0, 3);
    tcase_add_loop_test(tcase,
        a_signal_from_another_process_ends_a_poll_whenever_it_comes, 0, 3);
    tcase_add_loop_test(
        tcase, a_signal_is_noted_though_a_descriptor_is_ready, 0, 3);
    tcase_add_test(tcase, a_poll_without_a_signal_is_a_poll);
    tcase_add_test(
        tcase, other_signals_than_the_caught_ones_stay_blocked_in_a_poll);
    tcase_add_test(tcase, a_hang_up_that_is_ignored_stays_so);
    return suite_run(suite);
}
