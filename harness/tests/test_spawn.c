#include "spawn.h"
#include "suite.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Starting, and failing to. */

/* The number of open descriptors. */
static int
count_fds(void)
{
    struct dirent *entry;
    int count = 0;

    DIR *fds = opendir("/proc/self/fd");
    if (fds == NULL)
        return -1;
    while ((entry = readdir(fds)) != NULL) {
        count += entry->d_name[0] != '.';
    }
    closedir(fds);
    return count;
}

/* Nobody is left to wait for: no child, no zombie. */
static void
demand_no_child(void)
{
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
}

static void
fails(const char *program, const char *dir, int fd, int error)
{
    const char *argv[] = {program, NULL};
    struct spawn spawn = spawn_plain(argv);
    int before = count_fds();

    spawn.dir = dir;
    spawn.fds[3] = fd;
    errno = 0;
    ck_assert_int_eq(spawn_start(&spawn), -1);
    ck_assert_int_eq(errno, error);
    demand_no_child();
    ck_assert_int_eq(count_fds(), before);
}

START_TEST(what_cannot_be_started_says_why_and_leaves_nothing_behind)
{
    setenv("PATH", "/usr/bin:/bin", 1);
    fails("no-such-program", NULL, SPAWN_CLOSED, ENOENT);
    fails("/no/such/program", NULL, SPAWN_CLOSED, ENOENT);
    fails("/dev/null", NULL, SPAWN_CLOSED, EACCES);
    fails("true", "/no/such/folder", SPAWN_CLOSED, ENOENT);
    fails("true", "/dev/null", SPAWN_CLOSED, ENOTDIR);
    fails("true", NULL, 900, EBADF);
}
END_TEST

START_TEST(without_room_for_descriptors_nothing_is_started_or_left_open)
{
    const char *argv[] = {"true", NULL};
    struct spawn spawn = spawn_plain(argv);
    int status;

    for (unsigned room = 4; room <= SPAWN_FDS + 1; room++) {
        pid_t pid = fork();
        if (pid == 0) {
            struct rlimit limit = {room, room};
            close_range(3, ~0U, 0);
            setrlimit(RLIMIT_NOFILE, &limit);
            bool failed = spawn_start(&spawn) == -1;
            _exit(failed && fcntl(3, F_GETFD) < 0 && fcntl(8, F_GETFD) < 0);
        }
        ck_assert_int_eq(waitpid(pid, &status, 0), pid);
        ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    }
}
END_TEST

/* Run a script of sh to its end; what it printed. */
static struct outcome
sh(const char *script, struct spawn_limits limits, struct text *said)
{
    const char *argv[] = {"sh", "-c", script, NULL};
    struct spawn spawn = spawn_plain(argv);
    struct outcome outcome;

    spawn.limits = limits;
    said->length = 0;
    ck_assert_int_eq(spawn_capture(&spawn, 60, said, 65536, &outcome), 0);
    return outcome;
}

static const struct spawn_limits no_limits = {0};

START_TEST(an_outcome_is_an_exit_status_or_a_signal)
{
    struct text said = {0};

    struct outcome outcome = sh("exit 0", no_limits, &said);
    ck_assert(outcome.exited && outcome.status == 0);
    ck_assert_int_gt(outcome.peak_rss_kib, 0);
    outcome = sh("exit 42", no_limits, &said);
    ck_assert(outcome.exited && outcome.status == 42);
    outcome = sh("kill -TERM $$", no_limits, &said);
    ck_assert(!outcome.exited && outcome.status == SIGTERM);
    demand_no_child();
    ck_assert_int_eq(spawn_wait(getpid(), &outcome), -1);
    ck_assert_int_eq(errno, ECHILD);
    text_free(&said);
}
END_TEST

START_TEST(a_child_gets_the_working_directory_and_the_environment)
{
    const char *argv[] = {"sh", "-c", "pwd; echo \"$COLOUR\"", NULL};
    const char *env[] = {"COLOUR=red", "PATH=/usr/bin:/bin", NULL};
    struct spawn spawn = spawn_plain(argv);
    struct outcome outcome;
    struct text said = {0};

    setenv("COLOUR", "blue", 1);
    spawn.dir = "/";
    ck_assert_int_eq(spawn_capture(&spawn, 60, &said, 100, &outcome), 0);
    ck_assert_str_eq(text_string(&said), "/\nblue\n");
    said.length = 0;
    spawn.env = env;
    ck_assert_int_eq(spawn_capture(&spawn, 60, &said, 100, &outcome), 0);
    ck_assert_str_eq(text_string(&said), "/\nred\n");
    text_free(&said);
}
END_TEST

START_TEST(a_child_has_fixed_addresses_where_it_wants_them)
{
    const char *argv[] = {"cat", "/proc/self/personality", NULL};
    struct spawn spawn = spawn_plain(argv);
    struct outcome outcome;
    struct text said = {0};

    ck_assert_int_eq(spawn_capture(&spawn, 60, &said, 100, &outcome), 0);
    ck_assert_str_eq(text_string(&said), "00000000\n");
    said.length = 0;
    spawn.fixed_addresses = true;
    ck_assert_int_eq(spawn_capture(&spawn, 60, &said, 100, &outcome), 0);
    if (strcmp(text_string(&said), "00000000\n") == 0)
        printf("could not check: personality() is not allowed here\n");
    else
        ck_assert_str_eq(text_string(&said), "00040000\n");
    text_free(&said);
}
END_TEST

