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
    "usage: lab hint LAB [--section N.M]\n"
    "\n"
    "Show the next of three hints for the first test that failed in the\n"
    "newest run of the lab. It is noted, and costs nothing.\n"
    "\n"
    "  --section N.M  of that section, whatever failed\n"
    "  --help         print this\n";

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
name_section(const struct lab *lab, const char *section)
{
    char *page = report_page(lab->stem, section);

    printf("\nThese are all. The chapter says more:\nbook/%s.md, section "
           "%s\n",
        lab->stem, section);
    if (page != NULL) {
        report_put_page(stdout, page);
        putchar('\n');
    }
    free(page);
}

/* The next one of `section`; how many were shown is remembered under
 * `name`. */
static void
show_hint(struct gradebook *book, const struct lab *lab,
    const struct lab_section *section, const char *name)
{
    int shown = gradebook_hints(book, lab->slug, name);
    int first = shown < LAB_HINTS ? shown : 0;
    int last = shown < LAB_HINTS ? shown + 1 : LAB_HINTS;

    putchar('\n');
    for (int i = first; i < last; i++)
        print_hint(i + 1, section->hints[i]);
    if (shown == LAB_HINTS)
        name_section(lab, section->title);
    if (shown < LAB_HINTS)
        gradebook_add_hint(book, lab->slug, name, shown + 1);
}

static void
hint_for_failure(struct gradebook *book, const struct lab *lab,
    const struct failure *failure)
{
    const struct lab_section *section = lab_section(lab, failure->section);

    if (section == NULL)
        die("%s has no section \"%s\" in lab.yaml", lab->stem,
            failure->section);
    printf("%s\n%s\n", failure->section, failure->test);
    show_hint(book, lab, section, failure->test);
}

/* The section of that number, "2.1"; dies naming all when there is none. */
static const struct lab_section *
numbered_section(const struct lab *lab, const char *number)
{
    size_t length = strlen(number);
    struct text titles = {0};

    for (size_t i = 0; i < lab->section_count; i++) {
        const char *title = lab->sections[i].title;
        if (strcspn(title, " ") == length &&
            strncmp(title, number, length) == 0)
            return &lab->sections[i];
        text_addf(&titles, "%s%s", i > 0 ? "; " : "", title);
    }
    die("%s has no section \"%s\"; its sections are %s", lab->stem, number,
        text_string(&titles));
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

/* For the newest run. False, after a warning, when it cannot be read. */
static bool
hint_for_run(struct gradebook *book, const struct lab *lab)
{
    struct failure failure = {NULL, NULL, NULL};
    int found = gradebook_latest(book, lab->slug, note_failure, &failure);

    if (found >= 0 && failure.test != NULL)
        hint_for_failure(book, lab, &failure);
    else if (found >= 0)
        say_why_none(lab, &failure);
    free(failure.verdict);
    free(failure.test);
    free(failure.section);
    return found >= 0;
}

int
cmd_hint(int argc, char **argv)
{
    const char *number = NULL;
    const struct cmd_flag flags[] = {
        {"--section", NULL, &number}, {NULL, NULL, NULL}};
    const struct lab_section *section = NULL;
    bool shown = true;

    const char *name = cmd_read_lab(argc, argv, usage, flags);
    if (name == NULL)
        return 0;
    struct catalogue *catalogue = lab_catalogue();
    const struct lab *lab = cmd_lab(catalogue, name);
    if (number != NULL)
        section = numbered_section(lab, number);
    struct gradebook *book = gradebook_open(GRADEBOOK_PATH);
    if (book == NULL)
        die("without the gradebook nobody knows which hint is the next");
    if (section == NULL)
        shown = hint_for_run(book, lab);
    else {
        puts(section->title);
        show_hint(book, lab, section, section->title);
    }
    gradebook_close(book);
    lab_catalogue_free(catalogue);
    return shown ? 0 : 2;
}
