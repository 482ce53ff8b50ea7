#include "cmd.h"

#include "gradebook.h"
#include "interrupt.h"
#include "lab.h"
#include "report.h"
#include "spawn.h"
#include "warn.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage[] =
    "usage: lab solution LAB [--diff] [--yes]\n"
    "\n"
    "Show the reference solution of a lab, and how your file differs from\n"
    "it. Before your file was accepted you are asked first.\n"
    "\n"
    "  --diff  show only how it differs\n"
    "  --yes   do not ask\n"
    "  --help  print this\n";

static void
note_accepted(const struct gradebook_run *run, void *arg)
{
    bool *accepted = arg;

    if (strcmp(run->verdict, terms_verdict(VERDICT_ACCEPTED)) == 0)
        *accepted = true;
}

/* Ever: of a lab without points no run is better than another. */
static bool
was_accepted(const struct lab *lab)
{
    bool accepted = false;
    struct gradebook *book = gradebook_open(GRADEBOOK_PATH);

    if (book != NULL)
        gradebook_history(book, lab->slug, 0, note_accepted, &accepted);
    gradebook_close(book);
    return accepted;
}

/* Until there is a line to read; false after Ctrl-C. */
static bool
wait_for_answer(void)
{
    struct pollfd terminal = {STDIN_FILENO, POLLIN, 0};

    while (!interrupted && interrupt_poll(&terminal, 1, -1) <= 0)
        ;
    return !interrupted;
}

static bool
confirm(const struct lab *lab)
{
    char answer[16];

    if (!isatty(STDIN_FILENO))
        die("solution: %s has not been accepted yet; say --yes to see the "
            "reference all the same (make solution LAB=%s YES=1)",
            lab->stem, lab->number);
    printf("%s has not been accepted yet.\nA hint may help more: make hint "
           "LAB=%s\nShow the reference all the same? [y/N] ",
        lab->stem, lab->number);
    fflush(stdout);
    if (!wait_for_answer() || fgets(answer, sizeof answer, stdin) == NULL)
        return false;
    return answer[0] == 'y' || answer[0] == 'Y';
}

/* The differences, unified; "" when there are none. A line that ends as on
 * another system does not differ. */
static void
find_differences(struct text *text, const char *own, const char *solution)
{
    const char *argv[] = {"diff", "-U3", "--strip-trailing-cr", "--label", own,
        "--label", solution,
        report_wants_colour(stdout) ? "--color=always" : "--color=never", own,
        solution, NULL};
    struct spawn spawn = spawn_plain(argv);
    struct outcome outcome;
    int result = spawn_capture(&spawn, 60, text, 4 << 20, &outcome);

    if (interrupted)
        return;
    if (result != 0 && errno == ENOENT)
        die("diff is not installed, which shows how your file differs. Run: "
            "sh harness/setup");
    if (result != 0)
        die("run diff:");
    if (!outcome.exited || outcome.status > 1)
        die("%s cannot be compared: %.*s", own,
            (int)strcspn(text_string(text), "\n"), text_string(text));
}

static void
compare(const char *own, const char *solution)
{
    struct text text = {0};
    struct stat status;

    if (stat(own, &status) != 0 || !S_ISREG(status.st_mode)) {
        printf("There is no %s yet to compare it with.\n", own);
        return;
    }
    find_differences(&text, own, solution);
    if (!interrupted && text.length == 0)
        printf("Your file is the same.\n");
    else if (!interrupted)
        printf(
            "From yours (-) to the reference (+):\n\n%s", text_string(&text));
    text_free(&text);
}

static void
print_whole(const char *solution)
{
    struct text text = {0};

    if (text_read_file(&text, solution, 1 << 20) != 0)
        die("%s:", solution);
    printf("%s\n\n%s\n", solution, text_string(&text));
    text_free(&text);
}

/* Print the reference, and the difference from the learner's file. */
static void
show(const struct lab *lab, bool only_differences)
{
    char *solution = lab_solution_path(lab);
    char *own = lab_learner_path(lab);

    if (!only_differences)
        print_whole(solution);
    compare(own, solution);
    free(solution);
    free(own);
}

int
cmd_solution(int argc, char **argv)
{
    bool yes = false, diff = false;
    const struct cmd_flag flags[] = {
        {"--diff", &diff, NULL}, {"--yes", &yes, NULL}, {NULL, NULL, NULL}};

    const char *name = cmd_read_lab(argc, argv, usage, flags);
    if (name == NULL)
        return 0;
    struct catalogue *catalogue = lab_catalogue();
    const struct lab *lab = cmd_lab(catalogue, name);
    if (yes || was_accepted(lab) || confirm(lab))
        show(lab, diff);
    lab_catalogue_free(catalogue);
    return 0;
}
