#include "socket_pairs.h"

/* Sockets in the fault layer: EAGAIN, and what a program does about it;
 * calls again and again. */

START_TEST(a_refusal_is_of_one_descriptor_in_one_direction)
{
    int a[2], b[2];

    open_pair(a, "abc");
    open_pair(b, "de");
    begin_script("recv: EAGAIN; send: EAGAIN");
    FAILS(__wrap_recv(a[0], block, 8, 0), EAGAIN);
    ck_assert_int_eq(__wrap_recv(b[0], block, 8, 0), 2);
    FAILS(__wrap_recv(a[0], block, 8, 0), EAGAIN);
    FAILS(__wrap_read(a[0], block, 8), EAGAIN);
    FAILS(__wrap_send(a[0], "x", 1, 0), EAGAIN);
    ck_assert_int_eq(__wrap_send(b[0], "x", 1, 0), 1);
    wait_for(a[0], POLLOUT);
    FAILS(__wrap_recv(a[0], block, 8, 0), EAGAIN);
    ck_assert_int_eq(__wrap_send(a[0], "x", 1, 0), 1);
    wait_for(a[0], POLLIN);
    ck_assert_int_eq(__wrap_recv(a[0], block, 8, 0), 3);
}
END_TEST

static void
ask_often(int fd, int times, int how)
{
    for (int i = 0; i < times; i++) {
        if (how == 0)
            __wrap_recv(fd, block, sizeof block, MSG_DONTWAIT);
        else
            __wrap_send(fd, "x", 1, MSG_DONTWAIT);
    }
}

START_TEST(who_asks_again_without_waiting_is_busy_waiting)
{
    int ends[2];

    open_pair(ends, "");
    begin_script("send: EAGAIN");
    ask_often(ends[0], FAULTS_PATIENCE - 1, _i);
    ck_assert_noted(ask_often(ends[0], 1, _i), VERDICT_BUSY_WAITING);
    ck_assert_ptr_nonnull(
        strstr(note.sentence, _i == 0 ? "recv()" : "send()"));
}
END_TEST

/* A server that does not take the connection: its queue is full. */
START_TEST(who_connects_again_and_again_is_busy_waiting)
{
    struct sockaddr_in address;
    int listening = listen_here(&address);
    int fd = -1;

    listen(listening, 0);
    begin_script("");
    for (int i = 0; i < 3; i++) {
        fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect_to(fd, &address);
    }
    FAILS(connect_to(fd, &address), EALREADY);
    for (int i = 2; i < FAULTS_PATIENCE; i++)
        connect_to(fd, &address);
    ck_assert_noted(connect_to(fd, &address), VERDICT_BUSY_WAITING);
    ck_assert_ptr_nonnull(strstr(note.sentence, "EALREADY"));
}
END_TEST

START_TEST(who_reads_on_after_the_end_would_never_end)
{
    int ends[2];

    open_pair(ends, "abc");
    close(ends[1]);
    begin_script("");
    ask_often(ends[0], FAULTS_PATIENCE, 0);
    ck_assert_noted(ask_often(ends[0], 1, 0), VERDICT_TIME_LIMIT);
    ck_assert_ptr_nonnull(strstr(note.sentence, "recv()"));
}
END_TEST

/* Many servers, each of which hangs up at once. */
START_TEST(the_ends_of_many_connections_are_not_one_that_is_overread)
{
    int ends[2];

    begin_script("");
    for (int i = 0; i < 3 * FAULTS_PATIENCE; i++) {
        open_pair(ends, "");
        ck_assert_int_eq(__wrap_send(ends[0], "x", 1, 0), 1);
        ck_assert_int_eq(read(ends[1], block, 1), 1);
        close(ends[1]);
        ck_assert_int_eq(wait_for(ends[0], POLLIN), 1);
        ck_assert_int_eq(__wrap_recv(ends[0], block, 8, 0), 0);
        ck_assert_int_eq(__wrap_close(ends[0]), 0);
    }
}
END_TEST

/* Servers that refuse: connections are ready, and no byte ever moves. */
START_TEST(who_connects_is_not_idle)
{
    struct sockaddr_in address;

    close(listen_here(&address));
    begin_script("");
    for (int i = 0; i < 2 * FAULTS_PATIENCE; i++) {
        int fd = __wrap_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        if (connect_to(fd, &address) != 0 && errno == EINPROGRESS)
            ck_assert_int_eq(wait_for(fd, POLLOUT), 1);
        __wrap_close(fd);
    }
}
END_TEST

START_TEST(who_waits_for_bytes_that_stay_where_they_are_is_busy_waiting)
{
    int ends[2];

    open_pair(ends, "abc");
    begin_script("");
    for (int i = 1; i < FAULTS_PATIENCE; i++) {
        ck_assert_int_eq(wait_for(ends[0], POLLIN), 1);
        ck_assert_int_eq(__wrap_recv(ends[0], block, 8, MSG_PEEK), 3);
    }
    ck_assert_noted(wait_for(ends[0], POLLIN), VERDICT_BUSY_WAITING);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("sockets_patience");
    TCase *patience = suite_section(suite, "patience");
    tcase_add_test(patience, a_refusal_is_of_one_descriptor_in_one_direction);
    tcase_add_loop_test(
        patience, who_asks_again_without_waiting_is_busy_waiting, 0, 2);
    tcase_add_test(patience, who_connects_again_and_again_is_busy_waiting);
    tcase_add_test(patience, who_reads_on_after_the_end_would_never_end);
    tcase_add_test(
        patience, the_ends_of_many_connections_are_not_one_that_is_overread);
    tcase_add_test(patience, who_connects_is_not_idle);
    tcase_add_test(patience,
        who_waits_for_bytes_that_stay_where_they_are_is_busy_waiting);
    return suite_run(suite);
}
