#include "cmd.h"

#include "gradebook.h"
#include "lab.h"
#include "report.h"
#include "spawn.h"
#include "warn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: lab solution LAB [--yes]\n"
    "\n"
    "Show the reference solution of a lab, and how your file differs from\n"
    "it. Before your file was accepted you are asked first.\n"
    "\n"
    "  --yes   do not ask\n"
    "  --help  print this\n";

static void
note_accepted(const struct gradebook_run *run, void *arg)
{
    bool *accepted = arg;

    *accepted = strcmp(run->verdict, terms_verdict(VERDICT_ACCEPTED)) == 0;
}

static bool
was_accepted(const struct lab *lab)
{
    bool accepted = false;
    struct gradebook *book = gradebook_open(GRADEBOOK_PATH);

    if (book != NULL)
        gradebook_best(book, lab->slug, note_accepted, &accepted);
    gradebook_close(book);
    return accepted;
}

static bool
confirm(const struct lab *lab)
{
    char answer[16];

    if (!isatty(STDIN_FILENO))
        die("solution: %s has not been accepted yet; say --yes to see the "
            "reference all the same (make solution LAB=%s YES=1)",
            lab->stem, lab->number);
    printf("%s has not been accepted yet. A hint may help more: make hint "
           "LAB=%s\nShow the reference all the same? [y/N] ",
        lab->stem, lab->number);
    fflush(stdout);
    /* A Ctrl-C here is no harm: let it end the program. */
    if (fgets(answer, sizeof answer, stdin) == NULL)
        return false;
    return answer[0] == 'y' || answer[0] == 'Y';
}

/* Print the reference whole, and the difference from the learner's file. */
static void
show(const struct lab *lab)
{
    struct text text = {0};
    struct outcome outcome;
    char *solution = lab_solution_path(lab);
    char *own = lab_learner_path(lab);
    const char *argv[] = {"diff", "-u",
        report_wants_colour(stdout) ? "--color=always" : "--color=never", own,
        solution, NULL};
    struct spawn spawn = spawn_plain(argv);

    if (text_read_file(&text, solution, 1 << 20) != 0)
        die("%s:", solution);
    printf("%s\n\n%s\n", solution, text_string(&text));
    text.length = 0;
    if (access(own, R_OK) != 0)
        printf("There is no %s yet to compare it with.\n", own);
    else if (spawn_capture(&spawn, 60, &text, 4 << 20, &outcome) != 0)
        printf("The difference cannot be shown: diff: %s\n", strerror(errno));
    else
        printf("From yours to the reference:\n\n%s", text_string(&text));
    text_free(&text);
    free(solution);
    free(own);
}

int
cmd_solution(int argc, char **argv)
{
    const char *name = NULL;
    bool yes = false;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0)
            return fputs(usage, stdout), 0;
        if (strcmp(argv[i], "--yes") == 0)
            yes = true;
        else if (argv[i][0] == '-' || name != NULL)
            die("solution: name one lab; try lab solution --help");
        else
            name = argv[i];
    }
    if (name == NULL)
        die("solution: name one lab; try lab solution --help");
    struct catalogue *catalogue = lab_catalogue();
    const struct lab *lab = cmd_lab(catalogue, name);
    if (yes || was_accepted(lab) || confirm(lab))
        show(lab);
    lab_catalogue_free(catalogue);
    return 0;
}
