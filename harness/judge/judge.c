#include "judge/judge.h"

#include "judge/ask.h"
#include "judge/options.h"
#include "judge/process.h"
#include "clock.h"
#include "sweep.h"
#include "text.h"
#include "warn.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    bool failed, skipped;
    enum verdict verdict;
    char *cause, *expected, *seen;
} failure;

/* A run of the workload. */
static struct {
    const struct judge_workload *workload;
    const struct judge_options *options;
    double seconds, bound_s;
    char *bound_by;
} timed;

static struct text scene;
static uint64_t random_state;

void
judge_scene(const char *format, ...)
{
    va_list args;

    scene.length = 0;
    if (format == NULL)
        return;
    va_start(args, format);
    char *line = NULL;
    if (vasprintf(&line, format, args) < 0)
        die("format a scene:");
    va_end(args);
    text_addf(&scene, "%s", line);
    free(line);
}

void
judge_values(const char *expected, const char *seen)
{
    free(failure.expected);
    free(failure.seen);
    failure.expected = text_copy(expected);
    failure.seen = text_copy(seen);
}

void
judge_fail(enum verdict verdict, const char *cause, ...)
{
    va_list args;
    char *sentence;

    va_start(args, cause);
    if (vasprintf(&sentence, cause, args) < 0)
        die("format a cause:");
    va_end(args);
    if (!failure.failed) {
        failure.failed = true;
        failure.verdict = verdict;
        failure.cause = scene.length > 0
                            ? text_format("%s: %s", scene.bytes, sentence)
                            : text_copy(sentence);
    }
    free(sentence);
    ck_abort_msg("%s", failure.cause);
}

void
judge_skip(const char *reason)
{
    failure.skipped = true;
    failure.cause = text_copy(reason);
    ck_abort_msg("%s", reason);
}

void
judge_equal_int(const char *what, int64_t expected, int64_t seen)
{
    char left[32], right[32];

    if (expected == seen)
        return;
    snprintf(left, sizeof left, "%" PRId64, expected);
    snprintf(right, sizeof right, "%" PRId64, seen);
    judge_values(left, right);
    judge_fail(
        VERDICT_WRONG_ANSWER, "%s %s, and %s was right.", what, right, left);
}

void
judge_equal_bytes(const char *what, const void *expected,
    size_t expected_length, const void *seen, size_t seen_length)
{
    const char *a = expected, *b = seen;
    struct text left = {0}, right = {0};
    size_t at = 0;

    while (at < expected_length && at < seen_length && a[at] == b[at])
        at++;
    if (at == expected_length && at == seen_length)
        return;
    size_t from = at > 16 ? at - 16 : 0;
    text_show(&left, a + from, expected_length - from, 40);
    text_show(&right, b + from, seen_length - from, 40);
    if (from > 0) {
        text_addf(&left, " from byte %zu on", from);
        text_addf(&right, " from byte %zu on", from);
    }
    judge_values(left.bytes, right.bytes);
    if (seen_length != expected_length)
        judge_fail(VERDICT_WRONG_ANSWER,
            "%s %zu bytes instead of %zu; they differ from byte %zu on.", what,
            seen_length, expected_length, at);
    judge_fail(VERDICT_WRONG_ANSWER, "%s the wrong byte at %zu.", what, at);
}

const char *
judge_errno(int error)
{
    static char number[32];

    const char *name = error != 0 ? strerrorname_np(error) : "0";
    if (name != NULL)
        return name;
    snprintf(number, sizeof number, "error %d", error);
    return number;
}

