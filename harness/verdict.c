#include "verdict.h"

#include "clock.h"
#include "compile.h"
#include "duel.h"
#include "intake.h"
#include "interrupt.h"
#include "judging.h"
#include "programs.h"
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
 * One queue of jobs (jobs.h) runs everything: the builds that some test
 * wants are compiled side by side, and as soon as one is there its tests
 * begin, so that a machine with two cores is busy with both. A test that
 * ended in a crash of a build without sanitizer is run once more in the
 * sanitized one, for the line in the learner's file; the verdict stays that
 * of the first run. Tests that look for races are waived where that cannot
 * be done.
 */
enum { BUILT_NOT, BUILT_WAITS, BUILT_DONE, BUILT_FAILED };

enum explain { NOTHING, THE_LINE, ALL_OF_IT };

struct trial {
    const struct verdict_request *request;
    struct record *record;
    struct source source;
    struct workdir workdir;
    struct jobs jobs;
    struct compilation compilations[BUILD_COUNT];
    int built[BUILD_COUNT];
    enum explain *explain; /* what a test is to be run again for, sanitized */
    int done;
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

/* Once the plain build has kept the contract; whatever comes first. */
static void
queue_waiting(struct trial *trial, enum build build)
{
    if (record_is_unbuilt(trial->record) ||
        trial->built[BUILD_PLAIN] != BUILT_DONE ||
        trial->built[build] != BUILT_DONE)
        return;
    for (size_t i = 0; i < trial->record->test_count; i++) {
        if (trial->record->tests[i].build == build)
            queue_test(trial, i, build, test_ended);
        else if (build == BUILD_SANITIZED && trial->explain[i] != NOTHING)
            queue_test(trial, i, build, explanation_ended);
    }
}

/* A verdict that no test gave: nothing more is run. */
static void
set_verdict(struct record *record, enum verdict verdict, const char *cause,
    const char *where)
{
    if (record_is_unbuilt(record))
        return;
    record->verdict = verdict;
    free(record->cause);
    free(record->where);
    record->cause = text_copy(cause);
    record->where = text_copy(where);
}

/* There is no program to look for races in. */
static void
waive_races(struct record *record, const char *cause)
{
    for (size_t i = 0; i < record->test_count; i++) {
        if (record->tests[i].build == BUILD_RACES)
            record_waive(record, &record->tests[i], cause);
    }
}

static void
compiled(struct compilation *compilation)
{
    struct trial *trial = compilation->owner;
    struct record *record = trial->record;
    enum build build = compilation->build;

    if (build == BUILD_PLAIN) {
        record->warnings = compilation->warnings;
        record->first_warning = text_copy(compilation->first_warning);
    }
    if (compilation->verdict != VERDICT_ACCEPTED) {
        trial->built[build] = BUILT_FAILED;
        if (build == BUILD_RACES &&
            compilation->verdict == VERDICT_COULD_NOT_CHECK)
            waive_races(record, compilation->cause);
        else
            set_verdict(record, compilation->verdict, compilation->cause,
                compilation->where);
        return;
    }
    trial->built[build] = BUILT_DONE;
    if (build != BUILD_PLAIN) {
        queue_waiting(trial, build);
        return;
    }
    for (int each = 0; each < BUILD_COUNT; each++)
        queue_waiting(trial, (enum build)each);
}

static void
start_build(struct trial *trial, enum build build)
{
    static const char *const names[BUILD_COUNT] = {
        "probe", "probe-sanitized", "probe-fortified", "probe-races"};
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

/* Put the report of a run of that build into the result, if it printed one:
 * the line, and the cause where none is known yet. */
static bool
take_finding(struct trial *trial, struct result *result, enum build build,
    const char *output, bool with_cause)
{
    struct finding finding = {0};
    char *name = text_copy(trial->source.name);
    bool found =
        output != NULL && sanitizer_find(&finding, output, basename(name),
                              text_string(&trial->source.text),
                              trial->compilations[build].program);

    free(name);
    if (!found)
        return false;
    free(result->where);
    result->where = text_copy(finding.where);
    if (with_cause) {
        /* Without a line, what the judge tried is all there is to go by. */
        bool lost = finding.where == NULL && build == BUILD_SANITIZED;
        char *cause = text_format("%s%s%s", lost ? result->cause : "",
            lost ? " " : "", finding.cause);
        free(result->cause);
        result->cause = cause;
    }
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
    enum build build = result->build;
    if (build == BUILD_RACES && result->state == STATE_COULD_NOT_CHECK &&
        result->verdict == VERDICT_ACCEPTED) /* the judge says why */
        record_waive(trial->record, result, result->cause);
    if (result->state != STATE_FAIL ||
        (result->verdict != VERDICT_RUN_TIME_ERROR &&
            result->verdict != VERDICT_DATA_RACE))
        return;
    bool found = take_finding(trial, result, build, result->output, true);
    if (build == BUILD_SANITIZED || build == BUILD_RACES ||
        result->where != NULL)
        return;
    trial->explain[i] = found ? THE_LINE : ALL_OF_IT;
    start_build(trial, BUILD_SANITIZED);
    if (trial->built[BUILD_SANITIZED] == BUILT_DONE)
        queue_test(trial, i, BUILD_SANITIZED, explanation_ended);
}

static void
explanation_ended(struct job *job)
{
    struct trial *trial = job->owner;
    struct result *result = &trial->record->tests[job->number];
    struct result again = {0};

    again.name = text_copy(result->name);
    judging_read(&again, job);
    take_finding(trial, result, BUILD_SANITIZED, again.output,
        trial->explain[job->number] == ALL_OF_IT);
    record_result_free(&again);
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

    for (int build = 0; build < BUILD_COUNT; build++) {
        char *name =
            text_format("commands-%s", terms_build((enum build)build));
        if (trial->built[build] != BUILT_NOT)
            keep_text(trial, &trial->compilations[build].commands, name);
        free(name);
    }
    if (plain->log.length > 0 && keep_text(trial, &plain->log, "compiler.log"))
        trial->record->log =
            lab_build_path(trial->request->lab, "compiler.log");
    if (trial->built[BUILD_PLAIN] == BUILT_DONE)
        keep(trial, plain->program, "probe");
}

void
verdict_begin(const struct lab *lab, const char *path, uint64_t seed,
    struct record *record)
{
    *record = (struct record){.stem = text_copy(lab->stem),
        .slug = text_copy(lab->slug),
        .title = text_copy(lab->title),
        .file = text_copy(path),
        .points_max = lab->points,
        .timing = duel_timing(lab),
        .seed = seed,
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

/* The program is accepted, unless one of its timed runs is not. */
static int
time_beside_reference(struct trial *trial)
{
    const struct verdict_request *request = trial->request;
    struct record *record = trial->record;
    struct result failure = {.state = STATE_PASS};
    struct duel_request duel = duel_default(request->lab);
    char *reference = programs_reference(request->lab, trial->workdir.path);

    if (reference == NULL)
        return interrupted ? -1 : 0; /* a warning says why */
    duel.dir = trial->workdir.path;
    duel.reference = reference;
    duel.program = trial->compilations[BUILD_PLAIN].program;
    duel.seed = request->seed;
    duel.progress = request->timing;
    int result = duel_run(&duel, &record->timing, &failure);
    if (failure.state != STATE_PASS)
        set_verdict(record, failure.verdict, failure.cause, NULL);
    record_score(record);
    record_result_free(&failure);
    free(reference);
    return result;
}

int
verdict_judge(const struct verdict_request *request, struct record *record)
{
    struct trial trial = {.request = request, .record = record};
    double start_s = clock_now_s();
    char *cause = NULL;

    verdict_begin(request->lab, request->path, request->seed, record);
    trial.jobs.most = request->jobs;
    trial.workdir.lock = -1;
    int count = judging_list(request->lab, request->test, record);
    if (count < 0)
        return -1;
    if (count == 0)
        die("%s has no test called \"%s\"; the tests are listed by: "
            "build/lab check %s --tap",
            request->lab->stem, request->test, request->lab->number);
    enum intake intake =
        intake_read(&trial.source, request->lab, request->path, &cause);
    if (intake == INTAKE_INTERRUPTED) {
        end_trial(&trial);
        return -1;
    }
    if (intake == INTAKE_FINE)
        judge_source(&trial);
    else
        set_verdict(record,
            intake == INTAKE_BAD ? VERDICT_COMPILE_ERROR
                                 : VERDICT_COULD_NOT_CHECK,
            cause, NULL);
    free(cause);
    int result = jobs_run(&trial.jobs);
    record_conclude(record);
    record->elapsed_s = clock_now_s() - start_s;
    if (result == 0 && request->timed && record->timing.timed &&
        record->verdict == VERDICT_ACCEPTED)
        result = time_beside_reference(&trial);
    if (result == 0)
        keep_products(&trial);
    end_trial(&trial);
    return result;
}
