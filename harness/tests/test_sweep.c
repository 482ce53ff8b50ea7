#include "leash.h"
#include "suite.h"
#include "sweep.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

/* Every test is the guard of what it starts. */

static void
begin(void)
{
    sweep_guard();
}

/* The sanitizer looks for leaks at the end. */
static void
end(void)
{
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static void
demand_no_child(void)
{
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
}

/* Say so on the leash, and live until killed. */
static _Noreturn void
live(const struct leash *leash, const char *name)
{
    prctl(PR_SET_NAME, name, 0, 0, 0);
    if (write(leash->held, "!", 1) != 1)
        _exit(1);
    while (true)
        pause();
}

/* A process in a session of its own whose parent, and its parent, are gone:
 * it lives when it has been handed to `guard`. */
static void
start_daemon(const struct leash *leash, const char *name)
{
    pid_t guard = getpid();
    int status;

    pid_t first = fork();
    if (first == 0) {
        pid_t second = fork();
        if (second > 0)
            _exit(waitpid(second, NULL, 0) != second);
        setsid();
        if (fork() > 0)
            _exit(0);
        while (getppid() != guard)
            sched_yield();
        live(leash, name);
    }
    ck_assert_int_eq(waitpid(first, &status, 0), first);
    ck_assert_int_eq(status, 0);
    leash_hears(leash);
}

START_TEST(a_guard_is_a_subreaper_that_nobody_may_read)
{
    int subreaper = 0;

    prctl(PR_GET_CHILD_SUBREAPER, &subreaper, 0, 0, 0);
    ck_assert_int_eq(subreaper, 1);
    ck_assert_int_eq(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
}
END_TEST

START_TEST(a_guard_can_wait_for_children_whatever_it_inherited)
{
    struct leash leash = leash_new();

    signal(SIGCHLD, SIG_IGN);
    sweep_guard();
    if (fork() == 0)
        live(&leash, "child");
    ck_assert_int_eq(sweep_children(NULL, 0, NULL), 1);
    demand_no_child();
}
END_TEST

START_TEST(where_there_is_no_child_nothing_is_counted)
{
    struct text name = {0};

    ck_assert_int_eq(sweep_children(NULL, 0, &name), 0);
    ck_assert_str_eq(text_string(&name), "");
}
END_TEST

START_TEST(a_child_is_killed_and_so_is_one_that_has_ended)
{
    struct leash leash = leash_new();
    siginfo_t ended;

    pid_t dead = fork();
    if (dead == 0)
        _exit(0);
    ck_assert_int_eq(waitid(P_PID, (id_t)dead, &ended, WEXITED | WNOWAIT), 0);
    if (fork() == 0)
        live(&leash, "child");
    leash_let_go(&leash);
    ck_assert_int_eq(sweep_children(NULL, 0, NULL), 2);
    ck_assert(leash_is_loose(&leash));
    demand_no_child();
}
END_TEST

START_TEST(daemons_are_killed_and_counted_and_the_first_is_named)
{
    struct leash leash = leash_new();
    struct text name = {0};

    for (int i = 0; i < 3; i++)
        start_daemon(&leash, "stray");
    leash_let_go(&leash);
    ck_assert(!leash_is_loose(&leash));
    ck_assert_int_eq(sweep_children(NULL, 0, &name), 3);
    ck_assert(leash_is_loose(&leash));
    ck_assert_str_eq(text_string(&name), "stray");
    demand_no_child();
    text_free(&name);
}
END_TEST

START_TEST(a_line_of_descendants_is_killed_to_the_last)
{
    struct leash leash = leash_new();
    int generations = 0;

    if (fork() == 0) {
        while (++generations < 10) {
            if (fork() > 0)
                live(&leash, "ancestor");
            setsid();
        }
        live(&leash, "youngest");
    }
    leash_let_go(&leash);
    for (int i = 0; i < 10; i++)
        leash_hears(&leash);
    ck_assert_int_eq(sweep_children(NULL, 0, NULL), 10);
    ck_assert(leash_is_loose(&leash));
    demand_no_child();
}
END_TEST

START_TEST(hundreds_of_children_are_killed)
{
    struct leash leash = leash_new();

    for (int i = 0; i < 300; i++) {
        if (fork() == 0)
            live(&leash, "one of many");
    }
    leash_let_go(&leash);
    ck_assert_int_eq(sweep_children(NULL, 0, NULL), 300);
    ck_assert(leash_is_loose(&leash));
    demand_no_child();
}
END_TEST

START_TEST(those_that_are_kept_stay_with_their_own_children)
{
    struct leash kept = leash_new(), stray = leash_new();
    pid_t keep[2];

    for (int i = 0; i < 2; i++) {
        keep[i] = fork();
        if (keep[i] == 0) {
            close(stray.held);
            fork();
            live(&kept, "kept");
        }
    }
    for (int i = 0; i < 4; i++)
        leash_hears(&kept);
    close(kept.held);
    start_daemon(&stray, ") S 1 (");
    start_daemon(&stray, "stray");
    leash_let_go(&stray);
    ck_assert_int_eq(sweep_children(keep, 2, NULL), 2);
    ck_assert(leash_is_loose(&stray));
    ck_assert(!leash_is_loose(&kept));
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), 0);
    ck_assert_int_eq(sweep_children(keep, 1, NULL), 2);
    ck_assert_int_eq(sweep_children(NULL, 0, NULL), 2);
    ck_assert(leash_is_loose(&kept));
    demand_no_child();
}
END_TEST

