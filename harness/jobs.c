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
#include <sys/pidfd.h>
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
    job->spawn.fds[1] = job->spawn.fds[2] = output[1];
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

static void
collect(int *fd, struct text *into)
{
    char block[65536];
    ssize_t n = -1;

    while (*fd >= 0 && (n = read(*fd, block, sizeof block)) > 0) {
        size_t room = MOST_OUTPUT - into->length;
        text_add(into, block, (size_t)n < room ? (size_t)n : room);
    }
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

/* Collect what is left of it and let its callback say what is next. */
static void
finish(struct jobs *jobs, struct job *job, bool tell)
{
    unlink_job(jobs, job);
    if (job->pid > 0) {
        kill(-job->pid, SIGKILL);
        spawn_wait(job->pid, &job->outcome);
    }
    collect(&job->output_fd, &job->output);
    collect(&job->results_fd, &job->results);
    close_fd(&job->output_fd);
    close_fd(&job->results_fd);
    close_fd(&job->ended_fd);
    job->wall_used_s = clock_now_s() - job->start_s;
    if (job->pid > 0 && !job->outcome.exited)
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
    while (jobs->running != NULL) {
        kill(-jobs->running->pid, SIGKILL);
        finish(jobs, jobs->running, false);
    }
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
    if (clock_now_s() - job->start_s > job->wall_s) {
        job->timed_out = true;
        kill(-job->pid, SIGKILL);
    }
    return false;
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
        struct job *next;
        for (struct job *job = jobs->running; job != NULL; job = next) {
            next = job->next;
            if (has_ended(job))
                finish(jobs, job, true);
        }
    }
    return 0;
}
