#include "duel.h"

#include "interrupt.h"
#include "jobs.h"
#include "judging.h"
#include "programs.h"
#include "warn.h"

#include <stdlib.h>

static void
run_ended(struct job *job)
{
    double *seconds = job->owner;

    *seconds = strtod(text_string(&job->results), NULL);
    if (*seconds <= 0)
        warn("a timed run failed: %s%s", text_string(&job->output),
            text_string(&job->results));
}

/* One run, in seconds; 0 when it failed. */
static int
run_once(const struct lab *lab, const char *dir, const char *program,
    uint64_t seed, double *seconds)
{
    struct jobs jobs = {.most = 1};
    char *folder = text_format("%s/timed", dir);
    struct job *job =
        judging_job(lab, "workload", BUILD_PLAIN, program, folder, seed);

    *seconds = 0;
    job->owner = seconds;
    job->ended = run_ended;
    jobs_add(&jobs, job);
    free(folder);
    return jobs_run(&jobs);
}

static int
compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

int
duel_run(const struct lab *lab, const char *dir, const char *program,
    uint64_t seed, struct record *record)
{
    double ratios[DUEL_RUNS];
    char *reference = programs_reference(lab, dir);
    int result = interrupted ? -1 : 0, done = 0;

    while (result == 0 && reference != NULL && done < DUEL_RUNS) {
        double theirs = 0, ours = 0;
        const char *first = done % 2 == 0 ? reference : program;
        const char *second = done % 2 == 0 ? program : reference;
        result =
            run_once(lab, dir, first, seed, done % 2 == 0 ? &theirs : &ours);
        if (result == 0)
            result = run_once(
                lab, dir, second, seed, done % 2 == 0 ? &ours : &theirs);
        if (result != 0 || theirs <= 0 || ours <= 0)
            break;
        ratios[done++] = ours / theirs;
    }
    free(reference);
    if (done < DUEL_RUNS)
        return result;
    qsort(ratios, DUEL_RUNS, sizeof ratios[0], compare);
    record->ratio = ratios[DUEL_RUNS / 2];
    record->ratio_runs = DUEL_RUNS;
    return 0;
}
