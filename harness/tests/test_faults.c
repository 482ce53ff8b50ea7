#include "wrapped_calls.h"

static char block[64];

/* read(), or "the name of the error". */
static const char *
said_by_read(int fd, size_t length)
{
    static char said[64];

    errno = 0;
    ssize_t n = __wrap_read(fd, block, length);
    if (n < 0)
        return strerrorname_np(errno);
    snprintf(said, sizeof said, "%.*s", (int)n, block);
    return said;
}

/* Scripts. */

START_TEST(without_a_script_a_call_is_the_real_one)
{
    int fd = pipe_with("abc");

    begin_script("");
    ck_assert_str_eq(said_by_read(fd, 8), "abc");
    ck_assert_int_eq(__wrap_write(fd + 1, "defg", 4), 4);
    ck_assert_str_eq(said_by_read(fd, 2), "de");
}
END_TEST

START_TEST(a_number_is_the_most_that_a_call_moves)
{
    int fd = pipe_with("abcdefghij");

    begin_script("read: 1 3 100; write: 2");
    ck_assert_str_eq(said_by_read(fd, 8), "a");
    ck_assert_str_eq(said_by_read(fd, 8), "bcd");
    ck_assert_str_eq(said_by_read(fd, 2), "ef");
    ck_assert_str_eq(said_by_read(fd, 8), "ghij");
    ck_assert_int_eq(__wrap_write(fd + 1, "xyz", 3), 2);
    ck_assert_int_eq(__wrap_write(fd + 1, "z", 1), 1);
    ck_assert_str_eq(said_by_read(fd, 8), "xyz");
}
END_TEST

START_TEST(actions_befall_the_calls_in_order_and_then_no_more)
{
    int fd = pipe_with("abcdefgh");

    begin_script("read: ok EINTR 1 EIO");
    ck_assert_str_eq(said_by_read(fd, 2), "ab");
    ck_assert_str_eq(said_by_read(fd, 2), "EINTR");
    ck_assert_str_eq(said_by_read(fd, 2), "c");
    ck_assert_str_eq(said_by_read(fd, 2), "EIO");
    ck_assert_str_eq(said_by_read(fd, 8), "defgh");
}
END_TEST

static const char *const errors[] = {"EINTR", "EAGAIN", "EIO", "ENOSPC",
    "EMFILE", "EACCES", "EDQUOT", "EROFS", "ENOMEM", "EPIPE", "ECONNRESET",
    "ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH", "ENFILE",
    "ENOBUFS"};

START_TEST(an_error_is_said_and_nothing_is_moved)
{
    int fd = pipe_with("abc");
    char script[64];

    snprintf(script, sizeof script, "read: %s", errors[_i]);
    begin_script(script);
    block[0] = '-';
    ck_assert_str_eq(said_by_read(fd, 8), errors[_i]);
    ck_assert_int_eq(block[0], '-');
    faults_end();
    ck_assert_str_eq(said_by_read(fd, 8), "abc");
}
END_TEST

START_TEST(a_script_may_name_calls_in_any_order_and_again)
{
    int fd = pipe_with("abcdefgh");

    begin_script(" write:EIO;;read: 1 ; close: ; write: ENOSPC;read:2;");
    ck_assert_str_eq(said_by_read(fd, 8), "a");
    ck_assert_str_eq(said_by_read(fd, 8), "bc");
    ck_assert_int_eq(__wrap_write(fd + 1, "x", 1), -1);
    ck_assert_int_eq(errno, EIO);
    ck_assert_int_eq(__wrap_write(fd + 1, "x", 1), -1);
    ck_assert_int_eq(errno, ENOSPC);
}
END_TEST

START_TEST(a_call_takes_64_actions)
{
    struct text script = {0};
    int fd = pipe_with("a");

    text_addf(&script, "read:");
    for (int i = 0; i < 64; i++)
        text_addf(&script, " EINTR");
    begin_script(text_string(&script));
    for (int i = 0; i < 64; i++)
        ck_assert_str_eq(said_by_read(fd, 1), "EINTR");
    ck_assert_str_eq(said_by_read(fd, 1), "a");
    text_free(&script);
}
END_TEST

/* A broken script is the judge's fault. */

#define THIRTEEN " 1 1 1 1 1 1 1 1 1 1 1 1 1"
static const char too_many[] =
    "read:" THIRTEEN THIRTEEN THIRTEEN THIRTEEN THIRTEEN;
static const char *const broken[] = {"clock:", "clock: stop", "read: EWHAT",
    "reed: 1", "read: x1", "write: OK", "1 2 3", too_many};

START_TEST(a_broken_script_ends_the_probe)
{
    begin_script(broken[_i]);
}
END_TEST

START_TEST(a_failing_close_does_close)
{
    int fd = pipe_with("");

    begin_script("close: EIO");
    ck_assert_int_eq(__wrap_close(fd), -1);
    ck_assert_int_eq(errno, EIO);
    ck_assert_int_eq(fcntl(fd, F_GETFD), -1);
    ck_assert_int_eq(__wrap_close(fd), -1);
    ck_assert_int_eq(errno, EBADF);
    ck_assert_int_eq(__wrap_close(fd + 1), 0);
}
END_TEST

START_TEST(tidying_up_leaves_something_in_errno)
{
    begin_script("");
    for (int active = 1; active >= 0; active--) {
        int fd = __wrap_open("t", O_CREAT | O_WRONLY, 0666);
        errno = E2BIG;
        ck_assert_int_eq(__wrap_close(fd), 0);
        ck_assert_int_eq(errno, active ? ENOTTY : E2BIG);
        ck_assert_int_eq(__wrap_close(fd), -1);
        ck_assert_int_eq(errno, EBADF);
        errno = E2BIG;
        ck_assert_int_eq(__wrap_unlink("t"), 0);
        ck_assert_int_eq(errno, active ? ENOTTY : E2BIG);
        ck_assert_int_eq(__wrap_unlink("t"), -1);
        ck_assert_int_eq(errno, ENOENT);
        faults_end();
    }
}
END_TEST

