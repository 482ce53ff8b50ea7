#include "verdict.h"

#include "clock.h"
#include "compile.h"
#include "duel.h"
#include "intake.h"
#include "judging.h"
#include "sanitizer.h"
#include "warn.h"
#include "workdir.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Theory of operation
 *
 * One queue of jobs (jobs.h) runs everything: both builds are compiled side
 * by side, and as soon as one is there its tests begin, so that a machine
 * with two cores is busy with both. A test that ended in a crash of the
 * plain build is run once more in the sanitized one, for the line in the
 * learner's file; the verdict stays that of the plain run.
 */
enum { BUILT_NOT, BUILT_WAITS, BUILT_DONE, BUILT_FAILED };

struct trial {
    const struct verdict_request *request;
    struct record *record;
    struct source source;
    struct workdir workdir;
    struct jobs jobs;
    struct compilation compilations[BUILD_COUNT];
    int built[BUILD_COUNT];
    bool *explain; /* tests to run again, sanitized */
    int done;
    bool has_workload;
};

static void test_ended(struct job *job);
static void explanation_ended(struct job *job);

/* Queue test number `i` on a build. */
static void
queue_test(struct trial *trial, size_t i, enum build build,
    void (*ended)(struct job *))
{
    const struct result *test = &trial->record->tests[i];
    char *dir = text_format("%s/%zu-%d", trial->workdir.path, i, (int)build);
    struct job *job = judging_job(trial->request->lab, test->name, build,
        trial->compilations[build].program, dir, trial->request->seed);

    job->owner = trial;
    job->number = (int)i;
    job->ended = ended;
    jobs_add(&trial->jobs, job);
    free(dir);
}

/* Is there no program, so that no test counts? */
static bool
has_no_program(const struct record *record)
{
    return record->verdict == VERDICT_COMPILE_ERROR ||
           record->verdict == VERDICT_CONTRACT_ERROR;
}

static void
queue_waiting(struct trial *trial, enum build build)
{
    if (has_no_program(trial->record))
        return;
    for (size_t i = 0; i < trial->record->test_count; i++) {
        if (trial->record->tests[i].build == build)
            queue_test(trial, i, build, test_ended);
        else if (build == BUILD_SANITIZED && trial->explain[i])
            queue_test(trial, i, build, explanation_ended);
    }
}

/* A verdict that no test gave: nothing more is run. */
static void
set_verdict(struct record *record, enum verdict verdict, const char *cause,
    const char *where)
{
    if (has_no_program(record))
        return;
    record->verdict = verdict;
    free(record->cause);
    free(record->where);
    record->cause = text_copy(cause);
    record->where = text_copy(where);
}

static void
compiled(struct compilation *compilation)
{
    struct trial *trial = compilation->owner;
    struct record *record = trial->record;

    if (compilation->build == BUILD_PLAIN) {
        record->warnings = compilation->warnings;
        record->first_warning = text_copy(compilation->first_warning);
    }
    if (compilation->verdict != VERDICT_ACCEPTED) {
        trial->built[compilation->build] = BUILT_FAILED;
        set_verdict(record, compilation->verdict, compilation->cause,
            compilation->where);
        return;
    }
    trial->built[compilation->build] = BUILT_DONE;
    if (trial->built[BUILD_PLAIN] != BUILT_DONE)
        return; /* whether the contract is kept is not known yet */
    if (compilation->build == BUILD_PLAIN)
        queue_waiting(trial, BUILD_PLAIN);
    if (trial->built[BUILD_SANITIZED] == BUILT_DONE)
        queue_waiting(trial, BUILD_SANITIZED);
}

static void
start_build(struct trial *trial, enum build build)
{
    static const char *const names[] = {"probe", "probe-sanitized"};
    struct compilation *compilation = &trial->compilations[build];

    if (trial->built[build] != BUILT_NOT)
        return;
    *compilation = (struct compilation){.lab = trial->request->lab,
        .source = &trial->source,
        .build = build,
        .dir = trial->workdir.path,
        .name = names[build],
        .ended = compiled,
        .owner = trial};
    trial->built[build] = BUILT_WAITS;
    compile_start(compilation, &trial->jobs);
}

