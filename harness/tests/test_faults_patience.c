#include "wrapped_calls.h"

/* EAGAIN, and what a program does about it; calls again and again. */

static char block[64];

static void
refuses_read(int fd)
{
    errno = 0;
    ck_assert_int_eq(__wrap_read(fd, block, sizeof block), -1);
    ck_assert_int_eq(errno, EAGAIN);
}

static void
gives(int fd, ssize_t length)
{
    ck_assert_int_eq(__wrap_read(fd, block, sizeof block), length);
}

START_TEST(a_refusal_holds_until_the_program_waits)
{
    int fd = pipe_with("abcdefgh");

    begin_script("read: EAGAIN 3");
    for (int i = 0; i < 10; i++)
        refuses_read(fd);
    ck_assert_int_eq(wait_for(fd, POLLIN), 1);
    gives(fd, 3);
    gives(fd, 5);
}
END_TEST

START_TEST(a_wait_grants_one_refused_action)
{
    int fd = pipe_with("abc");

    begin_script("read: EAGAIN EAGAIN");
    refuses_read(fd);
    wait_for(fd, POLLIN);
    wait_for(fd, POLLIN);
    refuses_read(fd);
    refuses_read(fd);
    wait_for(fd, POLLIN);
    gives(fd, 3);
    ck_assert_int_eq(faults_calls(WRAPPED_read), 4);
}
END_TEST

START_TEST(a_wait_before_the_refusal_grants_nothing)
{
    int fd = pipe_with("abc");

    begin_script("read: EAGAIN");
    wait_for(fd, POLLIN);
    refuses_read(fd);
    refuses_read(fd);
}
END_TEST

START_TEST(a_wait_in_the_other_direction_grants_nothing)
{
    int fd = pipe_with("abc");

    begin_script("read: EAGAIN; write: EAGAIN");
    refuses_read(fd);
    wait_for(fd + 1, POLLOUT);
    refuses_read(fd);
    ck_assert_int_eq(__wrap_write(fd + 1, "x", 1), -1);
    ck_assert_int_eq(errno, EAGAIN);
    wait_for(fd, POLLIN);
    ck_assert_int_eq(__wrap_write(fd + 1, "x", 1), -1);
    gives(fd, 3);
    wait_for(fd + 1, POLLOUT);
    ck_assert_int_eq(__wrap_write(fd + 1, "x", 1), 1);
}
END_TEST

START_TEST(a_wait_for_another_descriptor_grants_nothing)
{
    int fd = pipe_with("abc"), other = pipe_with("de");

    begin_script("read: EAGAIN 1");
    refuses_read(fd);
    gives(other, 1);
    wait_for(other, POLLIN);
    refuses_read(fd);
    gives(other, 1);
    wait_for(fd, POLLIN);
    gives(fd, 3);
}
END_TEST

START_TEST(a_closed_descriptor_takes_its_refusal_along)
{
    int fd = pipe_with("abc");

    begin_script("read: EAGAIN");
    refuses_read(fd);
    int copy = dup(fd);
    ck_assert_int_eq(__wrap_close(fd), 0);
    ck_assert_int_eq(dup2(copy, fd), fd);
    gives(fd, 3);
}
END_TEST

START_TEST(a_wait_that_fails_grants_nothing)
{
    int fd = pipe_with("abc");

    begin_script("read: EAGAIN; poll: EINTR");
    refuses_read(fd);
    ck_assert_int_eq(wait_for(fd, POLLIN), -1);
    refuses_read(fd);
    ck_assert_int_eq(wait_for(fd, POLLIN), 1);
    gives(fd, 3);
}
END_TEST

START_TEST(a_wait_in_select_grants_too)
{
    int fd = pipe_with("abc");
    fd_set set;

    begin_script("read: EAGAIN; write: EAGAIN");
    refuses_read(fd);
    FD_ZERO(&set);
    FD_SET(fd, &set);
    ck_assert_int_eq(__wrap_select(fd + 1, &set, NULL, NULL, NULL), 1);
    gives(fd, 3);
    ck_assert_int_eq(__wrap_write(fd + 1, "x", 1), -1);
    FD_ZERO(&set);
    FD_SET(fd + 1, &set);
    ck_assert_int_eq(__wrap_select(fd + 2, NULL, &set, NULL, NULL), 1);
    ck_assert_int_eq(__wrap_write(fd + 1, "x", 1), 1);
}
END_TEST

/* Patience. */

static void
read_often(int fd, int times)
{
    for (int i = 0; i < times; i++)
        __wrap_read(fd, block, sizeof block);
}

/* A scripted refusal, or that of an empty pipe. */
START_TEST(who_asks_again_without_waiting_is_busy_waiting)
{
    int fd = pipe_with("");

    fcntl(fd, F_SETFL, O_NONBLOCK);
    begin_script(_i == 0 ? "read: EAGAIN" : "");
    read_often(fd, FAULTS_PATIENCE - 1);
    ck_assert_noted(read_often(fd, 1), VERDICT_BUSY_WAITING);
    ck_assert_ptr_nonnull(strstr(note.sentence, "read()"));
}
END_TEST

static void
write_often(int fd)
{
    for (int i = 0; i < FAULTS_PATIENCE; i++)
        __wrap_write(fd, "x", 1);
}

START_TEST(who_writes_again_without_waiting_is_busy_waiting)
{
    int fd = pipe_with("");

    begin_script("write: EAGAIN");
    ck_assert_noted(write_often(fd + 1), VERDICT_BUSY_WAITING);
    ck_assert_ptr_nonnull(strstr(note.sentence, "write()"));
}
END_TEST

