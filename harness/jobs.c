#include "jobs.h"

#include "clock.h"
#include "interrupt.h"
#include "sweep.h"
#include "warn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_OUTPUT = 4 << 20, TICK_MS = 100 };

struct job *
job_new(const char *const *argv)
{
    struct job *job = text_zeroed(1, sizeof *job);
    size_t count = 0;

    while (argv[count] != NULL)
        count++;
    char **copy = text_zeroed(count + 1, sizeof *copy);
    for (size_t i = 0; i < count; i++)
        copy[i] = text_copy(argv[i]);
    job->spawn = spawn_plain((const char *const *)copy);
    job->wall_s = 300;
    return job;
}

static void
free_job(struct job *job)
{
    for (size_t i = 0; job->spawn.argv[i] != NULL; i++)
        free((char *)(uintptr_t)job->spawn.argv[i]);
    free((char **)(uintptr_t)job->spawn.argv);
    text_free(&job->output);
    text_free(&job->results);
    free(job);
}

void
jobs_add(struct jobs *jobs, struct job *job)
{
    struct job **end = &jobs->waiting;

    while (*end != NULL)
        end = &(*end)->next;
    *end = job;
    job->next = NULL;
    job->jobs = jobs;
}

static void
open_pipe(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC) != 0)
        die("open a pipe:");
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

static void
close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Start it; a job that cannot be started has ended. */
static void
start(struct jobs *jobs, struct job *job)
{
    int output[2], results[2] = {-1, -1};

    open_pipe(output);
    job->spawn.fds[2] = output[1];
    if (job->spawn.fds[1] != SPAWN_NULL)
        job->spawn.fds[1] = output[1];
    if (job->wants_results) {
        open_pipe(results);
        job->spawn.fds[JOB_RESULTS_FD] = results[1];
    }
    job->output_fd = output[0];
    job->results_fd = results[0];
    job->ended_fd = -1;
    job->start_s = clock_now_s();
    job->pid = spawn_start(&job->spawn);
    job->error = job->pid < 0 ? errno : 0;
    close(output[1]);
    close_fd(&results[1]);
    if (job->pid > 0)
        job->ended_fd = pidfd_open(job->pid, 0);
    if (job->pid > 0 && job->ended_fd < 0)
        die("pidfd_open:");
    job->next = jobs->running;
    jobs->running = job;
    jobs->running_count++;
}

/* Take what is there now and no more: who writes without end must not hold
 * up the others. */
static void
collect(int *fd, struct text *into)
{
    char block[65536];
    int left = 0;
    ssize_t n;

    if (*fd < 0)
        return;
    ioctl(*fd, FIONREAD, &left);
    do {
        n = read(*fd, block, sizeof block);
        size_t room = MOST_OUTPUT - into->length;
        if (n > 0)
            text_add(into, block, (size_t)n < room ? (size_t)n : room);
        left -= (int)n;
    } while (n > 0 && left > 0);
    if (n == 0)
        close_fd(fd);
}

static void
unlink_job(struct jobs *jobs, struct job *job)
{
    struct job **at = &jobs->running;

    while (*at != job)
        at = &(*at)->next;
    *at = job->next;
    jobs->running_count--;
}

/* Children that no job started. */
static void
sweep_orphans(struct jobs *jobs)
{
    pid_t *known = text_zeroed((size_t)jobs->running_count + 1, sizeof *known);
    size_t count = 0;

    for (struct job *job = jobs->running; job != NULL; job = job->next)
        known[count++] = job->pid;
    sweep_children(known, count, NULL);
    free(known);
}

static bool
is_stopped(const struct job *job)
{
    siginfo_t stopped = {.si_pid = 0};

    return waitid(P_PID, (id_t)job->pid, &stopped,
               WSTOPPED | WNOHANG | WNOWAIT) == 0 &&
           stopped.si_pid == job->pid;
}

/* It had ours, and does not change them. */
static bool
has_other_limits(const struct job *job)
{
    struct rlimit ours, theirs;

    for (int i = 0; i < RLIM_NLIMITS; i++) {
        if (getrlimit((__rlimit_resource_t)i, &ours) == 0 &&
            prlimit(job->pid, (__rlimit_resource_t)i, NULL, &theirs) == 0 &&
            (ours.rlim_cur != theirs.rlim_cur ||
                ours.rlim_max != theirs.rlim_max))
            return true;
    }
    return false;
}

/* Collect what is left of it and let its callback say what is next. */
static void
finish(struct jobs *jobs, struct job *job, bool tell)
{
    unlink_job(jobs, job);
    if (job->pid > 0) {
        if (job->wants_results && !job->harm && has_other_limits(job))
            job->harm = "changed the limits of";
        spawn_kill(job->pid);
        spawn_wait(job->pid, &job->outcome);
    }
    collect(&job->output_fd, &job->output);
    collect(&job->results_fd, &job->results);
    close_fd(&job->output_fd);
    close_fd(&job->results_fd);
    close_fd(&job->ended_fd);
    job->wall_used_s = clock_now_s() - job->start_s;
    if (job->pid > 0 && (!job->outcome.exited || job->outcome.status != 0))
        sweep_orphans(jobs);
    if (tell)
        job->ended(job);
    free_job(job);
}

void
jobs_cancel(struct jobs *jobs)
{
    while (jobs->waiting != NULL) {
        struct job *job = jobs->waiting;
        jobs->waiting = job->next;
        free_job(job);
    }
    while (jobs->running != NULL)
        finish(jobs, jobs->running, false);
    sweep_orphans(jobs);
}

/* Wait until something moved in a running job, or for a tick. */
static void
wait_for_any(struct jobs *jobs)
{
    size_t count = 0;
    struct pollfd *fds =
        text_zeroed((size_t)jobs->running_count * 3, sizeof *fds);

    for (struct job *job = jobs->running; job != NULL; job = job->next) {
        fds[count++] = (struct pollfd){job->ended_fd, POLLIN, 0};
        fds[count++] = (struct pollfd){job->output_fd, POLLIN, 0};
        fds[count++] = (struct pollfd){job->results_fd, POLLIN, 0};
    }
    int ready = interrupt_poll(fds, count, TICK_MS);
    free(fds);
    if (ready == 0 && jobs->idle != NULL)
        jobs->idle(jobs->idle_arg);
}

static bool
has_ended(struct job *job)
{
    struct pollfd ended = {job->ended_fd, POLLIN, 0};

    if (job->pid < 0 || poll(&ended, 1, 0) == 1)
        return true;
    collect(&job->output_fd, &job->output);
    collect(&job->results_fd, &job->results);
    job->timed_out = clock_now_s() - job->start_s > job->wall_s;
    if (job->wants_results && is_stopped(job))
        job->harm = "stopped";
    if (job->timed_out || job->harm != NULL)
        spawn_kill(job->pid);
    return false;
}

static struct job *
find_ended(struct jobs *jobs)
{
    struct job *job = jobs->running;

    while (job != NULL && !has_ended(job))
        job = job->next;
    return job;
}

int
jobs_run(struct jobs *jobs)
{
    while (jobs->waiting != NULL || jobs->running != NULL) {
        while (jobs->waiting != NULL && jobs->running_count < jobs->most) {
            struct job *job = jobs->waiting;
            jobs->waiting = job->next;
            start(jobs, job);
        }
        wait_for_any(jobs);
        if (interrupted) {
            jobs_cancel(jobs);
            return -1;
        }
        for (struct job *job; (job = find_ended(jobs)) != NULL;)
            finish(jobs, job, true);
    }
    sweep_orphans(jobs);
    return 0;
}