uint64_t
judge_random(void)
{
    uint64_t z = (random_state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t
judge_random_below(uint64_t limit)
{
    return judge_random() % limit;
}

char *
judge_random_bytes(size_t length)
{
    char *bytes = text_zeroed(length + 1, 1);

    for (size_t i = 0; i < length; i++)
        bytes[i] = (char)(judge_random() >> 32);
    return bytes;
}

const char *
judge_path(const char *name)
{
    static char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/%s", process_settings.dir, name);
    return path;
}

static void
put_value(FILE *tap, const char *key, const char *value)
{
    struct text clean = {0};

    if (value == NULL)
        return;
    text_add_clean(&clean, value, strlen(value));
    json_t *string = json_string(text_string(&clean));
    char *quoted = json_dumps(string, JSON_ENCODE_ANY);
    fprintf(tap, "  %s: %s\n", key, quoted);
    free(quoted);
    json_decref(string);
    text_free(&clean);
}

static void
put_seconds(FILE *tap, const char *key, double seconds)
{
    char *value = text_format("%.9f", seconds);

    put_value(tap, key, value);
    free(value);
}

static void
print_timing(FILE *tap)
{
    fprintf(tap, "  ---\n");
    put_seconds(tap, "seconds", timed.seconds);
    if (timed.bound_by != NULL) {
        put_seconds(tap, "bound", timed.bound_s);
        put_value(tap, "bound_by", timed.bound_by);
    }
    fprintf(tap, "  ...\n");
}

static void
print_tap(FILE *tap, const char *name, const char *output)
{
    fprintf(tap, "TAP version 13\n1..1\n");
    if (failure.skipped) {
        fprintf(tap, "ok 1 - %s # SKIP %s\n", name, failure.cause);
    } else if (!failure.failed) {
        fprintf(tap, "ok 1 - %s\n", name);
        if (timed.workload != NULL)
            print_timing(tap);
    } else {
        fprintf(tap, "not ok 1 - %s\n  ---\n", name);
        put_value(tap, "verdict", terms_verdict(failure.verdict));
        put_value(tap, "cause", failure.cause);
        put_value(tap, "expected", failure.expected);
        put_value(tap, "seen", failure.seen);
        put_value(tap, "output", output);
        fprintf(tap, "  ...\n");
    }
}

static const TTest *test_body;

/* The test, and then the end of its probe. */
START_TEST(whole_test)
{
    test_body->fn(_i);
    judge_scene(NULL);
    ask_finish();
}
END_TEST

/* Run one test under Check, in this process. */
static void
run_test(const char *section, const TTest *body)
{
    Suite *suite = suite_create("lab");
    TCase *tcase = tcase_create(section);

    test_body = body;
    tcase_add_test(tcase, whole_test);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_SILENT);
    if (srunner_ntests_run(runner) != 1)
        die("%s: Check ran no test", body->name);
    if (srunner_ntests_failed(runner) > 0 && !failure.failed &&
        !failure.skipped) {
        TestResult **results = srunner_failures(runner);
        failure.failed = true;
        failure.verdict = VERDICT_WRONG_ANSWER;
        failure.cause = text_copy(tr_msg(results[0]));
        free(results);
    }
    srunner_free(runner);
    ask_kill();
}

int64_t
judge_size(const char *name)
{
    size_t length = strlen(name);

    for (int i = 0; i < timed.options->size_count; i++) {
        const char *size = timed.options->sizes[i];
        if (strncmp(size, name, length) == 0 && size[length] == '=')
            return strtoll(size + length + 1, NULL, 10);
    }
    die("lab.yaml: speed: workload: no size is called \"%s\"", name);
}

void
judge_bound(double seconds, const char *what, ...)
{
    va_list args;

    free(timed.bound_by);
    va_start(args, what);
    if (vasprintf(&timed.bound_by, what, args) < 0)
        die("format a bound:");
    va_end(args);
    timed.bound_s = seconds;
}

/* From the moment at which the probe waits to be asked, to its exit. */
START_TEST(workload)
{
    int units = timed.options->units;

    timed.workload->prepare(units);
    ask_greet();
    double start_s = clock_now_s();
    timed.workload->work(units);
    ask_finish();
    timed.seconds = ask_ended_s() - start_s;
    timed.workload->check(units);
}
END_TEST

static void
seed_random(uint64_t seed, const char *name)
{
    random_state = seed;
    for (; *name != '\0'; name++)
        random_state = (random_state ^ (unsigned char)*name) * 0x100000001b3u;
}

static int
list(const struct judge_test *tests, size_t count, bool has_workload)
{
    for (size_t i = 0; i < count; i++)
        printf("%s\t%s\t%s\t%s\n", tests[i].section, terms_part(tests[i].part),
            terms_build(tests[i].build), (*tests[i].test)->name);
    if (has_workload)
        printf("workload\n");
    return fflush(stdout) == 0 ? 0 : 2;
}

static const struct judge_test *
find_test(const struct judge_test *tests, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp((*tests[i].test)->name, name) == 0)
            return &tests[i];
    }
    die("judge: no test is called \"%s\"", name);
}

int
judge_main(int argc, char **argv, const struct judge_test *tests, size_t count,
    const struct judge_workload *work)
{
    warn_program("judge");
    struct judge_options options = judge_options(argc, argv);
    if (options.list)
        return list(tests, count, work != NULL);
    signal(SIGPIPE, SIG_IGN);
    sweep_guard();
    if (options.workload && work == NULL)
        die("this lab has nothing to time");
    timed.options = &options;
    seed_random(options.seed, options.test);
    if (options.workload) {
        timed.workload = work;
        run_test("workload", workload);
    } else {
        const struct judge_test *test = find_test(tests, count, options.test);
        run_test(test->section, *test->test);
    }
    FILE *tap = fdopen(options.results, "w");
    if (tap == NULL)
        die("write to descriptor %d:", options.results);
    print_tap(tap, options.test, ask_printed());
    if (fclose(tap) != 0)
        die("write the result:");
    if (options.peak)
        fprintf(stderr, "%ld KiB\n", clock_peak_kib());
    return 0;
}
