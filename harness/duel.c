#include "duel.h"

#include "compile.h"
#include "jobs.h"
#include "judging.h"
#include "warn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool compiled;

static void
reference_compiled(struct compilation *compilation)
{
    compiled = compilation->verdict == VERDICT_ACCEPTED;
    if (!compiled)
        warn("the reference does not compile: %s", compilation->cause);
}

/* Is the file at `path` newer than the other, or the other not there? */
static bool
is_newer(const char *path, const char *other)
{
    struct stat a, b;

    if (stat(path, &a) != 0 || stat(other, &b) != 0)
        return true;
    return a.st_mtim.tv_sec > b.st_mtim.tv_sec ||
           (a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
               a.st_mtim.tv_nsec >= b.st_mtim.tv_nsec);
}

/* build/STEM/reference, made anew when anything it is made of is newer. */
static int
build_reference(const struct lab *lab, const char *dir, const char *program)
{
    struct compilation compilation = {.lab = lab,
        .build = BUILD_PLAIN,
        .dir = dir,
        .name = "reference",
        .ended = reference_compiled};
    struct jobs jobs = {.most = 1};
    struct source source;
    char *cause = NULL;
    char *solution = lab_solution_path(lab);
    char *adapters = lab_build_path(lab, "probe-plain.o");
    int result = 0;

    compiled = !is_newer(solution, program) && !is_newer(adapters, program) &&
               !is_newer("build/probe/plain.a", program);
    if (!compiled) {
        if (intake_read(&source, lab, solution, &cause) != INTAKE_FINE)
            die("%s", cause);
        compilation.source = &source;
        compile_start(&compilation, &jobs);
        result = jobs_run(&jobs);
        if (result == 0 && compiled &&
            rename(compilation.program, program) != 0)
            die("keep %s:", program);
        compile_free(&compilation);
        intake_free(&source);
    }
    free(solution);
    free(adapters);
    return result;
}

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
    char root[4096];

    if (getcwd(root, sizeof root) == NULL)
        die("find the working directory:");
    char *reference = text_format("%s/build/%s/reference", root, lab->stem);
    int result = build_reference(lab, dir, reference);
    int done = 0;
    while (result == 0 && compiled && done < DUEL_RUNS) {
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