START_TEST(a_name_is_safe_for_a_terminal)
{
    struct leash leash = leash_new();
    struct text name = {0};

    start_daemon(&leash, "\033[2J) R (");
    ck_assert_int_eq(sweep_children(NULL, 0, &name), 1);
    ck_assert_str_eq(text_string(&name), "\\x1b[2J) R (");
    text_free(&name);
}
END_TEST

/* It forks and ends, again and again, so that no process of it is there for
 * long; after 100,000 times it gives up. */
START_TEST(one_that_runs_away_by_forking_is_caught)
{
    const char *script = "n=0; hop() { n=$((n + 1)); "
                         "[ $n -gt 100000 ] || hop & exit; }; hop";
    struct leash leash = leash_new();

    pid_t pid = fork();
    if (pid == 0) {
        execl("/bin/sh", "sh", "-c", script, (char *)NULL);
        _exit(127);
    }
    leash_let_go(&leash);
    ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
    ck_assert(!leash_is_loose(&leash));
    ck_assert_int_lt(sweep_children(NULL, 0, NULL), 100000);
    ck_assert(leash_is_loose(&leash));
    demand_no_child();
}
END_TEST

/* A child whose end only its tracer may collect. */
START_TEST(one_that_another_one_traces_does_not_hold_us_up)
{
    struct leash leash = leash_new();

    pid_t traced = fork();
    if (traced == 0) {
        prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
        prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
        live(&leash, "traced");
    }
    leash_hears(&leash);
    if (fork() == 0) {
        bool traces = ptrace(PTRACE_SEIZE, traced, NULL, NULL) == 0;
        if (write(leash.held, traces ? "y" : "n", 1) != 1)
            _exit(1);
        live(&leash, "tracer");
    }
    leash_let_go(&leash);
    if (leash_hears(&leash) != 'y')
        printf("could not check: nobody traces another process here\n");
    ck_assert_int_eq(sweep_children(NULL, 0, NULL), 2);
    ck_assert(leash_is_loose(&leash));
    demand_no_child();
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("sweep");
    TCase *guard = suite_section(suite, "a guard");
    tcase_add_checked_fixture(guard, begin, end);
    tcase_add_test(guard, a_guard_is_a_subreaper_that_nobody_may_read);
    tcase_add_test(guard, a_guard_can_wait_for_children_whatever_it_inherited);

    TCase *sweeping = suite_section(suite, "sweeping");
    tcase_add_checked_fixture(sweeping, begin, end);
    tcase_add_test(sweeping, where_there_is_no_child_nothing_is_counted);
    tcase_add_test(sweeping, a_child_is_killed_and_so_is_one_that_has_ended);
    tcase_add_test(
        sweeping, daemons_are_killed_and_counted_and_the_first_is_named);
    tcase_add_test(sweeping, a_line_of_descendants_is_killed_to_the_last);
    tcase_add_test(sweeping, hundreds_of_children_are_killed);
    tcase_add_test(sweeping, those_that_are_kept_stay_with_their_own_children);
    tcase_add_test(sweeping, a_name_is_safe_for_a_terminal);
    tcase_add_test(sweeping, one_that_runs_away_by_forking_is_caught);
    tcase_add_test(sweeping, one_that_another_one_traces_does_not_hold_us_up);
    return suite_run(suite);
}
