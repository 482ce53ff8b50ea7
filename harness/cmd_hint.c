#include "cmd.h"

#include "gradebook.h"
#include "lab.h"
#include "report.h"
#include "text.h"
#include "warn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: lab hint LAB\n"
    "\n"
    "Show the next of three hints for the first test that failed in the\n"
    "newest run of the lab. It is noted, and costs nothing.\n"
    "\n"
    "  --help  print this\n";

/* Of the newest run: its verdict, and the first test that failed. */
struct failure {
    char *verdict, *test, *section;
};

static void
note_failure(const struct gradebook_run *run, void *arg)
{
    struct failure *failure = arg;

    failure->verdict = text_copy(run->verdict);
    failure->test = text_copy(run->failed_test);
    failure->section = text_copy(run->failed_section);
}

/* Its lines stay lines. */
static void
print_hint(int number, const char *hint)
{
    int indent = printf("hint %d of %d: ", number, LAB_HINTS);

    while (*hint != '\0') {
        size_t length = strcspn(hint, "\n");
        char *line = text_format("%.*s", (int)length, hint);
        report_paragraph(stdout, indent, line);
        free(line);
        hint += length;
        if (*hint == '\n' && *++hint != '\0')
            printf("%*s", indent, "");
    }
}

static void
show_hint(struct gradebook *book, const struct lab *lab,
    const struct failure *failure)
{
    const struct lab_section *section = lab_section(lab, failure->section);

    if (section == NULL)
        die("%s has no section \"%s\" in lab.yaml", lab->stem,
            failure->section);
    int shown = gradebook_hints(book, lab->slug, failure->test);
    int first = shown < LAB_HINTS ? shown : 0;
    int last = shown < LAB_HINTS ? shown + 1 : LAB_HINTS;
    printf("%s\n%s\n\n", failure->section, failure->test);
    for (int i = first; i < last; i++)
        print_hint(i + 1, section->hints[i]);
    if (shown == LAB_HINTS)
        printf("\nThese are all. The chapter says more:\nbook/%s.md, section "
               "%s\n",
            lab->stem, failure->section);
    if (shown < LAB_HINTS)
        gradebook_add_hint(book, lab->slug, failure->test, shown + 1);
}

static void
say_why_none(const struct lab *lab, const struct failure *failure)
{
    if (failure->verdict == NULL)
        printf("%s has not been judged yet.\nChange labs/%s/%s, then "
               "make check LAB=%s\n",
            lab->stem, lab->stem, lab->file, lab->number);
    else if (strcmp(failure->verdict, terms_verdict(VERDICT_ACCEPTED)) == 0)
        printf("No test failed in the newest run of %s.\n", lab->stem);
    else
        printf("The newest run of %s came to no test (%s).\n"
               "What to do about it says: make check LAB=%s\n",
            lab->stem, failure->verdict, lab->number);
}

int
cmd_hint(int argc, char **argv)
{
    struct failure failure = {NULL, NULL, NULL};

    const char *name = cmd_read_lab(argc, argv, usage, NULL, NULL);
    if (name == NULL)
        return 0;
    struct catalogue *catalogue = lab_catalogue();
    const struct lab *lab = cmd_lab(catalogue, name);
    struct gradebook *book = gradebook_open(GRADEBOOK_PATH);
    if (book == NULL)
        die("without the gradebook there is no run to give a hint for");
    int found = gradebook_latest(book, lab->slug, note_failure, &failure);
    if (found >= 0 && failure.test != NULL)
        show_hint(book, lab, &failure);
    else if (found >= 0)
        say_why_none(lab, &failure);
    free(failure.verdict);
    free(failure.test);
    free(failure.section);
    gradebook_close(book);
    lab_catalogue_free(catalogue);
    return found >= 0 ? 0 : 2;
}
