#include "wrapped_calls.h"

#include <pthread.h>
#include <signal.h>

/* The time in real calls. What is asserted follows from what happened
 * before what, not from how fast anything is. */

static int64_t
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* Is this thread of ours asleep in the kernel? */
static bool
is_asleep(pid_t thread)
{
    char path[64], line[256];

    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)thread);
    FILE *file = fopen(path, "re");
    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, file));
    fclose(file);
    const char *state = strrchr(line, ')');
    ck_assert_ptr_nonnull(state);
    return state[2] == 'S';
}

struct writer {
    int fd;
    pid_t reader;
    _Atomic bool reads; /* the reader's next sleep is in read() */
    int64_t waited_ns;  /* for which the reader was asleep, at least */
};

/* Write a byte, some time after the reader fell asleep over it. */
static void *
write_late(void *arg)
{
    struct writer *writer = arg;

    while (!writer->reads || !is_asleep(writer->reader))
        ;
    int64_t asleep_ns = now_ns();
    while (now_ns() < asleep_ns + 1000000)
        ;
    writer->waited_ns = now_ns() - asleep_ns;
    ck_assert_int_eq(write(writer->fd, "x", 1), 1);
    return NULL;
}

START_TEST(a_call_that_waits_takes_as_long_as_it_waited)
{
    int fd = pipe_with("");
    struct writer writer = {.fd = fd + 1, .reader = getpid()};
    pthread_t thread;
    char byte;

    begin_script("");
    ck_assert_int_eq(pthread_create(&thread, NULL, write_late, &writer), 0);
    writer.reads = true;
    ck_assert_int_eq(__wrap_read(fd, &byte, 1), 1);
    int64_t took_ns = faults_call_ns(WRAPPED_read);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_int_ge(writer.waited_ns, 1000000);
    ck_assert_int_ge(took_ns, writer.waited_ns);
}
END_TEST

START_TEST(a_sleep_takes_at_least_its_time)
{
    struct timespec two_ms = {0, 2000000};

    begin_script("");
    ck_assert_int_eq(__wrap_nanosleep(&two_ms, NULL), 0);
    int64_t one_ns = faults_call_ns(WRAPPED_nanosleep);
    ck_assert_int_ge(one_ns, 2000000);
    ck_assert_int_eq(__wrap_nanosleep(&two_ms, NULL), 0);
    ck_assert_int_ge(faults_call_ns(WRAPPED_nanosleep), one_ns + 2000000);
}
END_TEST

static void
no_time_is_spent(void)
{
    for (int i = 0; i < WRAPPED_COUNT; i++)
        ck_assert_int_eq(faults_call_ns((enum wrapped)i), 0);
}

