#include "report.h"

#include "record.h"
#include "text.h"

#include <stdlib.h>

static const struct {
    const char *words, *colour;
} said[SPEED_COUNT] = {
    [SPEED_WITHIN] = {"within the limit", REPORT_GREEN},
    [SPEED_SLOWER] = {"slower than the limit", REPORT_RED},
    [SPEED_UNSURE] = {"too noisy to say", REPORT_YELLOW},
};

static void
put_verdict(FILE *out, const struct timing *timing, int indent)
{
    char *words = report_painted(
        out, said[timing->speed].colour, said[timing->speed].words);
    char *line = record_timing_line(timing);
    char *paragraph = text_format("Speed: %s%s%s.", words,
        line != NULL ? ": " : "", line != NULL ? line : "");

    report_indented(out, indent, paragraph);
    free(paragraph);
    free(line);
    free(words);
}

void
report_timing(FILE *out, const struct record *record, int indent)
{
    const struct timing *timing = &record->timing;

    if (timing->speed == SPEED_NONE)
        return;
    put_verdict(out, timing, indent);
    if (timing->why != NULL)
        report_indented(out, indent, timing->why);
    char *bound = record_bound_line(timing);
    if (bound != NULL) {
        char *paragraph = text_format("%s.", bound);
        report_indented(out, indent, paragraph);
        free(paragraph);
    }
    free(bound);
}
