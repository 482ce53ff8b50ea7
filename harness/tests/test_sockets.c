#include "socket_pairs.h"

#include <signal.h>
#include <sys/wait.h>

/* Sockets in the fault layer. */

static int
socket_error(int fd)
{
    int error = -1;
    socklen_t size = sizeof error;

    ck_assert_int_eq(
        __wrap_getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size), 0);
    return error;
}

/* Calls. */

START_TEST(without_a_script_a_program_talks_to_a_server)
{
    struct sockaddr_in address;
    int listening = listen_here(&address);
    int one = 1;

    begin_script("");
    int fd = __wrap_socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(
        __wrap_setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one), 0);
    ck_assert_int_eq(connect_to(fd, &address), 0);
    ck_assert_int_eq(socket_error(fd), 0);
    int server = accept(listening, NULL, NULL);
    ck_assert_int_eq(__wrap_send(fd, "abc", 3, MSG_NOSIGNAL), 3);
    ck_assert_int_eq(read(server, block, sizeof block), 3);
    ck_assert_int_eq(__wrap_shutdown(fd, SHUT_WR), 0);
    ck_assert_int_eq(read(server, block, sizeof block), 0);
    ck_assert_int_eq(write(server, "defg", 4), 4);
    ck_assert_int_eq(__wrap_recv(fd, block, sizeof block, 0), 4);
    ck_assert_int_eq(memcmp(block, "defg", 4), 0);
    ck_assert_int_eq(faults_calls(WRAPPED_socket), 1);
    ck_assert_int_eq(faults_calls(WRAPPED_setsockopt), 1);
    ck_assert_int_eq(faults_calls(WRAPPED_connect), 1);
    ck_assert_int_eq(faults_calls(WRAPPED_getsockopt), 1);
    ck_assert_int_eq(faults_calls(WRAPPED_send), 1);
    ck_assert_int_eq(faults_calls(WRAPPED_shutdown), 1);
    ck_assert_int_eq(faults_calls(WRAPPED_recv), 1);
}
END_TEST

START_TEST(every_call_can_fail_and_does_nothing_then)
{
    struct sockaddr_in address;
    int ends[2], value = 1;
    socklen_t size = sizeof value;

    listen_here(&address);
    open_pair(ends, "abc");
    begin_script("socket: ok EMFILE; connect: ENETUNREACH; send: ECONNRESET; "
                 "recv: ECONNRESET; getsockopt: ENOBUFS; setsockopt: ENOMEM; "
                 "fcntl: EACCES; shutdown: EIO");
    int fd = __wrap_socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_ge(fd, 0);
    FAILS(__wrap_socket(AF_INET, SOCK_STREAM, 0), EMFILE);
    FAILS(connect_to(fd, &address), ENETUNREACH);
    FAILS(__wrap_send(ends[0], "x", 1, 0), ECONNRESET);
    FAILS(__wrap_recv(ends[0], block, 1, 0), ECONNRESET);
    FAILS(__wrap_getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &size), ENOBUFS);
    FAILS(
        __wrap_setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &value, size), ENOMEM);
    FAILS(__wrap_fcntl(fd, F_SETFL, O_NONBLOCK), EACCES);
    FAILS(__wrap_shutdown(ends[0], SHUT_RDWR), EIO);
    faults_end();
    ck_assert_int_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    ck_assert_int_eq(connect_to(fd, &address), 0);
    ck_assert_int_eq(recv(ends[0], block, sizeof block, 0), 3);
    ck_assert_int_eq(recv(ends[1], block, sizeof block, MSG_DONTWAIT), -1);
}
END_TEST

START_TEST(a_number_is_the_most_that_a_call_moves)
{
    int ends[2];

    open_pair(ends, "abcdef");
    begin_script("recv: 1 3 EINTR; send: ok 2 EINTR");
    ck_assert_int_eq(__wrap_recv(ends[0], block, 8, 0), 1);
    ck_assert_int_eq(__wrap_recv(ends[0], block, 8, 0), 3);
    FAILS(__wrap_recv(ends[0], block, 8, 0), EINTR);
    ck_assert_int_eq(__wrap_recv(ends[0], block, 8, 0), 2);
    ck_assert_int_eq(__wrap_send(ends[0], "xyz", 3, 0), 3);
    ck_assert_int_eq(__wrap_send(ends[0], "xyz", 3, 0), 2);
    FAILS(__wrap_send(ends[0], "xyz", 3, 0), EINTR);
    ck_assert_int_eq(__wrap_send(ends[0], "xyz", 3, 0), 3);
}
END_TEST

START_TEST(flags_are_heeded)
{
    int ends[2];

    open_pair(ends, "abc");
    begin_script("recv: 2");
    ck_assert_int_eq(__wrap_recv(ends[0], block, 8, MSG_PEEK), 2);
    ck_assert_int_eq(__wrap_recv(ends[0], block, 8, MSG_PEEK), 3);
    ck_assert_int_eq(__wrap_recv(ends[0], block, 3, MSG_WAITALL), 3);
    FAILS(__wrap_recv(ends[0], block, 8, MSG_DONTWAIT), EAGAIN);
}
END_TEST

START_TEST(fcntl_takes_an_int_a_pointer_or_nothing)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    FILE *file = tmpfile();
    int fd = fileno(file);

    begin_script("");
    ck_assert_int_eq(__wrap_fcntl(fd, F_GETFD), 0);
    ck_assert_int_eq(__wrap_fcntl64(fd, F_SETFD, FD_CLOEXEC), 0);
    ck_assert_int_eq(__wrap_fcntl(fd, F_GETFD), FD_CLOEXEC);
    ck_assert_int_eq(__wrap_fcntl(fd, F_GETLK, &lock), 0);
    ck_assert_int_eq(lock.l_type, F_UNLCK);
    ck_assert_int_eq(faults_calls(WRAPPED_fcntl), 4);
    fclose(file);
}
END_TEST

