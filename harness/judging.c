#include "judging.h"

#include "interrupt.h"
#include "tap.h"
#include "warn.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_LIST = 1 << 20, WALL_S = 600, MOST_ARGUMENTS = 64 };

static struct result *
add_test(struct record *record)
{
    size_t size = (record->test_count + 1) * sizeof *record->tests;

    record->tests = realloc(record->tests, size);
    if (record->tests == NULL)
        die("memory for %zu tests:", record->test_count);
    struct result *test = &record->tests[record->test_count++];
    *test = (struct result){.state = STATE_COULD_NOT_CHECK};
    return test;
}

/* "section\tpart\tbuild\tname", or "workload". */
static void
read_line(
    char *line, const char *only, struct record *record, bool *has_workload)
{
    struct result test = {0};
    char *rest;

    if (strcmp(line, "workload") == 0) {
        *has_workload = true;
        return;
    }
    char *section = strtok_r(line, "\t", &rest);
    char *part = strtok_r(NULL, "\t", &rest);
    char *build = strtok_r(NULL, "\t", &rest);
    char *name = strtok_r(NULL, "\t", &rest);
    if (name == NULL || !terms_read_part(part, &test.part) ||
        !terms_read_build(build, &test.build))
        die("the judge's list of tests is broken at \"%s\"", line);
    if (only != NULL && strcmp(only, name) != 0)
        return;
    struct result *added = add_test(record);
    added->name = text_copy(name);
    added->section = text_copy(section);
    added->part = test.part;
    added->build = test.build;
}

/* Judge and lab.yaml agree about whether there is something to time. */
static void
check_workload(const struct lab *lab, bool has_workload)
{
    bool is_timed = lab->speed.limit_percent > 0;

    if (has_workload && !is_timed)
        die("labs/%s/judge.c has a workload, and lab.yaml no key speed: add "
            "the key, or give judge_main() NULL in the workload's place",
            lab->stem);
    if (!has_workload && is_timed)
        die("labs/%s/lab.yaml has the key speed, and judge.c no workload: "
            "take the key away, or give judge_main() a workload",
            lab->stem);
}

int
judging_list(const struct lab *lab, const char *only, struct record *record)
{
    char *judge = lab_build_path(lab, "judge");
    const char *argv[] = {judge, "--list", NULL};
    struct spawn spawn = spawn_plain(argv);
    struct text output = {0};
    struct outcome outcome;
    bool has_workload = false;
    char *rest;

    if (spawn_capture(&spawn, WALL_S, &output, MOST_LIST, &outcome) != 0) {
        if (interrupted)
            return -1;
        die("%s cannot be run (%s). Run: make", judge, strerror(errno));
    }
    if (!outcome.exited || outcome.status != 0)
        die("%s --list failed: %s", judge, text_string(&output));
    for (char *line = strtok_r(output.bytes, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest))
        read_line(line, only, record, &has_workload);
    check_workload(lab, has_workload);
    text_free(&output);
    free(judge);
    return (int)record->test_count;
}

/* A job for the judge: what is common to all, and then its own arguments,
 * up to a NULL. */
static struct job *
new_job(const struct lab *lab, enum build build, const char *program,
    const char *dir, uint64_t seed, const char *const *own)
{
    char seed_text[32], cpu[16], memory[16], nofile[16], folder[PATH_MAX];
    char *judge = lab_build_path(lab, "judge");
    const char *argv[MOST_ARGUMENTS] = {judge, "--probe", program, "--build",
        terms_build(build), "--dir", folder, "--seed", seed_text, "--results",
        "3", "--cpu", cpu, "--memory", memory, "--nofile", nofile};
    int n = 17;

    snprintf(seed_text, sizeof seed_text, "%" PRIu64, seed);
    snprintf(cpu, sizeof cpu, "%u", lab->limits.cpu_s);
    snprintf(memory, sizeof memory, "%u", lab->limits.memory_mib);
    snprintf(nofile, sizeof nofile, "%u", lab->limits.nofile);
    if ((mkdir(dir, 0777) != 0 && errno != EEXIST) ||
        realpath(dir, folder) == NULL)
        die("make the folder %s:", dir);
    for (; *own != NULL && n < MOST_ARGUMENTS - 1; own++)
        argv[n++] = *own;
    struct job *job = job_new(argv);
    job->wants_results = true;
    job->wall_s = WALL_S;
    free(judge);
    return job;
}

struct job *
judging_job(const struct lab *lab, const char *test, enum build build,
    const char *program, const char *dir, uint64_t seed)
{
    const char *own[] = {"--test", test, NULL};

    return new_job(lab, build, program, dir, seed, own);
}

struct job *
judging_workload(const struct lab *lab, const char *program, const char *dir,
    uint64_t seed, int units)
{
    const struct lab_speed *speed = &lab->speed;
    const char *own[LAB_MOST_SIZES + 4] = {"--workload"};
    char *sizes[LAB_MOST_SIZES + 2];
    size_t n = 0;

    sizes[n++] = text_format("--units=%d", units);
    sizes[n++] = text_format("--size=team=%d", speed->team);
    for (size_t i = 0; i < speed->size_count; i++)
        sizes[n++] = text_format(
            "--size=%s=%ld", speed->sizes[i].name, speed->sizes[i].count);
    for (size_t i = 0; i < n; i++)
        own[i + 1] = sizes[i];
    struct job *job = new_job(lab, BUILD_PLAIN, program, dir, seed, own);
    for (size_t i = 0; i < n; i++)
        free(sizes[i]);
    return job;
}

static void
set(struct result *result, enum state state, enum verdict verdict, char *cause)
{
    result->state = state;
    result->verdict = verdict;
    free(result->cause);
    result->cause = cause;
}

void
judging_read(struct result *result, const struct job *job)
{
    const char *said = text_string(&job->output);

    result->wall_s = job->wall_used_s;
    if (job->error != 0) {
        set(result, STATE_COULD_NOT_CHECK, VERDICT_JUDGE_ERROR,
            text_format(
                "The judge could not be started (%s).", strerror(job->error)));
        return;
    }
    if (job->harm != NULL) {
        set(result, STATE_FAIL, VERDICT_RUN_TIME_ERROR,
            text_format("Your program %s its judge.", job->harm));
        return;
    }
    if (job->timed_out) {
        set(result, STATE_COULD_NOT_CHECK, VERDICT_COULD_NOT_CHECK,
            text_format("This test was not over after %u s. The machine "
                        "may be too busy.",
                job->wall_s));
        return;
    }
    if (!job->outcome.exited) {
        set(result, STATE_FAIL, VERDICT_RUN_TIME_ERROR,
            text_format("Your program killed its judge (signal %d, %s).",
                job->outcome.status, strsignal(job->outcome.status)));
        return;
    }
    const char *wrong =
        tap_read(result, text_string(&job->results), job->results.length);
    if (job->outcome.status != 0 || wrong != NULL)
        set(result, STATE_COULD_NOT_CHECK, VERDICT_JUDGE_ERROR,
            text_format("The judge failed (exit status %d%s%s): %s",
                job->outcome.status, wrong != NULL ? "; its report: " : "",
                wrong != NULL ? wrong : "", said));
}
