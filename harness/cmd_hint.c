#include "cmd.h"

#include "gradebook.h"
#include "lab.h"
#include "text.h"
#include "warn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: lab hint LAB [--help]\n"
    "\n"
    "Show the next of three hints for the first test that failed in the\n"
    "newest run of the lab. It is noted, and costs nothing.\n";

struct failure {
    char *test, *section;
};

static void
note_failure(const struct gradebook_run *run, void *arg)
{
    struct failure *failure = arg;

    failure->test = text_copy(run->failed_test);
    failure->section = text_copy(run->failed_section);
}

static int
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
        printf("hint %d of %d: %s\n", i + 1, LAB_HINTS, section->hints[i]);
    if (shown == LAB_HINTS)
        printf("\nThese are all. The chapter says more: book/%s.md, section "
               "%s\n",
            lab->stem, failure->section);
    if (shown < LAB_HINTS)
        gradebook_add_hint(book, lab->slug, failure->test, shown + 1);
    return 0;
}

int
cmd_hint(int argc, char **argv)
{
    struct failure failure = {NULL, NULL};

    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return fputs(usage, stdout), 0;
    if (argc != 2 || argv[1][0] == '-')
        die("hint: name one lab; try lab hint --help");
    struct catalogue *catalogue = lab_catalogue();
    const struct lab *lab = cmd_lab(catalogue, argv[1]);
    struct gradebook *book = gradebook_open(GRADEBOOK_PATH);
    if (book == NULL)
        die("without the gradebook there is no run to give a hint for");
    int status = 0;
    int found = gradebook_latest(book, lab->slug, note_failure, &failure);
    if (found <= 0)
        printf("%s has not been judged yet: make check LAB=%s\n", lab->stem,
            lab->number);
    else if (failure.test == NULL)
        printf("No test failed in the newest run of %s.\n", lab->stem);
    else
        status = show_hint(book, lab, &failure);
    free(failure.test);
    free(failure.section);
    gradebook_close(book);
    lab_catalogue_free(catalogue);
    return status;
}