/* A broken connection ends a program that does not say MSG_NOSIGNAL. */
START_TEST(a_scripted_EPIPE_raises_SIGPIPE_unless_told_not_to)
{
    int ends[2], status = 0;

    open_pair(ends, "");
    begin_script("send: EPIPE; write: ok EPIPE");
    pid_t child = fork();
    if (child == 0) {
        signal(SIGPIPE, SIG_DFL);
        if (_i == 0)
            __wrap_send(ends[0], "x", 1, MSG_NOSIGNAL);
        else if (_i == 1)
            __wrap_send(ends[0], "x", 1, 0);
        else if (__wrap_write(ends[0], "x", 1) == 1)
            __wrap_write(ends[0], "x", 1);
        _exit(errno == EPIPE ? 7 : 8);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    if (_i == 0) {
        ck_assert(WIFEXITED(status));
        ck_assert_int_eq(WEXITSTATUS(status), 7);
    } else {
        ck_assert(WIFSIGNALED(status));
        ck_assert_int_eq(WTERMSIG(status), SIGPIPE);
    }
}
END_TEST

/* connect() that a signal interrupts. */

START_TEST(an_interrupted_connect_has_begun)
{
    struct sockaddr_in address;
    int listening = listen_here(&address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    begin_script("connect: EINTR");
    FAILS(connect_to(fd, &address), EINTR);
    ck_assert_int_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    struct pollfd one = {fd, POLLOUT, 0};
    ck_assert_int_eq(__wrap_poll(&one, 1, -1), 1);
    ck_assert_int_eq(socket_error(fd), 0);
    int server = accept(listening, NULL, NULL);
    ck_assert_int_eq(__wrap_send(fd, "abc", 3, 0), 3);
    ck_assert_int_eq(read(server, block, sizeof block), 3);
}
END_TEST

START_TEST(an_interrupted_connect_to_nobody_is_refused_later)
{
    struct sockaddr_in address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    close(listen_here(&address));
    begin_script("connect: EINTR");
    errno = 0;
    ck_assert_int_eq(connect_to(fd, &address), -1);
    if (errno == EINTR) {
        struct pollfd one = {fd, POLLOUT, 0};
        ck_assert_int_eq(__wrap_poll(&one, 1, -1), 1);
        ck_assert_int_eq(socket_error(fd), ECONNREFUSED);
    } else {
        ck_assert_int_eq(errno, ECONNREFUSED);
    }
}
END_TEST

/* Fortified calls. */

START_TEST(a_fortified_call_that_fits_is_the_plain_one)
{
    int ends[2];

    open_pair(ends, "abcdef");
    struct pollfd one = {ends[0], POLLIN, 0};
    begin_script("read: 1; recv: 2; poll: ok EINTR; readlink: EIO; "
                 "open: ok EMFILE");
    ck_assert_int_eq(__wrap___read_chk(ends[0], block, 64, 64), 1);
    ck_assert_int_eq(__wrap___recv_chk(ends[0], block, 3, 64, 0), 2);
    ck_assert_int_eq(__wrap___recv_chk(ends[0], block, 64, 64, MSG_PEEK), 3);
    ck_assert_int_eq(__wrap___poll_chk(&one, 1, -1, sizeof one), 1);
    FAILS(__wrap___poll_chk(&one, 1, -1, sizeof one), EINTR);
    FAILS(__wrap___readlink_chk("/", block, 64, 64), EIO);
    int fd = __wrap___open_2("/dev/null", O_RDONLY);
    ck_assert_int_ge(fd, 0);
    FAILS(__wrap___open_2("/dev/null", O_RDONLY), EMFILE);
    ck_assert_int_eq(faults_calls(WRAPPED_recv), 2);
}
END_TEST

START_TEST(a_fortified_call_that_does_not_fit_ends_the_program)
{
    struct pollfd one = {0, 0, 0};

    if (_i == 0)
        __wrap___read_chk(0, block, 65, 64);
    else if (_i == 1)
        __wrap___recv_chk(0, block, 65, 64, 0);
    else if (_i == 2)
        __wrap___poll_chk(&one, 2, 0, sizeof one);
    else if (_i == 3)
        __wrap___readlink_chk("/", block, 65, 64);
    else
        __wrap___open_2("/dev/null", O_RDWR | O_CREAT);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("sockets");
    TCase *calls = suite_section(suite, "calls");
    tcase_add_test(calls, without_a_script_a_program_talks_to_a_server);
    tcase_add_test(calls, every_call_can_fail_and_does_nothing_then);
    tcase_add_test(calls, a_number_is_the_most_that_a_call_moves);
    tcase_add_test(calls, flags_are_heeded);
    tcase_add_test(calls, fcntl_takes_an_int_a_pointer_or_nothing);
    tcase_add_loop_test(
        calls, a_scripted_EPIPE_raises_SIGPIPE_unless_told_not_to, 0, 3);
    tcase_add_test(calls, an_interrupted_connect_has_begun);
    tcase_add_test(calls, an_interrupted_connect_to_nobody_is_refused_later);

    TCase *fortified = suite_section(suite, "fortified calls");
    tcase_add_test(fortified, a_fortified_call_that_fits_is_the_plain_one);
    tcase_add_loop_test_raise_signal(fortified,
        a_fortified_call_that_does_not_fit_ends_the_program, SIGABRT, 0, 5);
    return suite_run(suite);
}