START_TEST(a_child_leads_a_session_and_a_process_group_of_its_own)
{
    const char *argv[] = {"cat", NULL};
    struct spawn spawn = spawn_plain(argv);
    struct outcome outcome;
    int gate[2];

    ck_assert_int_eq(pipe2(gate, O_CLOEXEC), 0);
    spawn.fds[0] = gate[0];
    pid_t pid = spawn_start(&spawn);
    ck_assert_int_gt(pid, 0);
    ck_assert_int_eq(getsid(pid), pid);
    ck_assert_int_eq(getpgid(pid), pid);
    close(gate[1]);
    ck_assert_int_eq(spawn_wait(pid, &outcome), 0);
    ck_assert(outcome.exited && outcome.status == 0);
}
END_TEST

START_TEST(a_child_begins_with_no_signal_blocked_or_ignored)
{
    struct text said = {0};
    unsigned long long blocked = 1, ignored = 1;
    sigset_t all;

    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL);
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    sh("exec cat /proc/self/status", no_limits, &said);
    const char *line = strstr(text_string(&said), "SigBlk:");
    ck_assert_ptr_nonnull(line);
    sscanf(line, "SigBlk: %llx SigIgn: %llx", &blocked, &ignored);
    ck_assert_uint_eq(blocked, 0);
    ck_assert_uint_eq(ignored, 0);
    text_free(&said);
}
END_TEST

/* Limits. */

/* "64 65": the soft and the hard limit of that name. */
static void
has_limit(const struct text *limits, const char *name, const char *expected)
{
    char soft[32] = "", hard[32] = "", both[72];

    const char *line = strstr(text_string(limits), name);
    ck_assert_ptr_nonnull(line);
    sscanf(line + strlen(name), "%31s %31s", soft, hard);
    snprintf(both, sizeof both, "%s %s", soft, hard);
    ck_assert_str_eq(both, expected);
}

START_TEST(limits_are_in_force)
{
    const struct spawn_limits limits = {
        .cpu_s = 2, .memory_mib = 512, .nofile = 20, .file_mib = 3};
    struct text said = {0};

    sh("exec cat /proc/self/limits", limits, &said);
    has_limit(&said, "Max cpu time", "2 3");
    has_limit(&said, "Max address space", "536870912 536870912");
    has_limit(&said, "Max open files", "20 20");
    has_limit(&said, "Max file size", "3145728 3145728");
    text_free(&said);
}
END_TEST

START_TEST(a_limit_above_our_own_becomes_our_own)
{
    const struct rlimit own = {16, 32};
    const struct spawn_limits limits = {.nofile = 64};
    struct text said = {0};

    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &own), 0);
    sh("exec cat /proc/self/limits", limits, &said);
    has_limit(&said, "Max open files", "32 32");
    text_free(&said);
}
END_TEST

START_TEST(a_loop_is_ended_by_the_limit_of_processor_time)
{
    struct text said = {0};

    struct outcome outcome =
        sh("while :; do :; done", (struct spawn_limits){.cpu_s = 1}, &said);
    ck_assert(!outcome.exited && outcome.status == SIGXCPU);
    ck_assert_double_gt(outcome.cpu_s, 0);
    text_free(&said);
}
END_TEST

START_TEST(a_file_that_grows_is_ended_by_the_limit_of_its_size)
{
    char name[] = "/tmp/test_spawn.XXXXXX";
    char script[80];
    struct text said = {0};

    int fd = mkstemp(name);
    snprintf(
        script, sizeof script, "exec dd if=/dev/zero bs=65536 of=%s", name);
    struct outcome outcome =
        sh(script, (struct spawn_limits){.file_mib = 1}, &said);
    ck_assert(!outcome.exited && outcome.status == SIGXFSZ);
    ck_assert_int_eq(lseek(fd, 0, SEEK_END), 1 << 20);
    unlink(name);
    close(fd);
    text_free(&said);
}
END_TEST

START_TEST(memory_is_refused_above_its_limit_and_given_below_it)
{
    const char *script = "exec dd if=/dev/zero of=/dev/null bs=128M count=1";
    struct text said = {0};

    struct outcome outcome =
        sh(script, (struct spawn_limits){.memory_mib = 64}, &said);
    ck_assert(outcome.exited && outcome.status == 1);
    outcome = sh(script, (struct spawn_limits){.memory_mib = 512}, &said);
    ck_assert(outcome.exited && outcome.status == 0);
    text_free(&said);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("spawn");
    TCase *starting = suite_section(suite, "starting");
    tcase_add_test(
        starting, what_cannot_be_started_says_why_and_leaves_nothing_behind);
    tcase_add_test(starting,
        without_room_for_descriptors_nothing_is_started_or_left_open);
    tcase_add_test(starting, an_outcome_is_an_exit_status_or_a_signal);
    tcase_add_test(
        starting, a_child_gets_the_working_directory_and_the_environment);
    tcase_add_test(starting, a_child_has_fixed_addresses_where_it_wants_them);
    tcase_add_test(
        starting, a_child_leads_a_session_and_a_process_group_of_its_own);
    tcase_add_test(starting, a_child_begins_with_no_signal_blocked_or_ignored);

    TCase *limits = suite_section(suite, "limits");
    tcase_add_test(limits, limits_are_in_force);
    tcase_add_test(limits, a_limit_above_our_own_becomes_our_own);
    tcase_add_test(limits, a_loop_is_ended_by_the_limit_of_processor_time);
    tcase_add_test(
        limits, a_file_that_grows_is_ended_by_the_limit_of_its_size);
    tcase_add_test(
        limits, memory_is_refused_above_its_limit_and_given_below_it);
    return suite_run(suite);
}