START_TEST(what_was_not_called_takes_no_time)
{
    char folder[] = "/tmp/test_spent.XXXXXX";

    begin_script("");
    no_time_is_spent();
    ck_assert_ptr_nonnull(mkdtemp(folder));
    int fd = __wrap_open(folder, O_RDONLY);
    ck_assert_int_eq(__wrap_fsync(fd), 0);
    ck_assert_int_gt(faults_call_ns(WRAPPED_open), 0);
    ck_assert_int_gt(faults_call_ns(WRAPPED_fsync), 0);
    ck_assert_int_eq(faults_call_ns(WRAPPED_fdatasync), 0);
    ck_assert_int_eq(faults_call_ns(WRAPPED_close), 0);
    begin_script("");
    no_time_is_spent();
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(a_call_that_the_script_makes_fail_takes_no_time)
{
    int fd = pipe_with("abc");
    char byte;

    begin_script("read: EIO; write: EPIPE; fsync: EIO; poll: EINTR");
    signal(SIGPIPE, SIG_IGN);
    ck_assert_int_eq(__wrap_read(fd, &byte, 1), -1);
    ck_assert_int_eq(__wrap_write(fd + 1, "x", 1), -1);
    ck_assert_int_eq(__wrap_fsync(fd), -1);
    ck_assert_int_eq(wait_for(fd, POLLIN), -1);
    no_time_is_spent();
}
END_TEST

START_TEST(neither_memory_nor_clocks_are_measured)
{
    struct timespec time;
    struct timeval day;
    time_t seconds;

    begin_script("");
    __wrap_free(__wrap_realloc(__wrap_malloc(1), 2));
    __wrap_free(__wrap_calloc(1, 1));
    ck_assert_int_eq(__wrap_clock_gettime(CLOCK_REALTIME, &time), 0);
    ck_assert_int_eq(__wrap_gettimeofday(&day, NULL), 0);
    __wrap_time(&seconds);
    no_time_is_spent();
}
END_TEST

START_TEST(outside_of_a_call_nothing_is_measured)
{
    int fd = pipe_with("abc");
    char byte;

    ck_assert_int_eq(__wrap_read(fd, &byte, 1), 1);
    no_time_is_spent();
    begin_script("");
    ck_assert_int_eq(__wrap_read(fd, &byte, 1), 1);
    faults_end();
    int64_t took_ns = faults_call_ns(WRAPPED_read);
    ck_assert_int_eq(__wrap_read(fd, &byte, 1), 1);
    ck_assert_int_eq(faults_call_ns(WRAPPED_read), took_ns);
}
END_TEST

START_TEST(virtual_time_takes_no_time)
{
    struct pollfd one = {pipe_with("abc"), POLLIN, 0};
    fd_set set;

    faults_begin("", true, 0, false);
    FD_ZERO(&set);
    FD_SET(one.fd, &set);
    ck_assert_int_eq(__wrap_poll(&one, 1, -1), 1);
    ck_assert_int_eq(__wrap_select(one.fd + 1, &set, NULL, NULL, NULL), 1);
    no_time_is_spent();
}
END_TEST

/* errno survives the clock, and what a call returns its measuring. */
START_TEST(a_real_failure_keeps_its_errno)
{
    struct stat status;
    char byte;

    begin_script("");
    ck_assert_int_eq(__wrap_read(-1, &byte, 1), -1);
    ck_assert_int_eq(errno, EBADF);
    ck_assert_int_eq(__wrap_open("/nowhere/at/all", O_RDONLY), -1);
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_int_eq(__wrap_lstat("/", &status), 0);
    ck_assert_int_gt(faults_call_ns(WRAPPED_read), 0);
    ck_assert_int_gt(faults_call_ns(WRAPPED_open), 0);
    ck_assert_int_gt(faults_call_ns(WRAPPED_lstat), 0);
}
END_TEST

enum { THREADS = 4, SLEEPS = 10 };

static void *
sleep_often(void *arg)
{
    struct timespec little = {0, 100000};

    for (int i = 0; i < SLEEPS; i++)
        ck_assert_int_eq(__wrap_nanosleep(&little, NULL), 0);
    return arg;
}

START_TEST(the_time_of_many_threads_adds_up)
{
    pthread_t threads[THREADS];

    begin_script("");
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(
            pthread_create(&threads[i], NULL, sleep_often, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_int_eq(faults_calls(WRAPPED_nanosleep), THREADS * SLEEPS);
    ck_assert_int_ge(
        faults_call_ns(WRAPPED_nanosleep), THREADS * SLEEPS * 100000);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("time in calls");
    TCase *tcase = suite_section(suite, "time");

    tcase_add_test(tcase, a_call_that_waits_takes_as_long_as_it_waited);
    tcase_add_test(tcase, a_sleep_takes_at_least_its_time);
    tcase_add_test(tcase, what_was_not_called_takes_no_time);
    tcase_add_test(tcase, a_call_that_the_script_makes_fail_takes_no_time);
    tcase_add_test(tcase, neither_memory_nor_clocks_are_measured);
    tcase_add_test(tcase, outside_of_a_call_nothing_is_measured);
    tcase_add_test(tcase, virtual_time_takes_no_time);
    tcase_add_test(tcase, a_real_failure_keeps_its_errno);
    tcase_add_test(tcase, the_time_of_many_threads_adds_up);
    return suite_run(suite);
}
