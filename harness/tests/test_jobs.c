#include "leash.h"
#include "script_job.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEASH = 4 }; /* place of a leash in a job */

static void
add(struct jobs *jobs, int number, const char *script)
{
    jobs_add(jobs, new_job(number, script));
}

START_TEST(one_at_a_time_they_run_in_the_order_they_were_added)
{
    struct jobs jobs = {.most = 1};

    for (int i = 0; i < 10; i++)
        add(&jobs, i, "true");
    ck_assert_int_eq(jobs_run(&jobs), 0);
    ck_assert_str_eq(text_string(&told), "0123456789");
    text_free(&told);
}
END_TEST

START_TEST(no_job_is_no_work)
{
    struct jobs jobs = {.most = 2};

    ck_assert_int_eq(jobs_run(&jobs), 0);
}
END_TEST

/* Four jobs in a ring, each waiting for the one before it: done only when
 * all run at once. */
START_TEST(as_many_as_allowed_run_at_once)
{
    struct jobs jobs = {.most = 4};
    int ring[4][2];

    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pipe2(ring[i], O_CLOEXEC), 0);
    for (int i = 0; i < 4; i++) {
        struct job *job = new_job(i, "echo >&5; read line <&4");
        job->spawn.fds[4] = ring[i][0];
        job->spawn.fds[5] = ring[(i + 1) % 4][1];
        jobs_add(&jobs, job);
    }
    ck_assert_int_eq(jobs_run(&jobs), 0);
    ck_assert_uint_eq(told.length, 4);
    text_free(&told);
}
END_TEST

/* The children of this process. */
static int
count_children(void)
{
    struct dirent *entry;
    char path[300], parent[32];
    int count = 0;

    DIR *proc = opendir("/proc");
    ck_assert_ptr_nonnull(proc);
    snprintf(parent, sizeof parent, "PPid:\t%d\n", getpid());
    while ((entry = readdir(proc)) != NULL) {
        struct text status = {0};
        snprintf(path, sizeof path, "/proc/%s/status", entry->d_name);
        if (text_read_file(&status, path, 65536) == 0)
            count += strstr(text_string(&status), parent) != NULL;
        text_free(&status);
    }
    closedir(proc);
    return count;
}

static struct {
    int gate;   /* a byte lets one job end */
    int left;   /* jobs that have not ended */
    int looked; /* how often */
} crowd;

/* Nothing moves: all that were to start have started, and wait. */
static void
count_crowd(void *arg)
{
    const struct jobs *jobs = arg;
    int expected = crowd.left < jobs->most ? crowd.left : jobs->most;

    ck_assert_int_eq(count_children(), expected);
    ck_assert_int_eq(write(crowd.gate, "\n", 1), 1);
    crowd.left--;
    crowd.looked++;
}

START_TEST(never_more_than_allowed_run_at_once)
{
    struct jobs jobs = {.most = 2, .idle = count_crowd};
    int gate[2];

    ck_assert_int_eq(pipe2(gate, O_CLOEXEC), 0);
    crowd.gate = gate[1];
    crowd.left = 5;
    jobs.idle_arg = &jobs;
    for (int i = 0; i < 5; i++) {
        struct job *job = new_job(i, "read line");
        job->spawn.fds[0] = gate[0];
        jobs_add(&jobs, job);
    }
    ck_assert_int_eq(jobs_run(&jobs), 0);
    ck_assert_int_eq(crowd.looked, 5);
    ck_assert_uint_eq(told.length, 5);
    text_free(&told);
}
END_TEST

static void
add_next(struct job *job)
{
    tell(job);
    if (job->number < 9) {
        struct job *next = new_job(job->number + 1, "true");
        next->ended = add_next;
        jobs_add(job->jobs, next);
    }
}

START_TEST(a_callback_may_add_jobs)
{
    struct jobs jobs = {.most = 3};
    struct job *first = new_job(0, "true");

    first->ended = add_next;
    jobs_add(&jobs, first);
    ck_assert_int_eq(jobs_run(&jobs), 0);
    ck_assert_str_eq(text_string(&told), "0123456789");
    text_free(&told);
}
END_TEST

/* What one job came to. */

static void
see_outputs(struct job *job)
{
    ck_assert_int_eq(job->error, 0);
    ck_assert(job->outcome.exited && !job->timed_out);
    ck_assert_int_eq(job->outcome.status, job->number);
    ck_assert_str_eq(text_string(&job->output), "out\nerr\n");
    ck_assert_str_eq(
        text_string(&job->results), job->wants_results ? "results\n" : "");
    ck_assert_double_ge(job->wall_used_s, 0);
    tell(job);
}

