#include "interrupt.h"
#include "leash.h"
#include "spawn.h"
#include "suite.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

/* Started again with a word of its own, this program is what the tests
 * start. */

static char self[PATH_MAX];

enum { LEASH = 3 }; /* where the tests put a leash */

/* Leave a process in a session of its own that holds on to our output until
 * its input ends; or that writes to our output for as long as it can. */
static int
leave_stray(bool floods)
{
    char block[4096] = {0};

    printf("done\n");
    fflush(stdout);
    if (fork() == 0) {
        setsid();
        if (!floods)
            _exit(read(0, block, 1) != 0);
        while (write(1, block, sizeof block) > 0)
            ;
        _exit(0);
    }
    return 0;
}

/* Try to leave our process group; 0 when we cannot. */
static int
leave_group(void)
{
    return setpgid(0, getpgid(getppid())) == 0 || setsid() != -1;
}

/* Try to write into another process in each way there is; which ones
 * worked. */
static int
poke(pid_t pid, uintptr_t address)
{
    char path[32], value = 'x';
    struct iovec from = {&value, 1}, to = {(void *)address, 1};
    int worked = 0;

    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    int fd = open(path, O_RDWR);
    worked |= fd >= 0 && pwrite(fd, &value, 1, (off_t)address) == 1 ? 1 : 0;
    worked |= process_vm_writev(pid, &from, 1, &to, 1, 0) == 1 ? 2 : 0;
    worked |= ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0 ? 4 : 0;
    return worked;
}

/* Start a child that holds the leash, and then do nothing until killed. */
static int
be_parent(bool unprivileged)
{
    const char *argv[] = {"sleep", "100", NULL};
    struct spawn spawn = spawn_plain(argv);

    spawn.fds[LEASH] = LEASH;
    spawn.unprivileged = unprivileged;
    if (spawn_start(&spawn) < 0 || write(LEASH, "!", 1) != 1)
        return 1;
    while (true)
        pause();
}

static int
act(int argc, char **argv)
{
    if (strcmp(argv[1], "--stray") == 0)
        return leave_stray(false);
    if (strcmp(argv[1], "--flood") == 0)
        return leave_stray(true);
    if (strcmp(argv[1], "--leave") == 0)
        return leave_group();
    if (strcmp(argv[1], "--poke") == 0 && argc == 4)
        return poke(atoi(argv[2]), (uintptr_t)strtoull(argv[3], NULL, 10));
    if (strcmp(argv[1], "--parent") == 0 && argc == 3)
        return be_parent(argv[2][0] == '1');
    return 2;
}

/* Capture. */

static struct outcome
capture(const char *const *argv, size_t most, struct text *said)
{
    struct spawn spawn = spawn_plain(argv);
    struct outcome outcome;

    ck_assert_int_eq(spawn_capture(&spawn, 60, said, most, &outcome), 0);
    return outcome;
}

START_TEST(what_is_written_to_both_outputs_is_appended_in_order)
{
    const char *argv[] = {
        "sh", "-c", "echo one; echo two >&2; echo three", NULL};
    struct text said = {0};

    text_addf(&said, "before ");
    struct outcome outcome = capture(argv, 1000, &said);
    ck_assert(outcome.exited && outcome.status == 0);
    ck_assert_str_eq(text_string(&said), "before one\ntwo\nthree\n");
    text_free(&said);
}
END_TEST

static const char *const million[] = {
    "sh", "-c", "head -c 1000000 /dev/zero; exit 7", NULL};

START_TEST(a_million_bytes_are_captured_whole)
{
    struct text said = {0};

    struct outcome outcome = capture(million, 2000000, &said);
    ck_assert(outcome.exited && outcome.status == 7);
    ck_assert_uint_eq(said.length, 1000000);
    text_free(&said);
}
END_TEST

START_TEST(more_than_the_most_is_dropped_and_the_program_goes_on)
{
    struct text said = {0};

    text_add(&said, "12345678", 8);
    struct outcome outcome = capture(million, 1000, &said);
    ck_assert(outcome.exited && outcome.status == 7);
    ck_assert_uint_eq(said.length, 1000);
    text_free(&said);
}
END_TEST