/* One call of each kind with a path or a descriptor, which must fail. */
static void
fail_all(const char *path, int fd)
{
    struct pollfd one = {fd, POLLIN, 0};
    struct timespec moment = {0, 1};
    struct stat status;

#define FAILS(CALL) \
    do { \
        errno = 0; \
        ck_assert_int_eq(CALL, -1); \
        ck_assert_int_eq(errno, EIO); \
    } while (0)
    FAILS(__wrap_open("other", O_CREAT | O_WRONLY, 0666));
    FAILS(__wrap_fsync(fd));
    FAILS(__wrap_fdatasync(fd));
    FAILS(__wrap_ftruncate(fd, 1));
    FAILS(__wrap_rename(path, "other"));
    FAILS(__wrap_unlink(path));
    FAILS(__wrap_fchmod(fd, 0));
    FAILS(__wrap_fstat(fd, &status));
    FAILS(__wrap_lstat(path, &status));
    FAILS(__wrap_readlink(path, block, sizeof block));
    FAILS(__wrap_poll(&one, 1, 0));
    FAILS(__wrap_select(0, NULL, NULL, NULL, &(struct timeval){0, 0}));
    FAILS(__wrap_nanosleep(&moment, NULL));
    FAILS(__wrap_clock_gettime(CLOCK_REALTIME, &moment));
}

START_TEST(every_call_can_fail_and_does_nothing_then)
{
    char folder[] = "/tmp/test_faults.XXXXXX", path[64], other[64];
    struct stat status;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    snprintf(other, sizeof other, "%s/other", folder);
    int fd = open(path, O_CREAT | O_RDWR, 0600);
    ck_assert_int_eq(write(fd, "abc", 3), 3);
    begin_script("open: EIO; fsync: EIO; fdatasync: EIO; ftruncate: EIO; "
                 "rename: EIO; unlink: EIO; fchmod: EIO; fstat: EIO; "
                 "lstat: EIO; readlink: EIO; poll: EIO; select: EIO; "
                 "nanosleep: EIO; clock_gettime: EIO");
    fail_all(path, fd);
    ck_assert_int_eq(fstat(fd, &status), 0);
    ck_assert_int_eq(status.st_size, 3);
    ck_assert_int_eq(status.st_mode & 0777, 0600);
    ck_assert_int_eq(__wrap_lstat(path, &status), 0);
    ck_assert_int_eq(__wrap_lstat(other, &status), -1);
    ck_assert_int_eq(__wrap_rename(path, other), 0);
    ck_assert_int_eq(__wrap_unlink(other), 0);
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

/* Counters. */

START_TEST(every_call_of_a_name_is_counted)
{
    int fd = pipe_with("abc");
    time_t now;

    begin_script("read: 1 EINTR");
    for (int i = 0; i < 3; i++)
        __wrap_read(fd, block, 1);
    __wrap_free(__wrap_malloc(1));
    __wrap_time(&now);
    wait_for(fd, POLLIN);
    ck_assert_int_eq(faults_calls(WRAPPED_read), 3);
    ck_assert_int_eq(faults_calls(WRAPPED_malloc), 1);
    ck_assert_int_eq(faults_calls(WRAPPED_free), 1);
    ck_assert_int_eq(faults_calls(WRAPPED_time), 1);
    ck_assert_int_eq(faults_calls(WRAPPED_poll), 1);
    ck_assert_int_eq(faults_calls(WRAPPED_write), 0);
}
END_TEST

START_TEST(after_the_end_nothing_is_counted_and_nothing_befalls)
{
    int fd = pipe_with("abc");

    begin_script("read: EIO EIO");
    __wrap_read(fd, block, 1);
    faults_end();
    ck_assert_str_eq(said_by_read(fd, 1), "a");
    ck_assert_int_eq(faults_calls(WRAPPED_read), 1);
    begin_script("");
    ck_assert_int_eq(faults_calls(WRAPPED_read), 0);
    ck_assert_str_eq(said_by_read(fd, 1), "b");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("faults");
    TCase *scripts = suite_section(suite, "scripts");
    tcase_add_test(scripts, without_a_script_a_call_is_the_real_one);
    tcase_add_test(scripts, a_number_is_the_most_that_a_call_moves);
    tcase_add_test(
        scripts, actions_befall_the_calls_in_order_and_then_no_more);
    tcase_add_loop_test(scripts, an_error_is_said_and_nothing_is_moved, 0,
        (int)(sizeof errors / sizeof errors[0]));
    tcase_add_test(scripts, a_script_may_name_calls_in_any_order_and_again);
    tcase_add_test(scripts, a_call_takes_64_actions);
    tcase_add_loop_exit_test(scripts, a_broken_script_ends_the_probe, 2, 0,
        (int)(sizeof broken / sizeof broken[0]));
    tcase_add_test(scripts, a_failing_close_does_close);
    tcase_add_test(scripts, tidying_up_leaves_something_in_errno);
    tcase_add_test(scripts, every_call_can_fail_and_does_nothing_then);

    TCase *counters = suite_section(suite, "counters");
    tcase_add_test(counters, every_call_of_a_name_is_counted);
    tcase_add_test(
        counters, after_the_end_nothing_is_counted_and_nothing_befalls);
    return suite_run(suite);
}
