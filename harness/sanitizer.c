#include "sanitizer.h"

#include "sanitizer_undefined.h"
#include "sanitizer_where.h"
#include "sanitizer_words.h"
#include "text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* One report, cut out of everything that the program wrote. */
struct report {
    char *text;     /* from the message on; owned */
    bool undefined; /* UndefinedBehaviorSanitizer's */
    char *file;     /* of its first line, where that names one */
    unsigned line;
};

/* "path:293:17" at the end of the `length` bytes in front of a message. */
static void
read_location(struct report *report, const char *line, size_t length)
{
    char *copy = strndup(line, length);
    char *colon = NULL;

    for (int i = 0; i < 2; i++) {
        char *last = strrchr(copy, ':');
        if (last == NULL || last[1] == '\0' ||
            last[1 + strspn(last + 1, "0123456789")] != '\0')
            break;
        report->line = (unsigned)strtoul(last + 1, NULL, 10);
        colon = last;
        *last = '\0';
    }
    if (colon != NULL) {
        char *blank = strrchr(copy, ' ');
        report->file = text_copy(blank != NULL ? blank + 1 : copy);
    }
    free(copy);
}

/* Does a report begin in this line? Returns its message, or NULL. */
static const char *
begins(const char *line, size_t length, struct report *report)
{
    static const char *const marks[] = {"==ERROR: AddressSanitizer: ",
        "==ERROR: LeakSanitizer: ", "==ERROR: ThreadSanitizer: ",
        "==ERROR: UndefinedBehaviorSanitizer: ", "WARNING: ThreadSanitizer: "};
    static const char fortified[] = "bit out of range 0 - FD_SETSIZE on ";
    static const char runtime[] = ": runtime error: ";
    const char *message = NULL;

    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        const char *mark = memmem(line, length, marks[i], strlen(marks[i]));
        if (mark != NULL)
            message = mark + strlen(marks[i]);
    }
    if (message == NULL)
        message = memmem(line, length, fortified, sizeof fortified - 1);
    const char *mark = memmem(line, length, runtime, sizeof runtime - 1);
    if (message == NULL && mark != NULL) {
        read_location(report, line, (size_t)(mark - line));
        report->undefined = report->file != NULL;
        message = report->undefined ? mark + sizeof runtime - 1 : NULL;
    }
    if (message == NULL || message == line + length ||
        !isalnum((unsigned char)*message))
        return NULL;
    return message;
}

static const char *
next_line(const char *line)
{
    line += strcspn(line, "\n");
    return *line == '\n' ? line + 1 : line;
}

static void
report_free(struct report *report)
{
    free(report->text);
    free(report->file);
    *report = (struct report){0};
}

/* The first report; it ends with its summary, with the next or the text. */
static bool
cut(struct report *report, const char *text)
{
    const char *message = NULL, *line = text;

    *report = (struct report){0};
    while (message == NULL && *line != '\0') {
        message = begins(line, strcspn(line, "\n"), report);
        if (message == NULL)
            report_free(report);
        line = next_line(line);
    }
    if (message == NULL)
        return false;
    while (*line != '\0') {
        struct report other = {0};
        bool over = strncmp(line, "SUMMARY: ", 9) == 0;
        if (!over && begins(line, strcspn(line, "\n"), &other) != NULL)
            over = true;
        else
            line = next_line(line);
        report_free(&other);
        if (over)
            break;
    }
    report->text = text_format("%.*s", (int)(line - message), message);
    return true;
}

static char *
clean(char *string)
{
    struct text text = {0};

    if (string == NULL)
        return NULL;
    text_add_clean(&text, string, strlen(string));
    free(string);
    return text.bytes != NULL ? text.bytes : text_copy("");
}

bool
sanitizer_find(struct finding *finding, const char *stderr_text,
    const char *file, const char *source, const char *program)
{
    struct scene scene = {.file = file, .source = source, .program = program};
    struct report report;

    *finding = (struct finding){0};
    if (!cut(&report, stderr_text))
        return false;
    if (report.undefined)
        sanitizer_undefined(report.text, &finding->kind, &finding->cause);
    else
        sanitizer_words(report.text, &finding->kind, &finding->cause);
    finding->kind = clean(finding->kind);
    finding->cause = clean(finding->cause);
    finding->where =
        sanitizer_where(report.text, report.file, report.line, &scene);
    report_free(&report);
    return true;
}

void
sanitizer_free(struct finding *finding)
{
    free(finding->kind);
    free(finding->cause);
    free(finding->where);
    *finding = (struct finding){0};
}
