#include "interrupt.h"
#include "leash.h"
#include "script_job.h"

#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static char self[PATH_MAX];

enum { LEASH = 4, GATE = 5 }; /* places of the tests in a job */

/* Started again, this program leaves a process in a session of its own that
 * lives as long as the gate is shut, and ends or is killed. */
static int
leave_orphan(bool is_killed)
{
    char byte;

    if (fork() == 0) {
        setsid();
        _exit(read(GATE, &byte, 1) != 0);
    }
    return is_killed ? raise(SIGKILL) : 0;
}

/* What is left behind. */

static struct leash orphan;

static void
see_no_orphan(struct job *job)
{
    leash_let_go(&orphan);
    ck_assert(leash_is_loose(&orphan));
    tell(job);
}

static void
see_unharmed(struct job *job)
{
    ck_assert(job->outcome.exited && job->outcome.status == 0);
    tell(job);
}

/* Run one that leaves an orphan; if it is to be killed, beside one that
 * waits for the orphan's end. */
static void
run_beside_orphan(const char *word, void (*ended)(struct job *))
{
    const char *argv[] = {self, word, NULL};
    struct jobs jobs = {.most = 2};
    int gate[2];

    ck_assert_int_eq(pipe2(gate, O_CLOEXEC), 0);
    orphan = leash_new();
    struct job *job = job_new(argv);
    job->number = 1;
    job->ended = ended;
    job->spawn.fds[LEASH] = orphan.held;
    job->spawn.fds[GATE] = gate[0];
    jobs_add(&jobs, job);
    if (ended == see_no_orphan) {
        job = new_job(2, "read line <&4 || exit 0");
        job->spawn.fds[4] = orphan.end;
        job->ended = see_unharmed;
        jobs_add(&jobs, job);
    }
    ck_assert_int_eq(jobs_run(&jobs), 0);
}

START_TEST(the_orphans_of_a_killed_job_are_dead_before_its_callback)
{
    run_beside_orphan("--killed", see_no_orphan);
    ck_assert_str_eq(text_string(&told), "12");
    text_free(&told);
}
END_TEST

START_TEST(all_orphans_are_dead_in_the_end)
{
    run_beside_orphan("--ended", see_unharmed);
    leash_let_go(&orphan);
    ck_assert(leash_is_loose(&orphan));
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_str_eq(text_string(&told), "1");
    text_free(&told);
}
END_TEST

/* Ended early. */

static void
cancel(struct job *job)
{
    tell(job);
    jobs_cancel(job->jobs);
}

START_TEST(a_callback_may_cancel_all_others)
{
    struct jobs jobs = {.most = 3};
    struct leash leash = leash_new();
    int gate[2];

    ck_assert_int_eq(pipe2(gate, O_CLOEXEC), 0);
    for (int i = 0; i < 6; i++) {
        struct job *job = new_job(i, i == 1 ? "true" : "cat");
        job->spawn.fds[0] = gate[0];
        job->spawn.fds[LEASH] = leash.held;
        job->ended = cancel;
        jobs_add(&jobs, job);
    }
    ck_assert_int_eq(jobs_run(&jobs), 0);
    leash_let_go(&leash);
    ck_assert(leash_is_loose(&leash));
    ck_assert_str_eq(text_string(&told), "1");
    text_free(&told);
}
END_TEST

static void
interrupt_us(void *arg)
{
    raise(*(int *)arg);
}

START_TEST(an_interrupt_ends_all_and_calls_nobody_back)
{
    int number = SIGINT, gate[2];
    struct jobs jobs = {.most = 2, .idle = interrupt_us, .idle_arg = &number};
    struct leash leash = leash_new();

    interrupt_catch();
    ck_assert_int_eq(pipe2(gate, O_CLOEXEC), 0);
    for (int i = 0; i < 4; i++) {
        struct job *job = new_job(i, "cat <&0 & cat");
        job->spawn.fds[0] = gate[0];
        job->spawn.fds[LEASH] = leash.held;
        jobs_add(&jobs, job);
    }
    ck_assert_int_eq(jobs_run(&jobs), -1);
    leash_let_go(&leash);
    ck_assert(leash_is_loose(&leash));
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_str_eq(text_string(&told), "");
    ck_assert(jobs.waiting == NULL && jobs.running == NULL);
}
END_TEST

START_TEST(an_interrupt_before_a_job_that_cannot_start_kills_nobody_else)
{
    const char *argv[] = {"/no/such/program", NULL};
    struct jobs jobs = {.most = 2};

    interrupt_catch();
    raise(SIGTERM);
    struct job *job = job_new(argv);
    job->ended = tell;
    jobs_add(&jobs, job);
    ck_assert_int_eq(jobs_run(&jobs), -1);
    ck_assert_str_eq(text_string(&told), "");
}
END_TEST

static void
interrupt(struct job *job)
{
    (void)job;
    raise(SIGINT);
}

START_TEST(a_job_that_writes_without_end_holds_nobody_up)
{
    struct jobs jobs = {.most = 2};

    interrupt_catch();
    jobs_add(&jobs, new_job(0, "yes >&2 & yes"));
    struct job *job = new_job(1, "true");
    job->ended = interrupt;
    jobs_add(&jobs, job);
    ck_assert_int_eq(jobs_run(&jobs), -1);
}
END_TEST

int
main(int argc, char **argv)
{
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
        return 2;
    if (argc > 1)
        return leave_orphan(strcmp(argv[1], "--killed") == 0);

    Suite *suite = suite_create("jobs_ends");
    TCase *left = guarded_section(suite, "nothing is left");
    tcase_add_test(
        left, the_orphans_of_a_killed_job_are_dead_before_its_callback);
    tcase_add_test(left, all_orphans_are_dead_in_the_end);

    TCase *early = guarded_section(suite, "ended early");
    tcase_add_test(early, a_callback_may_cancel_all_others);
    tcase_add_test(early, an_interrupt_ends_all_and_calls_nobody_back);
    tcase_add_test(
        early, an_interrupt_before_a_job_that_cannot_start_kills_nobody_else);
    tcase_add_test(early, a_job_that_writes_without_end_holds_nobody_up);
    return suite_run(suite);
}
