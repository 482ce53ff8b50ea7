#ifndef SCRIPT_JOB_H
#define SCRIPT_JOB_H

/*
 * For tests of jobs.h: jobs that are scripts of sh.
 */
#include "jobs.h"
#include "suite.h"
#include "sweep.h"
#include "text.h"

#include <sys/prctl.h>

/* A section of tests each of which is the guard of what it starts; the
 * sanitizer looks for leaks at its end. */
static inline void
guard_begin(void)
{
    sweep_guard();
}

static inline void
guard_end(void)
{
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static inline TCase *
guarded_section(Suite *suite, const char *name)
{
    TCase *tcase = suite_section(suite, name);

    tcase_add_checked_fixture(tcase, guard_begin, guard_end);
    return tcase;
}

/* The numbers of the jobs that have ended. */
static struct text told;

static inline void
tell(struct job *job)
{
    text_addf(&told, "%d", job->number);
}

static inline struct job *
new_job(int number, const char *script)
{
    const char *argv[] = {"sh", "-c", script, NULL};
    struct job *job = job_new(argv);

    job->number = number;
    job->ended = tell;
    job->wall_s = 60;
    return job;
}

#endif
