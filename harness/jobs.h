#ifndef JOBS_H
#define JOBS_H

#include "spawn.h"
#include "text.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Programs run side by side, a few at once, in the order in which they were
 * added; each says by a callback what comes next.
 */
enum { JOB_RESULTS_FD = 3 };

struct job {
    struct spawn spawn; /* argv is owned by the job: see job_new() */
    bool wants_results; /* give it descriptor 3 and collect it; watch that
                           nobody stops it or changes its limits */
    unsigned wall_s;    /* killed after so long; a generous backstop */
    void (*ended)(struct job *job); /* may add jobs */
    void *owner;                    /* the callback's */
    int number;                     /* the callback's */

    /* When it has ended: */
    int error;        /* errno when it could not be started, else 0 */
    bool timed_out;   /* the wall limit ended it */
    const char *harm; /* what somebody did to a job that wants results, and
                         nobody may: "stopped"; else NULL */
    struct outcome outcome;
    struct text output;  /* standard output and standard error */
    struct text results; /* what it wrote to JOB_RESULTS_FD */
    double wall_used_s;

    /* Of jobs.c: */
    pid_t pid;
    int ended_fd, output_fd, results_fd;
    double start_s;
    struct job *next;
    struct jobs *jobs;
};

/* The queue, and what is running. `{.most = 4}` is ready. */
struct jobs {
    int most; /* at once */
    struct job *waiting, *running;
    int running_count;
    void (*idle)(void *arg); /* called ten times a second; may be NULL */
    void *idle_arg;
};

/* A new job for argv, of which the job keeps copies; NULL ends the list. */
struct job *job_new(const char *const *argv);

/* Queue it. The job is freed after its callback returned. */
void jobs_add(struct jobs *jobs, struct job *job);

/* Forget what has not started; kill what has. Callbacks are not called. */
void jobs_cancel(struct jobs *jobs);

/*
 * Run until nothing is left. Children that no job started (orphans handed
 * to us) are killed: those of a job that was killed before its callback,
 * the rest before this returns. When a signal was caught (interrupt.h),
 * everything is killed and it returns -1; else 0.
 */
int jobs_run(struct jobs *jobs);

#endif