START_TEST(a_program_that_closes_its_output_is_waited_for)
{
    const char *argv[] = {
        "sh", "-c", "echo first; exec >&- 2>&-; cat /proc/self/stat", NULL};
    struct text said = {0};

    struct outcome outcome = capture(argv, 1000, &said);
    ck_assert(outcome.exited && outcome.status != 0);
    ck_assert_str_eq(text_string(&said), "first\n");
    text_free(&said);
}
END_TEST

START_TEST(what_cannot_be_started_cannot_be_captured)
{
    const char *argv[] = {"/no/such/program", NULL};
    struct spawn spawn = spawn_plain(argv);
    struct outcome outcome;
    struct text said = {0};

    ck_assert_int_eq(spawn_capture(&spawn, 60, &said, 1000, &outcome), -1);
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_uint_eq(said.length, 0);
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

/* A capture of a program that will not end by itself. */
static void
is_killed(const char *const *argv, unsigned wall_s, int error)
{
    struct spawn spawn = spawn_plain(argv);
    struct leash leash = leash_new();
    struct outcome outcome;
    struct text said = {0};
    int gate[2];

    ck_assert_int_eq(pipe2(gate, O_CLOEXEC), 0);
    spawn.fds[0] = gate[0];
    spawn.fds[LEASH] = leash.held;
    ck_assert_int_eq(spawn_capture(&spawn, wall_s, &said, 100, &outcome), -1);
    ck_assert_int_eq(errno, error);
    ck_assert(!outcome.exited && outcome.status == SIGKILL);
    leash_let_go(&leash);
    ck_assert(leash_gets_loose(&leash));
    text_free(&said);
}

START_TEST(a_program_is_killed_with_its_group_when_time_is_up)
{
    const char *cat[] = {"cat", NULL};
    const char *group[] = {"sh", "-c", "cat <&0 & cat", NULL};

    is_killed(cat, 0, ETIMEDOUT);
    is_killed(group, 1, ETIMEDOUT);
}
END_TEST

START_TEST(a_program_is_killed_when_a_signal_is_caught)
{
    const char *group[] = {"sh", "-c", "cat <&0 & cat", NULL};

    interrupt_catch();
    raise(SIGTERM);
    is_killed(group, 60, EINTR);
    ck_assert_int_eq(interrupted, SIGTERM);
    is_killed(group, 60, EINTR); /* and every one after it */
}
END_TEST

START_TEST(a_program_cannot_leave_its_group)
{
    const char *argv[] = {self, "--leave", NULL};
    struct text said = {0};

    struct outcome outcome = capture(argv, 100, &said);
    ck_assert(outcome.exited);
    ck_assert_int_eq(outcome.status, 0);
    text_free(&said);
}
END_TEST

/* A stray of the child keeps the pipe open, or floods it. */
START_TEST(a_stray_does_not_hold_up_the_capture)
{
    const char *argv[] = {self, _i == 0 ? "--stray" : "--flood", NULL};
    struct spawn spawn = spawn_plain(argv);
    struct leash leash = leash_new();
    struct outcome outcome;
    struct text said = {0};
    int gate[2];

    ck_assert_int_eq(pipe2(gate, O_CLOEXEC), 0);
    spawn.fds[0] = gate[0];
    spawn.fds[LEASH] = leash.held;
    ck_assert_int_eq(spawn_capture(&spawn, 60, &said, 1 << 20, &outcome), 0);
    ck_assert(outcome.exited && outcome.status == 0);
    ck_assert_ptr_nonnull(memmem(said.bytes, said.length, "done\n", 5));
    leash_let_go(&leash);
    if (_i == 0)
        ck_assert(!leash_is_loose(&leash));
    close(gate[0]);
    close(gate[1]);
    ck_assert(leash_gets_loose(&leash));
    text_free(&said);
}
END_TEST

/* Without privileges. */

START_TEST(an_unprivileged_child_has_no_capability_and_gains_none)
{
    const char *argv[] = {
        "cat", "/proc/self/status", "/proc/self/limits", NULL};
    static const char *const lines[] = {"\nCapInh:\t0000000000000000\n",
        "\nCapPrm:\t0000000000000000\n", "\nCapEff:\t0000000000000000\n",
        "\nCapAmb:\t0000000000000000\n", "\nNoNewPrivs:\t1\n",
        "\nMax core file size        0                    0  "};
    struct spawn spawn = spawn_plain(argv);
    struct outcome outcome;
    struct text said = {0};

    spawn.unprivileged = true;
    ck_assert_int_eq(spawn_capture(&spawn, 60, &said, 65536, &outcome), 0);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        ck_assert_msg(strstr(text_string(&said), lines[i]) != NULL,
            "no line %s in\n%s", lines[i], text_string(&said));
    text_free(&said);
}
END_TEST

static volatile char treasure = '-';

/* What a child that pokes at us can do. */
static int
poke_us(bool unprivileged)
{
    char pid[16], address[24];
    const char *argv[] = {self, "--poke", pid, address, NULL};
    struct spawn spawn = spawn_plain(argv);
    struct outcome outcome;

    snprintf(pid, sizeof pid, "%d", getpid());
    snprintf(address, sizeof address, "%ju", (uintmax_t)&treasure);
    spawn.unprivileged = unprivileged;
    pid_t child = spawn_start(&spawn);
    ck_assert_int_gt(child, 0);
    ck_assert_int_eq(spawn_wait(child, &outcome), 0);
    ck_assert(outcome.exited);
    return outcome.status;
}

START_TEST(an_unprivileged_child_cannot_write_a_parent_that_is_not_dumpable)
{
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    ck_assert_int_eq(poke_us(true), 0);
    ck_assert_int_eq(treasure, '-');
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* the sanitizer looks for leaks */
}
END_TEST

START_TEST(a_child_that_writes_its_parent_would_be_seen)
{
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
    if (poke_us(false) == 0)
        printf("could not check: nobody writes into another process here\n");
    else
        ck_assert_int_eq(treasure, 'x');
}
END_TEST

START_TEST(a_child_dies_with_its_parent)
{
    const char *argv[] = {self, "--parent", _i == 0 ? "0" : "1", NULL};
    struct spawn spawn = spawn_plain(argv);
    struct leash leash = leash_new();
    struct outcome outcome;

    spawn.fds[LEASH] = leash.held;
    pid_t pid = spawn_start(&spawn);
    ck_assert_int_gt(pid, 0);
    leash_let_go(&leash);
    leash_hears(&leash);
    ck_assert(!leash_is_loose(&leash));
    kill(pid, SIGKILL);
    ck_assert_int_eq(spawn_wait(pid, &outcome), 0);
    ck_assert(leash_gets_loose(&leash));
}
END_TEST

int
main(int argc, char **argv)
{
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
        return 2;
    if (argc > 1)
        return act(argc, argv);

    Suite *suite = suite_create("spawn_capture");
    TCase *capturing = suite_section(suite, "capture");
    tcase_add_test(
        capturing, what_is_written_to_both_outputs_is_appended_in_order);
    tcase_add_test(capturing, a_million_bytes_are_captured_whole);
    tcase_add_test(
        capturing, more_than_the_most_is_dropped_and_the_program_goes_on);
    tcase_add_test(capturing, a_program_that_closes_its_output_is_waited_for);
    tcase_add_test(capturing, what_cannot_be_started_cannot_be_captured);

    TCase *ends = suite_section(suite, "what does not end");
    tcase_add_test(ends, a_program_is_killed_with_its_group_when_time_is_up);
    tcase_add_test(ends, a_program_is_killed_when_a_signal_is_caught);
    tcase_add_test(ends, a_program_cannot_leave_its_group);
    tcase_add_loop_test(ends, a_stray_does_not_hold_up_the_capture, 0, 2);
    tcase_add_loop_test(ends, a_child_dies_with_its_parent, 0, 2);

    TCase *privileges = suite_section(suite, "without privileges");
    tcase_add_test(
        privileges, an_unprivileged_child_has_no_capability_and_gains_none);
    tcase_add_test(privileges,
        an_unprivileged_child_cannot_write_a_parent_that_is_not_dumpable);
    tcase_add_test(privileges, a_child_that_writes_its_parent_would_be_seen);
    return suite_run(suite);
}
