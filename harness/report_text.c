#include "report.h"

#include "record.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    COLUMNS = 79,
    INDENT = 4,
    NAMES = 10, /* columns of a fact's name */
    MOST_PRINTED = 600
};

static void
paint(FILE *out, const char *colour, const char *words)
{
    char *painted = report_painted(out, colour, words);

    fputs(painted, out);
    free(painted);
}

static const char *
colour_of(enum verdict verdict)
{
    if (verdict == VERDICT_ACCEPTED)
        return REPORT_GREEN;
    if (verdict == VERDICT_COULD_NOT_CHECK || verdict == VERDICT_NOT_STARTED)
        return REPORT_YELLOW;
    return REPORT_RED;
}

/* How many bytes of a line go into so many columns; a break comes behind a
 * blank where there is one near. */
static size_t
fitting(const char *line, size_t length, size_t columns)
{
    size_t end = 0, blank = 0;

    if (report_columns(line, length) <= columns)
        return length;
    for (size_t column = 0; end < length; end++) {
        column += ((unsigned char)line[end] & 0xc0) != 0x80;
        if (column > columns)
            break;
        if (line[end] == ' ' && column > columns / 2)
            blank = end + 1;
    }
    return blank > 0 ? blank : end;
}

static void
put_wrapped(FILE *out, const char *paragraph)
{
    report_indented(out, INDENT, paragraph);
}

static void
put_fact(FILE *out, const char *name, const char *value)
{
    if (value == NULL)
        return;
    while (*value != '\0') {
        size_t length =
            fitting(value, strcspn(value, "\n"), COLUMNS - INDENT - NAMES);
        if (length > 0 || name[0] != '\0')
            fprintf(out, "%*s%-*s", INDENT, "", NAMES, name);
        size_t shown = length;
        while (shown > 0 && value[shown - 1] == ' ')
            shown--;
        fprintf(out, "%.*s\n", (int)shown, value);
        value += length + (value[length] == '\n');
        name = "";
    }
}

/* A command of these words, over several lines where one is too short. */
static void
put_command(FILE *out, const char *name, char *const *words)
{
    const size_t most = COLUMNS - 2; /* a backslash behind the last one */
    size_t column = INDENT + NAMES;

    fprintf(out, "%*s%-*s", INDENT, "", NAMES, name);
    for (size_t i = 0; words[i] != NULL; i++) {
        size_t columns = report_columns(words[i], strlen(words[i]));
        if (i > 0 && column + 1 + columns > most) {
            fprintf(out, " \\\n%*s", 2 * INDENT + NAMES, "");
            column = 2 * INDENT + NAMES;
        } else if (i > 0) {
            fputc(' ', out);
            column++;
        }
        fputs(words[i], out);
        column += columns;
    }
    fputc('\n', out);
}

/* The first of what the program printed; a sanitizer's report is not
 * repeated, its line in the program was found. */
static void
put_output(FILE *out, const struct result *test)
{
    const char *output = test->output;

    if (output == NULL || output[0] == '\0' || test->where != NULL)
        return;
    size_t length = strlen(output);
    bool cut = length > MOST_PRINTED;
    struct text first = {0};
    text_add_clean(&first, output, cut ? MOST_PRINTED : length);
    put_fact(out, "printed", text_string(&first));
    if (cut)
        fprintf(out, "%*s(and %zu bytes more)\n", INDENT + NAMES, "",
            length - MOST_PRINTED);
    text_free(&first);
}

/* Was it the learner's own file, not one named by --file? */
static bool
was_own(const struct record *record)
{
    char *folder = text_format("labs/%s/", record->stem);
    bool own = strncmp(record->file, folder, strlen(folder)) == 0;

    free(folder);
    return own;
}

/* A command on the same file: "check" for one test or (NULL) for all. */
static void
put_again(FILE *out, const char *name, const char *verb,
    const struct record *record, const char *test)
{
    int number = atoi(record->stem);
    bool is_own = was_own(record);
    char *words[6] = {NULL};
    int n = 0;

    words[n++] = text_format(
        is_own ? "make %s LAB=%02d" : "build/lab %s %02d", verb, number);
    bool is_input = strcmp(record->file, "-") == 0;
    if (!is_own)
        words[n++] =
            text_format(is_input ? "--file %s" : "--file '%s'", record->file);
    if (test != NULL) {
        words[n++] = text_format(
            is_own ? "SEED=%" PRIu64 : "--seed %" PRIu64, record->seed);
        words[n++] = text_format(is_own ? "TEST=%s" : "--test %s", test);
    }
    if (is_input)
        words[n++] = text_copy("<FILE");
    put_command(out, name, words);
    for (int i = 0; i < n; i++)
        free(words[i]);
}

static void
put_page(FILE *out, const struct record *record, const char *section)
{
    char *page = report_page(record->stem, section);

    if (page != NULL) {
        fprintf(out, "%*s", INDENT + NAMES, "");
        report_put_page(out, page);
        fputc('\n', out);
    }
    free(page);
}

static void
put_next_steps(
    FILE *out, const struct record *record, const struct result *test)
{
    fputc('\n', out);
    put_again(out, "again", "check", record, test->name);
    if (test->state == STATE_COULD_NOT_CHECK) {
        put_fact(out, "look", "make doctor");
        return;
    }
    char *section =
        text_format("book/%s.md, section %s", record->stem, test->section);
    char *hint = text_format("make hint LAB=%02d", atoi(record->stem));
    put_fact(out, "read", section);
    put_page(out, record, test->section);
    if (was_own(record))
        put_fact(out, "hint", hint);
    free(section);
    free(hint);
}

