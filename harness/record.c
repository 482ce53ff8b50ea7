#include "record.h"

#include "text.h"

#include <stdlib.h>

/* In percent; right answers have the rest. */
static const int share[PART_COUNT] = {
    [PART_WEATHER] = 25,
    [PART_PROOF] = 25,
};

const struct result *
record_first_failure(const struct record *record)
{
    const struct result *waived = NULL;
    bool passed = false;

    for (size_t i = 0; i < record->test_count; i++) {
        const struct result *test = &record->tests[i];
        if (test->state != STATE_PASS && !test->waived)
            return test;
        passed = passed || test->state == STATE_PASS;
        if (test->waived && waived == NULL)
            waived = test;
    }
    return passed ? NULL : waived;
}

char *
record_words(const struct record *record)
{
    const char *verdict = terms_verdict(record->verdict);

    if (record->verdict != VERDICT_ACCEPTED || record->unchecked == NULL)
        return text_copy(verdict);
    return text_format("%s (%s)", verdict, record->unchecked);
}

bool
record_is_unbuilt(const struct record *record)
{
    return record->verdict == VERDICT_COMPILE_ERROR ||
           record->verdict == VERDICT_CONTRACT_ERROR;
}

void
record_waive(struct record *record, struct result *test, const char *cause)
{
    char *copy = text_copy(cause);

    free(test->cause);
    test->cause = copy;
    test->waived = true;
    record->unchecked = "races not checked";
}

/* The verdict of a program that was run. */
static enum verdict
verdict_of_tests(const struct record *record)
{
    for (size_t i = 0; i < record->test_count; i++) {
        if (record->tests[i].verdict == VERDICT_JUDGE_ERROR)
            return VERDICT_JUDGE_ERROR;
    }
    for (size_t i = 0; i < record->test_count; i++) {
        if (record->tests[i].state == STATE_FAIL)
            return record->tests[i].verdict;
    }
    return record_first_failure(record) == NULL ? VERDICT_ACCEPTED
                                                : VERDICT_COULD_NOT_CHECK;
}

/* Some may have run on one build before the other one failed. */
static void
forget_tests(struct record *record)
{
    for (size_t i = 0; i < record->test_count; i++) {
        struct result *test = &record->tests[i];
        test->state = STATE_COULD_NOT_CHECK;
        test->verdict = VERDICT_ACCEPTED;
        test->waived = false;
        free(test->cause);
        free(test->expected);
        free(test->seen);
        free(test->where);
        free(test->output);
        test->cause = test->expected = test->seen = NULL;
        test->where = test->output = NULL;
    }
    record->unchecked = NULL;
}

static void
count_tests(struct record *record)
{
    for (int part = 0; part < PART_COUNT; part++)
        record->parts[part] = (struct part_points){0};
    for (size_t i = 0; i < record->test_count; i++) {
        const struct result *test = &record->tests[i];
        record->parts[test->part].total += !test->waived;
        if (test->state == STATE_PASS)
            record->parts[test->part].passed++;
    }
}

/* The part that has what no other part claims: right answers, or the first
 * part with tests where a lab has no test of those. */
static enum part
residuary(const struct record *record)
{
    for (int part = 0; part < PART_COUNT; part++) {
        if (record->parts[part].total > 0)
            return (enum part)part;
    }
    return PART_ANSWERS;
}

static void
share_out(struct record *record)
{
    int left = record->points_max;

    for (int part = 0; part < PART_COUNT; part++) {
        struct part_points *points = &record->parts[part];
        if (points->total > 0)
            points->points_max = record->points_max * share[part] / 100;
        left -= points->points_max;
    }
    record->parts[residuary(record)].points_max += left;
}

void
record_score(struct record *record)
{
    bool worthless = record_is_unbuilt(record);

    count_tests(record);
    share_out(record);
    record->points = 0;
    for (int part = 0; part < PART_COUNT && !worthless; part++) {
        struct part_points *points = &record->parts[part];
        if (points->total > 0)
            points->points =
                points->points_max * points->passed / points->total;
        record->points += points->points;
    }
}

void
record_conclude(struct record *record)
{
    if (record->verdict == VERDICT_ACCEPTED)
        record->verdict = verdict_of_tests(record);
    if (record_is_unbuilt(record))
        forget_tests(record);
    record_score(record);
}

static void
free_test(struct result *test)
{
    free(test->name);
    free(test->section);
    free(test->cause);
    free(test->expected);
    free(test->seen);
    free(test->where);
    free(test->output);
}

void
record_free(struct record *record)
{
    for (size_t i = 0; i < record->test_count; i++)
        free_test(&record->tests[i]);
    free(record->tests);
    free(record->stem);
    free(record->slug);
    free(record->title);
    free(record->file);
    free(record->cause);
    free(record->where);
    free(record->log);
    free(record->first_warning);
    free(record->compiler);
    *record = (struct record){0};
}