START_TEST(who_waits_or_moves_bytes_in_between_has_all_the_time)
{
    int fd = pipe_with("");

    fcntl(fd, F_SETFL, O_NONBLOCK);
    begin_script("");
    for (int i = 0; i < 10; i++) {
        read_often(fd, FAULTS_PATIENCE - 1);
        if (i % 2 == 0)
            ck_assert_int_eq(__wrap_write(fd + 1, "x", 1), 1);
        else
            wait_for(fd, POLLIN);
    }
}
END_TEST

START_TEST(who_reads_on_after_the_end_would_never_end)
{
    int fd = pipe_with("abc");

    close(fd + 1);
    begin_script("");
    read_often(fd, FAULTS_PATIENCE);
    ck_assert_noted(read_often(fd, 1), VERDICT_TIME_LIMIT);
}
END_TEST

START_TEST(a_read_of_nothing_is_no_end)
{
    int fd = pipe_with("");

    begin_script("");
    for (int i = 0; i < 3 * FAULTS_PATIENCE; i++)
        if (__wrap_read(fd, block, 0) != 0)
            ck_abort();
}
END_TEST

static void
look_often(int fd, int times, bool in_select)
{
    for (int i = 0; i < times; i++) {
        fd_set set;
        FD_ZERO(&set);
        FD_SET(fd, &set);
        if (in_select)
            __wrap_select(fd + 1, &set, NULL, NULL, &(struct timeval){0, 0});
        else
            wait_for(fd, POLLIN);
    }
}

START_TEST(who_looks_again_and_again_with_a_time_out_of_0_is_busy_waiting)
{
    int fd = pipe_with("");

    begin_script("");
    look_often(fd, FAULTS_PATIENCE - 1, _i == 1);
    ck_assert_noted(look_often(fd, 1, _i == 1), VERDICT_BUSY_WAITING);
    ck_assert_ptr_nonnull(
        strstr(note.sentence, _i == 1 ? "select()" : "poll()"));
}
END_TEST

START_TEST(who_looks_often_but_finds_or_moves_something_is_not)
{
    int fd = pipe_with("");

    begin_script("");
    for (int i = 0; i < 5; i++) {
        look_often(fd, FAULTS_PATIENCE - 1, _i == 1);
        ck_assert_int_eq(__wrap_write(fd + 1, "x", 1), 1);
        look_often(fd, FAULTS_PATIENCE - 1, _i == 1);
        gives(fd, 1);
    }
}
END_TEST

START_TEST(who_leaves_lying_what_it_waited_for_is_busy_waiting)
{
    int fd = pipe_with("x");

    begin_script("");
    look_often(fd, FAULTS_PATIENCE - 1, _i == 1);
    ck_assert_noted(look_often(fd, 1, _i == 1), VERDICT_BUSY_WAITING);
    ck_assert_ptr_nonnull(
        strstr(note.sentence, _i == 1 ? "select()" : "poll()"));
}
END_TEST

/* Ready it is, says select(), and read() says that it is not; or the program
 * asks about writing, and has nothing to write. */
START_TEST(readiness_that_brings_nothing_is_busy_waiting_in_the_end)
{
    struct text script = {0};
    int fd = pipe_with("x");

    text_addf(&script, "read:");
    for (int i = 0; i < 64; i++)
        text_addf(&script, " EAGAIN");
    begin_script(text_string(&script));
    text_free(&script);
    for (int i = 0; i < 64; i++) {
        look_often(fd, 1, true);
        refuses_read(fd);
    }
    look_often(fd, FAULTS_PATIENCE - 65, true);
    ck_assert_noted(look_often(fd, 1, true), VERDICT_BUSY_WAITING);
}
END_TEST

START_TEST(outside_a_call_nobody_is_noted)
{
    int fd = pipe_with("");

    if (_i == 1) {
        begin_script("");
        faults_end();
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    read_often(fd, 2 * FAULTS_PATIENCE);
    look_often(fd, 2 * FAULTS_PATIENCE, false);
    close(fd + 1);
    read_often(fd, 2 * FAULTS_PATIENCE);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("faults_patience");
    TCase *refusals = suite_section(suite, "EAGAIN");
    tcase_add_test(refusals, a_refusal_holds_until_the_program_waits);
    tcase_add_test(refusals, a_wait_grants_one_refused_action);
    tcase_add_test(refusals, a_wait_before_the_refusal_grants_nothing);
    tcase_add_test(refusals, a_wait_in_the_other_direction_grants_nothing);
    tcase_add_test(refusals, a_wait_for_another_descriptor_grants_nothing);
    tcase_add_test(refusals, a_closed_descriptor_takes_its_refusal_along);
    tcase_add_test(refusals, a_wait_that_fails_grants_nothing);
    tcase_add_test(refusals, a_wait_in_select_grants_too);

    TCase *patience = suite_section(suite, "patience");
    tcase_add_loop_test(
        patience, who_asks_again_without_waiting_is_busy_waiting, 0, 2);
    tcase_add_test(patience, who_writes_again_without_waiting_is_busy_waiting);
    tcase_add_test(
        patience, who_waits_or_moves_bytes_in_between_has_all_the_time);
    tcase_add_test(patience, who_reads_on_after_the_end_would_never_end);
    tcase_add_test(patience, a_read_of_nothing_is_no_end);
    tcase_add_loop_test(patience,
        who_looks_again_and_again_with_a_time_out_of_0_is_busy_waiting, 0, 2);
    tcase_add_loop_test(
        patience, who_looks_often_but_finds_or_moves_something_is_not, 0, 2);
    tcase_add_loop_test(
        patience, who_leaves_lying_what_it_waited_for_is_busy_waiting, 0, 2);
    tcase_add_test(
        patience, readiness_that_brings_nothing_is_busy_waiting_in_the_end);
    tcase_add_loop_test(patience, outside_a_call_nobody_is_noted, 0, 2);
    return suite_run(suite);
}
