#include "report.h"

#include "record.h"
#include "clock.h"
#include "text.h"
#include "warn.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* A string, or null; the seed is one too, since not every reader of JSON
 * keeps 64 bits. A path need not be UTF-8, JSON must. */
static void
set_string(json_t *object, const char *key, const char *value)
{
    struct text clean = {0};

    if (value == NULL) {
        json_object_set_new(object, key, json_null());
        return;
    }
    text_add_clean(&clean, value, strlen(value));
    json_object_set_new(object, key, json_string(text_string(&clean)));
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
    json_object_set_new(object, "wall_s", json_real(test->wall_s));
    return object;
}

static json_t *
parts_object(const struct record *record)
{
    json_t *parts = json_object();

    for (int i = 0; i < PART_COUNT; i++) {
        const struct part_points *part = &record->parts[i];
        json_object_set_new(parts, terms_part((enum part)i),
            json_pack("{s:i, s:i, s:i, s:i}", "passed", part->passed, "total",
                part->total, "points", part->points, "points_max",
                part->points_max));
    }
    return parts;
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
    json_object_set_new(object, "points", json_integer(record->points));
    json_object_set_new(
        object, "points_max", json_integer(record->points_max));
    json_object_set_new(object, "parts", parts_object(record));
    for (size_t i = 0; i < record->test_count; i++)
        json_array_append_new(
            tests, test_object(&record->tests[i], record->stem));
    json_object_set_new(object, "tests", tests);
    set_string(object, "seed", seed);
    json_object_set_new(object, "warnings", json_integer(record->warnings));
    set_string(object, "first_warning", record->first_warning);
    set_string(object, "compiler", record->compiler);
    set_string(object, "isolation", record->isolation);
    set_string(object, "unchecked", record->unchecked);
    json_object_set_new(object, "ratio",
        record->ratio > 0 ? json_real(record->ratio) : json_null());
    json_object_set_new(
        object, "ratio_runs", json_integer(record->ratio_runs));
    json_object_set_new(object, "elapsed_s", json_real(record->elapsed_s));
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

void
report_json_all(FILE *out, const struct record *records, size_t count)
{
    json_t *all = json_object();
    json_t *labs = json_array();

    set_string(all, "schema", "while-you-wait/check/1");
    for (size_t i = 0; i < count; i++)
        json_array_append_new(labs, record_object(&records[i]));
    json_object_set_new(all, "labs", labs);
    json_object_set_new(all, "lab_peak_kib", json_integer(clock_peak_kib()));
    char *string = dump(all);
    fprintf(out, "%s\n", string);
    free(string);
}
