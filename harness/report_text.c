#include "report.h"

#include "record.h"
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COLUMNS = 79, INDENT = 2, MOST_PRINTED = 600 };

static const char *const green = "\033[32m";
static const char *const red = "\033[31m";
static const char *const yellow = "\033[33m";
static const char *const bold = "\033[1m";
static const char *const plain = "\033[0m";

bool
report_wants_colour(FILE *stream)
{
    const char *no = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");

    return (no == NULL || no[0] == '\0') && isatty(fileno(stream)) &&
           (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

static void
paint(FILE *out, const char *colour, const char *words)
{
    if (report_wants_colour(out))
        fprintf(out, "%s%s%s", colour, words, plain);
    else
        fputs(words, out);
}

static const char *
colour_of(enum verdict verdict)
{
    if (verdict == VERDICT_ACCEPTED)
        return green;
    if (verdict == VERDICT_COULD_NOT_CHECK || verdict == VERDICT_NOT_STARTED)
        return yellow;
    return red;
}

/* Characters, not bytes: UTF-8 continuation bytes do not count. */
static size_t
width(const char *word, size_t bytes)
{
    size_t columns = 0;

    for (size_t i = 0; i < bytes; i++)
        columns += ((unsigned char)word[i] & 0xc0) != 0x80;
    return columns;
}

/* A paragraph, broken at blanks and indented. */
static void
put_wrapped(FILE *out, int indent, const char *paragraph)
{
    size_t column = 0;

    while (*paragraph != '\0') {
        size_t blanks = strspn(paragraph, " \n");
        paragraph += blanks;
        size_t bytes = strcspn(paragraph, " \n");
        size_t columns = width(paragraph, bytes);
        if (bytes == 0)
            break;
        if (column > 0 && (size_t)indent + column + 1 + columns > COLUMNS) {
            fputc('\n', out);
            column = 0;
        }
        fprintf(out, "%*s%.*s", column == 0 ? indent : 1, "", (int)bytes,
            paragraph);
        column += columns + (column > 0);
        paragraph += bytes;
    }
    fputc('\n', out);
}

static void
put_fact(FILE *out, const char *name, const char *value)
{
    if (value == NULL)
        return;
    while (*value != '\0') {
        size_t length = strcspn(value, "\n");
        fprintf(out, "    %-9s %.*s\n", name, (int)length, value);
        value += length + (value[length] == '\n');
        name = "";
    }
}

/* The last of what the program printed; a sanitizer's report is not
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
        fprintf(
            out, "    %-9s (and %zu bytes more)\n", "", length - MOST_PRINTED);
    text_free(&first);
}

static void
put_next_steps(
    FILE *out, const struct record *record, const struct result *test)
{
    int number = atoi(record->stem);

    fprintf(out, "\n    %-9s make check LAB=%02d TEST=%s SEED=%" PRIu64 "\n",
        "again", number, test->name, record->seed);
    fprintf(out, "    %-9s book/%s.md, section %s\n", "read", record->stem,
        test->section);
    fprintf(out, "    %-9s make hint LAB=%02d\n", "hint", number);
}

static void
put_failure(FILE *out, const struct record *record, const struct result *test)
{
    fprintf(out, "\n%*s%s\n%*s", INDENT, "", test->section, INDENT, "");
    paint(out, test->state == STATE_FAIL ? red : yellow,
        test->state == STATE_FAIL ? "FAIL" : "COULD NOT CHECK");
    fprintf(out, "  ");
    paint(out, bold, test->name);
    fprintf(out, "  (%s)\n\n", terms_part(test->part));
    put_wrapped(out, 2 * INDENT, test->cause != NULL ? test->cause : "");
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
    const char *word = terms_verdict(record->verdict);
    char *lab = text_format("%-19s ", record->stem);
    char *verdict = text_format("%-22s", word);

    if (!whole && record->verdict == VERDICT_ACCEPTED) {
        free(verdict);
        verdict = text_format("%-22s", "this test passes");
    }
    fputs(lab, out);
    paint(out, colour_of(record->verdict), verdict);
    if (whole && record->points_max > 0)
        fprintf(out, " %3d of %3d points", record->points, record->points_max);
    else
        fprintf(out, " %17s", "");
    fprintf(
        out, " %2d of %2zu tests\n", count_passed(record), record->test_count);
    free(lab);
    free(verdict);
}

static void
put_cause(FILE *out, const struct record *record)
{
    fputc('\n', out);
    put_wrapped(out, 2 * INDENT, record->cause);
    fputc('\n', out);
    put_fact(out, "where", record->where);
    put_fact(out, "all of it", record->log);
    fprintf(
        out, "    %-9s make check LAB=%02d\n", "again", atoi(record->stem));
}

void
report_text(FILE *out, const struct record *record, bool whole)
{
    const struct result *failure = record_first_failure(record);

    put_line(out, record, whole);
    if (record->cause != NULL)
        put_cause(out, record);
    else if (failure != NULL)
        put_failure(out, record, failure);
    if (record->warnings > 0) {
        struct text line = {0};
        text_addf(&line, "%d warning%s of the compiler; the first: %s",
            record->warnings, record->warnings == 1 ? "" : "s",
            record->first_warning);
        put_wrapped(out, 2 * INDENT, text_string(&line));
        text_free(&line);
    }
    if (record->ratio > 0)
        fprintf(out,
            "%*stime: %.2f x of the reference (median of %d runs of each, "
            "not graded)\n",
            2 * INDENT, "", record->ratio, record->ratio_runs);
    if (record->unchecked != NULL)
        fprintf(out, "%*s%s\n", 2 * INDENT, "", record->unchecked);
}

void
report_text_not_started(
    FILE *out, const char *stem, const char *number, const char *file)
{
    fprintf(out, "%-19s ", stem);
    paint(out, yellow, terms_verdict(VERDICT_NOT_STARTED));
    fprintf(out, "            edit labs/%s/%s, then: make check LAB=%s\n",
        stem, file, number);
}