/* Put a sanitizer's report into the result, if the output holds one. */
static bool
take_finding(struct trial *trial, struct result *result, const char *output)
{
    struct finding finding = {0};
    char *path = text_copy(trial->source.path);

    if (output == NULL || !sanitizer_find(&finding, output, basename(path),
                              text_string(&trial->source.text),
                              trial->compilations[BUILD_SANITIZED].program)) {
        free(path);
        return false;
    }
    free(path);
    free(result->cause);
    free(result->where);
    result->cause = text_copy(finding.cause);
    result->where = text_copy(finding.where);
    sanitizer_free(&finding);
    return true;
}

static void
tell_progress(struct trial *trial)
{
    trial->done++;
    if (trial->request->progress != NULL)
        trial->request->progress(
            trial->request->lab, trial->done, (int)trial->record->test_count);
}

static void
test_ended(struct job *job)
{
    struct trial *trial = job->owner;
    size_t i = (size_t)job->number;
    struct result *result = &trial->record->tests[i];

    judging_read(result, job);
    tell_progress(trial);
    if (result->state != STATE_FAIL ||
        result->verdict != VERDICT_RUN_TIME_ERROR ||
        take_finding(trial, result, result->output) ||
        result->build == BUILD_SANITIZED)
        return;
    trial->explain[i] = true;
    start_build(trial, BUILD_SANITIZED);
    if (trial->built[BUILD_SANITIZED] == BUILT_DONE)
        queue_test(trial, i, BUILD_SANITIZED, explanation_ended);
}

static void
explanation_ended(struct job *job)
{
    struct trial *trial = job->owner;
    struct result again = {0};

    again.name = text_copy(trial->record->tests[job->number].name);
    judging_read(&again, job);
    take_finding(trial, &trial->record->tests[job->number], again.output);
    free(again.name);
    free(again.cause);
    free(again.expected);
    free(again.seen);
    free(again.output);
}

static void
judge_source(struct trial *trial)
{
    struct record *record = trial->record;

    trial->workdir = workdir_open(trial->request->lab->stem);
    trial->explain = text_zeroed(record->test_count, sizeof *trial->explain);
    bool wanted[BUILD_COUNT] = {[BUILD_PLAIN] = true};
    for (size_t i = 0; i < record->test_count; i++)
        wanted[record->tests[i].build] = true;
    for (int build = 0; build < BUILD_COUNT; build++) {
        if (wanted[build])
            start_build(trial, (enum build)build);
    }
}

/* The verdict of a program that was run. */
static enum verdict
conclude(const struct record *record)
{
    enum verdict verdict = VERDICT_ACCEPTED;

    for (size_t i = record->test_count; i-- > 0;) {
        const struct result *test = &record->tests[i];
        if (test->verdict == VERDICT_JUDGE_ERROR)
            return VERDICT_JUDGE_ERROR;
        if (test->state == STATE_FAIL)
            verdict = test->verdict;
        else if (test->state == STATE_COULD_NOT_CHECK &&
                 verdict == VERDICT_ACCEPTED)
            verdict = VERDICT_COULD_NOT_CHECK;
    }
    return verdict;
}

/* Some may have run on one build before the other one failed. */
static void
forget_tests(struct record *record)
{
    for (size_t i = 0; i < record->test_count; i++) {
        struct result *test = &record->tests[i];
        test->state = STATE_COULD_NOT_CHECK;
        test->verdict = VERDICT_ACCEPTED;
        free(test->cause);
        free(test->expected);
        free(test->seen);
        free(test->where);
        free(test->output);
        test->cause = test->expected = test->seen = NULL;
        test->where = test->output = NULL;
    }
}