START_TEST(outputs_results_and_status_are_collected)
{
    struct jobs jobs = {.most = 2};

    struct job *job =
        new_job(5, "echo out; echo err >&2; echo results >&3; exit 5");
    job->wants_results = true;
    job->ended = see_outputs;
    jobs_add(&jobs, job);
    job = new_job(6, "echo out; (echo >&3) 2>/dev/null || echo err; exit 6");
    job->ended = see_outputs;
    jobs_add(&jobs, job);
    ck_assert_int_eq(jobs_run(&jobs), 0);
    ck_assert_uint_eq(told.length, 2);
    text_free(&told);
}
END_TEST

static void
see_five_mib(struct job *job)
{
    ck_assert(job->outcome.exited && job->outcome.status == 0);
    ck_assert_uint_eq(job->output.length, 4 << 20);
    ck_assert_uint_eq(job->results.length, 4 << 20);
    tell(job);
}

START_TEST(of_an_output_4_mib_are_kept_and_the_rest_is_dropped)
{
    struct jobs jobs = {.most = 1};

    struct job *job =
        new_job(1, "head -c 5242880 /dev/zero; head -c 5242880 /dev/zero >&3");
    job->wants_results = true;
    job->ended = see_five_mib;
    jobs_add(&jobs, job);
    ck_assert_int_eq(jobs_run(&jobs), 0);
    ck_assert_str_eq(text_string(&told), "1");
    text_free(&told);
}
END_TEST

static void
see_missing(struct job *job)
{
    ck_assert_int_eq(job->error, ENOENT);
    ck_assert(!job->timed_out);
    tell(job);
}

START_TEST(a_job_that_cannot_start_says_why_and_the_others_run)
{
    const char *argv[] = {"/no/such/program", "argument", NULL};
    struct jobs jobs = {.most = 1};

    add(&jobs, 0, "true");
    struct job *job = job_new(argv);
    ck_assert_str_eq(job->spawn.argv[1], "argument");
    ck_assert_ptr_ne(job->spawn.argv[1], argv[1]);
    job->number = 1;
    job->ended = see_missing;
    jobs_add(&jobs, job);
    add(&jobs, 2, "true");
    ck_assert_int_eq(jobs_run(&jobs), 0);
    ck_assert_str_eq(text_string(&told), "012");
    text_free(&told);
}
END_TEST

static void
see_time_up(struct job *job)
{
    ck_assert(job->timed_out && !job->outcome.exited);
    ck_assert_int_eq(job->outcome.status, SIGKILL);
    tell(job);
}

START_TEST(a_job_is_killed_with_its_group_when_its_time_is_up)
{
    struct jobs jobs = {.most = 1};
    struct leash leash = leash_new();
    int gate[2];

    ck_assert_int_eq(pipe2(gate, O_CLOEXEC), 0);
    struct job *job = new_job(1, "cat <&0 & cat");
    job->spawn.fds[0] = gate[0];
    job->spawn.fds[LEASH] = leash.held;
    job->wall_s = 0;
    job->ended = see_time_up;
    jobs_add(&jobs, job);
    ck_assert_int_eq(jobs_run(&jobs), 0);
    leash_let_go(&leash);
    ck_assert(leash_is_loose(&leash));
    ck_assert_str_eq(text_string(&told), "1");
    text_free(&told);
}
END_TEST

static void
see_harm(struct job *job)
{
    static const char *const harms[] = {
        "stopped", "changed the limits of", NULL, NULL};

    ck_assert_pstr_eq(job->harm, harms[job->number]);
    tell(job);
}

START_TEST(harm_done_to_a_job_with_results_is_said)
{
    static const char *const scripts[] = {
        "kill -STOP $$", "ulimit -n 20", "true", "ulimit -n 20"};
    struct jobs jobs = {.most = 2};

    for (int i = 0; i < 4; i++) {
        struct job *job = new_job(i, scripts[i]);
        job->wants_results = i < 3;
        job->ended = see_harm;
        jobs_add(&jobs, job);
    }
    ck_assert_int_eq(jobs_run(&jobs), 0);
    ck_assert_uint_eq(told.length, 4);
    text_free(&told);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("jobs");
    TCase *running = guarded_section(suite, "side by side");
    tcase_add_test(
        running, one_at_a_time_they_run_in_the_order_they_were_added);
    tcase_add_test(running, no_job_is_no_work);
    tcase_add_test(running, as_many_as_allowed_run_at_once);
    tcase_add_test(running, never_more_than_allowed_run_at_once);
    tcase_add_test(running, a_callback_may_add_jobs);

    TCase *outcomes = guarded_section(suite, "what a job came to");
    tcase_add_test(outcomes, outputs_results_and_status_are_collected);
    tcase_add_test(
        outcomes, of_an_output_4_mib_are_kept_and_the_rest_is_dropped);
    tcase_add_test(
        outcomes, a_job_that_cannot_start_says_why_and_the_others_run);
    tcase_add_test(
        outcomes, a_job_is_killed_with_its_group_when_its_time_is_up);
    tcase_add_test(outcomes, harm_done_to_a_job_with_results_is_said);
    return suite_run(suite);
}