static void
put_failure(FILE *out, const struct record *record, const struct result *test)
{
    fprintf(out, "\n  %s\n  ", test->section);
    paint(out, test->state == STATE_FAIL ? REPORT_RED : REPORT_YELLOW,
        test->state == STATE_FAIL ? "FAIL" : "COULD NOT CHECK");
    fprintf(out, "  ");
    paint(out, REPORT_BOLD, test->name);
    fprintf(out, "  (%s)\n\n", terms_part(test->part));
    put_wrapped(out, test->cause != NULL ? test->cause : "");
    if (test->verdict == VERDICT_JUDGE_ERROR)
        put_wrapped(out, "This is a fault of the workbook or of the machine, "
                         "not of your program.");
    if (test->expected != NULL || test->seen != NULL || test->where != NULL)
        fputc('\n', out);
    put_fact(out, "expected", test->expected);
    put_fact(out, "seen", test->seen);
    put_fact(out, "where", test->where);
    put_output(out, test);
    put_next_steps(out, record, test);
}

static int
count_passed(const struct record *record)
{
    int passed = 0;

    for (size_t i = 0; i < record->test_count; i++)
        passed += record->tests[i].state == STATE_PASS;
    return passed;
}

static void
put_line(FILE *out, const struct record *record, bool whole)
{
    const int columns = 21; /* of a verdict that stands in one line */
    char *words = !whole && record->verdict == VERDICT_ACCEPTED
                      ? text_copy("this test passes")
                      : record_words(record);
    int width_of_words = (int)strlen(words);

    fprintf(out, "%-20s ", record->stem);
    paint(out, colour_of(record->verdict), words);
    free(words);
    if (record->verdict == VERDICT_NOT_STARTED) {
        fputc('\n', out);
        return;
    }
    if (width_of_words > columns)
        fprintf(out, "\n%*s", 20 + 1 + columns, "");
    else
        fprintf(out, "%*s", columns - width_of_words, "");
    if (whole && record->points_max > 0)
        fprintf(out, " %4d of %4d points", record->points, record->points_max);
    else
        fprintf(out, " %19s", "");
    fprintf(out, "  %2d of %2zu tests\n", count_passed(record),
        record->test_count);
}

static void
put_cause(FILE *out, const struct record *record)
{
    fputc('\n', out);
    put_wrapped(out, record->cause);
    if (record->where != NULL || record->log != NULL)
        fputc('\n', out);
    put_fact(out, "where", record->where);
    put_fact(out, "all of it", record->log);
    fputc('\n', out);
    put_again(out, "again", "check", record, NULL);
}

/* The first test that was waived, unless that is told as a failure. */
static const struct result *
waived_beside(const struct record *record)
{
    for (size_t i = 0; i < record->test_count; i++) {
        const struct result *test = &record->tests[i];
        if (test->waived)
            return test != record_first_failure(record) ? test : NULL;
    }
    return NULL;
}

/* What is worth knowing, whether it failed or not. */
static void
put_notes(FILE *out, const struct record *record)
{
    struct text line = {0};

    if (record->warnings > 0) {
        text_addf(&line, "%d compiler warning%s; the first: %s",
            record->warnings, record->warnings == 1 ? "" : "s",
            record->first_warning);
        put_wrapped(out, text_string(&line));
    }
    const struct result *waived = waived_beside(record);
    if (waived != NULL) {
        line.length = 0;
        text_addf(&line, "Data races were not checked: %s", waived->cause);
        put_wrapped(out, text_string(&line));
    }
    text_free(&line);
}

/* What its speed comes to, in points, and how to look closer. */
static void
put_speed(FILE *out, const struct record *record)
{
    const struct part_points *points = &record->parts[PART_SPEED];
    char *line = NULL;

    if (record->timing.speed == SPEED_NONE)
        return;
    report_timing(out, record, INDENT);
    if (record->timing.speed == SPEED_UNSURE && record->points_max > 0)
        line = text_copy("This costs you nothing: the points for speed count "
                         "as right answers.");
    else if (record->timing.speed == SPEED_SLOWER && points->points_max > 0)
        line =
            text_format("That is %d of %d point%s for speed.", points->points,
                points->points_max, points->points_max == 1 ? "" : "s");
    if (line != NULL)
        put_wrapped(out, line);
    free(line);
    if (record->timing.speed == SPEED_SLOWER)
        put_again(out, "look", "time", record, NULL);
    if (record->timing.speed == SPEED_UNSURE)
        put_fact(out, "look", "make doctor");
}

void
report_text(FILE *out, const struct record *record, bool whole)
{
    const struct result *failure = record_first_failure(record);
    bool noted = record->warnings > 0 || waived_beside(record) != NULL;

    put_line(out, record, whole);
    if (record->cause != NULL)
        put_cause(out, record);
    else if (failure != NULL)
        put_failure(out, record, failure);
    bool failed = record->cause != NULL || failure != NULL;
    if (failed && noted)
        fputc('\n', out);
    put_notes(out, record);
    if (failed)
        fputc('\n', out);
    else
        put_speed(out, record);
}

void
report_text_begin(FILE *out, const struct record *record)
{
    fprintf(out, "\nTo begin %s, edit %s and type:\n    make check LAB=%02d\n",
        record->stem, record->file, atoi(record->stem));
}
