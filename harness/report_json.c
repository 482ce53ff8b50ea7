#include "report.h"

#include "record.h"
#include "clock.h"
#include "text.h"
#include "warn.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void
set_new(json_t *object, const char *key, json_t *value)
{
    json_object_set_new(object, key, value);
}

/* A string, or null; the seed is one too, since not every reader of JSON
 * keeps 64 bits. A path need not be UTF-8, JSON must. */
static void
set_string(json_t *object, const char *key, const char *value)
{
    struct text clean = {0};

    if (value == NULL) {
        set_new(object, key, json_null());
        return;
    }
    text_add_clean(&clean, value, strlen(value));
    set_new(object, key, json_string(text_string(&clean)));
    text_free(&clean);
}

/* Only where the book was built. */
static void
set_page(json_t *object, const char *stem, const char *section)
{
    char *page = report_page(stem, section);

    if (page != NULL)
        set_string(object, "page", page);
    free(page);
}

static json_t *
test_object(const struct result *test, const char *stem)
{
    json_t *object = json_object();

    set_string(object, "name", test->name);
    set_string(object, "section", test->section);
    set_string(object, "part", terms_part(test->part));
    set_string(object, "build", terms_build(test->build));
    set_string(object, "state", terms_state(test->state));
    if (test->state != STATE_PASS) {
        set_string(object, "verdict", terms_verdict(test->verdict));
        set_string(object, "cause", test->cause);
        set_string(object, "expected", test->expected);
        set_string(object, "seen", test->seen);
        set_string(object, "where", test->where);
        set_string(object, "output", test->output);
        set_page(object, stem, test->section);
    }
    set_new(object, "wall_s", json_real(test->wall_s));
    return object;
}

static json_t *
parts_object(const struct record *record)
{
    json_t *parts = json_object();

    for (int i = 0; i < PART_COUNT; i++) {
        const struct part_points *part = &record->parts[i];
        set_new(parts, terms_part((enum part)i),
            json_pack("{s:i, s:i, s:i, s:i}", "passed", part->passed, "total",
                part->total, "points", part->points, "points_max",
                part->points_max));
    }
    return parts;
}

/* A number that is there, and can be written, or null. */
static json_t *
number(double value, bool is_known)
{
    return is_known && isfinite(value) ? json_real(value) : json_null();
}

static json_t *
times_array(const double *times, int count)
{
    json_t *array = json_array();

    for (int i = 0; i < count; i++)
        json_array_append_new(array, number(times[i], true));
    return array;
}

static json_t *
interval_array(const struct timing *timing)
{
    if (timing->high <= 0)
        return json_null();
    return json_pack(
        "[o, o]", number(timing->low, true), number(timing->high, true));
}

static json_t *
bound_object(const struct timing *timing)
{
    if (timing->bound_ratio <= 0 || timing->bound_by == NULL)
        return json_null();
    json_t *object = json_object();
    set_new(object, "seconds", number(timing->bound_s, true));
    set_string(object, "by", timing->bound_by);
    set_new(object, "submission", number(timing->bound_ratio, true));
    set_new(object, "reference",
        number(timing->bound_reference, timing->bound_reference > 0));
    return object;
}

/* Null where nothing was timed. */
static json_t *
speed_object(const struct timing *timing)
{
    if (timing->speed == SPEED_NONE)
        return json_null();
    json_t *object = json_object();
    char *seed = text_format("%" PRIu64, timing->seed);
    set_string(object, "verdict", terms_speed(timing->speed));
    set_new(object, "limit", json_real(timing->limit));
    set_new(object, "none", json_real(timing->none));
    set_new(object, "team", json_integer(timing->team));
    set_new(object, "cores", json_integer(timing->cores));
    set_new(object, "ratio", number(timing->ratio, timing->pairs > 0));
    set_new(object, "interval", interval_array(timing));
    set_new(object, "pairs", json_integer(timing->pairs));
    set_new(object, "discarded", json_integer(timing->discarded));
    set_new(object, "seconds", json_real(timing->seconds));
    set_new(object, "busy", number(timing->busy, timing->busy >= 0));
    set_new(object, "steal", number(timing->steal, timing->steal >= 0));
    set_new(object, "load", number(timing->load, timing->load >= 0));
    set_string(object, "why", timing->why);
    set_new(object, "bound", bound_object(timing));
    set_string(object, "seed", seed);
    set_new(object, "samples",
        json_pack("{s:o, s:o}", "reference",
            times_array(timing->reference, timing->pairs), "submission",
            times_array(timing->submission, timing->pairs)));
    free(seed);
    return object;
}

static json_t *
record_object(const struct record *record)
{
    json_t *object = json_object();
    json_t *tests = json_array();
    char *seed = text_format("%" PRIu64, record->seed);

    set_string(object, "lab", record->stem);
    set_string(object, "title", record->title);
    set_string(object, "file", record->file);
    set_string(object, "verdict", terms_verdict(record->verdict));
    set_string(object, "cause", record->cause);
    set_string(object, "where", record->where);
    set_string(object, "compiler_log", record->log);
    set_new(object, "points", json_integer(record->points));
    set_new(object, "points_max", json_integer(record->points_max));
    set_new(object, "parts", parts_object(record));
    for (size_t i = 0; i < record->test_count; i++)
        json_array_append_new(
            tests, test_object(&record->tests[i], record->stem));
    set_new(object, "tests", tests);
    set_string(object, "seed", seed);
    set_new(object, "warnings", json_integer(record->warnings));
    set_string(object, "first_warning", record->first_warning);
    set_string(object, "compiler", record->compiler);
    set_string(object, "isolation", record->isolation);
    set_string(object, "unchecked", record->unchecked);
    set_new(object, "speed", speed_object(&record->timing));
    set_new(object, "elapsed_s", json_real(record->elapsed_s));
    free(seed);
    return object;
}

static char *
dump(json_t *value)
{
    char *string = json_dumps(value, JSON_INDENT(2) | JSON_REAL_PRECISION(6));

    if (string == NULL)
        die("the record cannot be written as JSON");
    json_decref(value);
    return string;
}

char *
report_json(const struct record *record)
{
    return dump(record_object(record));
}

/* Why there is no time: it does not compile, or a timed run was wrong. */
static json_t *
failure_object(const struct record *record)
{
    if (record->cause == NULL)
        return json_null();
    json_t *failure = json_object();
    set_string(failure, "verdict", terms_verdict(record->verdict));
    set_string(failure, "cause", record->cause);
    return failure;
}

char *
report_timing_json(const struct record *record)
{
    json_t *object = json_object();

    set_string(object, "schema", "while-you-wait/time/1");
    set_string(object, "lab", record->stem);
    set_string(object, "file", record->file);
    set_new(object, "speed", speed_object(&record->timing));
    set_new(object, "failure", failure_object(record));
    set_string(object, "compiler", record->compiler);
    set_string(object, "isolation", record->isolation);
    return dump(object);
}

void
report_json_all(FILE *out, const struct record *records, size_t count)
{
    json_t *all = json_object();
    json_t *labs = json_array();

    set_string(all, "schema", "while-you-wait/check/2");
    for (size_t i = 0; i < count; i++)
        json_array_append_new(labs, record_object(&records[i]));
    set_new(all, "labs", labs);
    set_new(all, "lab_peak_kib", json_integer(clock_peak_kib()));
    char *string = dump(all);
    fprintf(out, "%s\n", string);
    free(string);
}
