#include "record.h"

#include "text.h"

#include <stdlib.h>

/* In percent; right answers have the rest. */
static const int share[PART_COUNT] = {
    [PART_WEATHER] = 25,
    [PART_PROOF] = 25,
    [PART_SPEED] = 10,
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

/* Has speed points of its own? Not where there is nothing to go by. */
static bool
has_speed(const struct record *record)
{
    enum speed speed = record->timing.speed;

    return record->timing.timed && speed != SPEED_UNSURE &&
           (speed != SPEED_NONE || record->verdict != VERDICT_ACCEPTED);
}

static void
share_out(struct record *record)
{
    int left = record->points_max;

    for (int part = 0; part < PART_COUNT; part++) {
        struct part_points *points = &record->parts[part];
        if (points->total > 0 || (part == PART_SPEED && has_speed(record)))
            points->points_max = record->points_max * share[part] / 100;
        left -= points->points_max;
    }
    record->parts[residuary(record)].points_max += left;
}

/* All within the limit, and then in a straight line to none; never all of
 * them to one that is slower. */
static int
speed_points(const struct record *record)
{
    const struct timing *timing = &record->timing;
    int most = record->parts[PART_SPEED].points_max;

    if (record->verdict != VERDICT_ACCEPTED || most == 0)
        return 0;
    if (timing->speed != SPEED_SLOWER)
        return timing->speed == SPEED_WITHIN ? most : 0;
    double left =
        (timing->none - timing->ratio) / (timing->none - timing->limit);
    int points = left > 0 ? (int)(most * left) : 0;
    return points < most ? points : most - 1;
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
        if (part == PART_SPEED)
            points->points = speed_points(record);
        record->points += points->points;
    }
}

/* The limit has two digits behind its point; so has the ratio, unless it
 * would look the same and is not. */
static void
add_ratio(struct text *line, const struct timing *timing)
{
    double over = timing->ratio - timing->limit;
    bool looks_on_it = over > 0 && over < 0.00501;
    bool barely = looks_on_it && over < 0.0001;

    text_addf(line, "%s%.*fx of the reference", barely ? "over " : "",
        looks_on_it && !barely ? 4 : 2, timing->ratio);
}

/* How busy the machine was, as far as it is known. */
static void
add_machine(struct text *line, const struct timing *timing)
{
    bool known = timing->busy >= 0;

    if (known)
        text_addf(line, "; machine %.0f %% busy with other work",
            100 * timing->busy);
    if (timing->steal >= 0.01)
        text_addf(line, "%s %.0f %% of its time taken by other machines",
            known ? "," : "; machine with", 100 * timing->steal);
}

/* What was added, as a string that the caller frees. */
static char *
taken(struct text *line)
{
    char *copy = text_copy(text_string(line));

    text_free(line);
    return copy;
}

static bool
has_ratio(const struct timing *timing)
{
    return timing->speed != SPEED_NONE && timing->pairs > 0;
}

char *
record_ratio_line(const struct timing *timing)
{
    struct text line = {0};

    if (!has_ratio(timing))
        return NULL;
    add_ratio(&line, timing);
    return taken(&line);
}

char *
record_timing_line(const struct timing *timing)
{
    struct text line = {0};

    if (!has_ratio(timing))
        return NULL;
    add_ratio(&line, timing);
    if (timing->high > 0)
        text_addf(&line, " (95 %% interval %.2f to %.2f)", timing->low,
            timing->high);
    text_addf(&line, ", limit %.2fx, %d pair%s, %.1f s", timing->limit,
        timing->pairs, timing->pairs == 1 ? "" : "s", timing->seconds);
    add_machine(&line, timing);
    return taken(&line);
}

char *
record_bound_line(const struct timing *timing)
{
    bool is_short = timing->bound_s < 1;

    if (!has_ratio(timing) || timing->bound_ratio <= 0 ||
        timing->bound_by == NULL)
        return NULL;
    return text_format("The physical limit is %.*f %s, set by %s: you %.2fx "
                       "of it, the reference %.2fx",
        is_short ? 1 : 2, is_short ? 1000 * timing->bound_s : timing->bound_s,
        is_short ? "ms" : "s", timing->bound_by, timing->bound_ratio,
        timing->bound_reference);
}

void
record_timing_free(struct timing *timing)
{
    free(timing->why);
    free(timing->bound_by);
    free(timing->reference);
    free(timing->submission);
    *timing = (struct timing){0};
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

void
record_result_free(struct result *test)
{
    free(test->name);
    free(test->section);
    free(test->cause);
    free(test->expected);
    free(test->seen);
    free(test->where);
    free(test->output);
    free(test->bound_by);
    *test = (struct result){0};
}

void
record_free(struct record *record)
{
    for (size_t i = 0; i < record->test_count; i++)
        record_result_free(&record->tests[i]);
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
    record_timing_free(&record->timing);
    *record = (struct record){0};
}
