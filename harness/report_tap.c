#include "report.h"

#include "record.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* A key of a test's block; a JSON string is one in YAML too. */
static void
put(FILE *out, const char *key, const char *value)
{
    if (value == NULL)
        return;
    json_t *string = json_string(value);
    char *quoted = json_dumps(string, JSON_ENCODE_ANY);
    fprintf(out, "  %s: %s\n", key, quoted);
    free(quoted);
    json_decref(string);
}

static void
put_test(FILE *out, size_t number, const struct record *record,
    const struct result *test)
{
    bool failed =
        test->state == STATE_FAIL || test->verdict == VERDICT_JUDGE_ERROR;

    fprintf(out, "%s %zu - %s: %s", failed ? "not ok" : "ok", number,
        record->stem, test->name);
    if (test->state == STATE_COULD_NOT_CHECK && !failed)
        fprintf(out, " # SKIP could not check: %.*s",
            (int)strcspn(test->cause != NULL ? test->cause : "", "\n"),
            test->cause != NULL ? test->cause : "");
    fprintf(out, "\n");
    if (!failed)
        return;
    fprintf(out, "  ---\n");
    put(out, "section", test->section);
    put(out, "part", terms_part(test->part));
    put(out, "verdict", terms_verdict(test->verdict));
    put(out, "message", test->cause);
    put(out, "expected", test->expected);
    put(out, "seen", test->seen);
    put(out, "where", test->where);
    fprintf(out, "  ...\n");
}

/* "# speed: within: 1.04x of the reference …" */
static void
put_speed(FILE *out, const struct timing *timing)
{
    if (timing->speed == SPEED_NONE)
        return;
    char *line = record_timing_line(timing);
    char *bound = record_bound_line(timing);
    fprintf(out, "# speed: %s%s%s\n", terms_speed(timing->speed),
        line != NULL ? ": " : "", line != NULL ? line : "");
    if (timing->why != NULL)
        fprintf(out, "# speed: %s\n", timing->why);
    if (bound != NULL)
        fprintf(out, "# speed: %s\n", bound);
    free(bound);
    free(line);
}

/* Tests that never ran because the program was not built are one line. */
static bool
was_run(const struct record *record)
{
    return record->cause == NULL;
}

static void
put_unrun(FILE *out, size_t number, const struct record *record)
{
    fprintf(out, "not ok %zu - %s\n  ---\n", number, record->stem);
    put(out, "verdict", terms_verdict(record->verdict));
    put(out, "message", record->cause);
    put(out, "where", record->where);
    fprintf(out, "  ...\n");
}

void
report_tap_all(FILE *out, const struct record *records, size_t count)
{
    size_t total = 0, number = 0;

    for (size_t i = 0; i < count; i++)
        total += was_run(&records[i]) ? records[i].test_count : 1;
    fprintf(out, "TAP version 13\n1..%zu\n", total);
    for (size_t i = 0; i < count; i++) {
        const struct record *record = &records[i];
        if (record->verdict == VERDICT_NOT_STARTED) {
            fprintf(out, "# %s: not started\n", record->stem);
            continue;
        }
        char *words = record_words(record);
        fprintf(out, "# %s: %s, %d of %d points, seed %" PRIu64 "\n",
            record->stem, words, record->points, record->points_max,
            record->seed);
        free(words);
        fprintf(out, "# isolation: %s\n", record->isolation);
        put_speed(out, &record->timing);
        if (!was_run(record)) {
            put_unrun(out, ++number, record);
            continue;
        }
        for (size_t k = 0; k < record->test_count; k++)
            put_test(out, ++number, record, &record->tests[k]);
    }
}