static void
set_outcome(struct record *record)
{
    if (record->verdict == VERDICT_ACCEPTED)
        record->verdict = conclude(record);
    if (has_no_program(record))
        forget_tests(record);
    record_score(record);
}

/* Keep what a person may want after the run: the probe, the compiler's
 * words and the commands. Each appears whole, by a rename. */
static bool
keep(struct trial *trial, const char *from, const char *name)
{
    char *to = lab_build_path(trial->request->lab, name);
    bool kept = rename(from, to) == 0;

    if (!kept && errno != ENOENT) /* a program may remove itself */
        warn("keep %s:", to);
    free(to);
    return kept;
}

static bool
keep_text(struct trial *trial, const struct text *text, const char *name)
{
    char *path = text_format("%s/%s", trial->workdir.path, name);
    FILE *file = fopen(path, "we");
    bool written = file != NULL && fputs(text_string(text), file) >= 0;

    if (file != NULL && fclose(file) != 0)
        written = false;
    if (!written)
        warn("write %s:", path);
    written = written && keep(trial, path, name);
    free(path);
    return written;
}

static void
keep_products(struct trial *trial)
{
    struct compilation *plain = &trial->compilations[BUILD_PLAIN];

    if (trial->built[BUILD_PLAIN] == BUILT_NOT)
        return;
    keep_text(trial, &plain->commands, "commands-plain");
    if (trial->built[BUILD_SANITIZED] != BUILT_NOT)
        keep_text(trial, &trial->compilations[BUILD_SANITIZED].commands,
            "commands-sanitized");
    if (plain->log.length > 0 && keep_text(trial, &plain->log, "compiler.log"))
        trial->record->log =
            lab_build_path(trial->request->lab, "compiler.log");
    if (trial->built[BUILD_PLAIN] == BUILT_DONE)
        keep(trial, plain->program, "probe");
}

static void
begin_record(const struct verdict_request *request, struct record *record)
{
    const struct lab *lab = request->lab;

    *record = (struct record){.stem = text_copy(lab->stem),
        .slug = text_copy(lab->slug),
        .title = text_copy(lab->title),
        .file = text_copy(request->path),
        .points_max = lab->points,
        .seed = request->seed,
        .compiler = text_copy(compile_compiler()),
        .isolation = "none: limits on time, memory, files and "
                     "descriptors, but no box"};
}

static void
end_trial(struct trial *trial)
{
    for (int build = 0; build < BUILD_COUNT; build++)
        compile_free(&trial->compilations[build]);
    workdir_close(&trial->workdir);
    intake_free(&trial->source);
    free(trial->explain);
}

int
verdict_judge(const struct verdict_request *request, struct record *record)
{
    struct trial trial = {.request = request, .record = record};
    double start_s = clock_now_s();
    char *cause = NULL;

    begin_record(request, record);
    trial.jobs.most = request->jobs;
    trial.workdir.lock = -1;
    int count =
        judging_list(request->lab, request->test, record, &trial.has_workload);
    if (count < 0)
        return -1;
    if (count == 0)
        die("%s has no test called \"%s\"; the tests are listed by: "
            "build/lab check %s --tap",
            request->lab->stem, request->test, request->lab->number);
    enum intake intake =
        intake_read(&trial.source, request->lab, request->path, &cause);
    if (intake == INTAKE_FINE)
        judge_source(&trial);
    else
        set_verdict(record,
            intake == INTAKE_BAD ? VERDICT_COMPILE_ERROR
                                 : VERDICT_COULD_NOT_CHECK,
            cause, NULL);
    free(cause);
    int result = jobs_run(&trial.jobs);
    set_outcome(record);
    record->elapsed_s = clock_now_s() - start_s;
    if (result == 0 && request->timed && trial.has_workload &&
        record->verdict == VERDICT_ACCEPTED)
        result = duel_run(request->lab, trial.workdir.path,
            trial.compilations[BUILD_PLAIN].program, request->seed, record);
    if (result == 0)
        keep_products(&trial);
    end_trial(&trial);
    return result;
}
