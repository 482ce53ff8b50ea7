#include "cmd.h"

#include "gradebook.h"
#include "lab.h"
#include "terms.h"
#include "text.h"
#include "warn.h"

#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: lab progress [--json]\n"
    "\n"
    "Show how far you are: for each lab the verdict of its newest run and\n"
    "the points of its best one, and what is next.\n"
    "\n"
    "  --json  the same as an object\n"
    "  --help  this text\n";

/* How far one lab is. */
static const char not_checked[] = "races not checked";

struct standing {
    const struct lab *lab;
    enum verdict verdict; /* of the newest run */
    bool unchecked;       /* not all of it: races */
    int points;           /* of the best run */
};

struct progress {
    struct standing *standings; /* in reading order */
    size_t count;
    int points, points_max;
    size_t judged;
    const struct lab *next; /* NULL when all are accepted */
};

/* False when only the usage was asked for. */
static bool
read_arguments(bool *json, int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    int option;

    optind = 0; /* main may have used getopt before */
    while ((option = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
        if (option == 'h') {
            fputs(usage, stdout);
            return false;
        }
        if (option != 'j')
            cmd_refuse_option(argv, option);
        *json = true;
    }
    if (optind < argc)
        die("progress: takes no argument such as %s; try lab progress --help",
            argv[optind]);
    return true;
}

static void
note_newest(const struct gradebook_run *run, void *arg)
{
    struct standing *standing = arg;

    if (!terms_read_verdict(run->verdict, &standing->verdict))
        die("progress: run %lld has the unknown verdict \"%s\"",
            (long long)run->id, run->verdict);
    standing->unchecked = run->unchecked != NULL;
}

static void
note_best(const struct gradebook_run *run, void *arg)
{
    struct standing *standing = arg;

    standing->points = run->points;
}

/* Returns 0, or -1 after a warning. */
static int
find_standing(
    struct standing *standing, struct gradebook *book, const struct lab *lab)
{
    *standing = (struct standing){.lab = lab, .verdict = VERDICT_NOT_STARTED};
    if (gradebook_latest(book, lab->slug, note_newest, standing) < 0)
        return -1;
    return gradebook_best(book, lab->slug, note_best, standing) < 0 ? -1 : 0;
}

static int
find_progress(struct progress *progress, struct gradebook *book,
    const struct catalogue *catalogue)
{
    progress->count = catalogue->count;
    progress->standings =
        text_zeroed(catalogue->count, sizeof *progress->standings);
    for (size_t i = 0; i < catalogue->count; i++) {
        const struct lab *lab = &catalogue->labs[i];
        struct standing *standing = &progress->standings[i];
        if (find_standing(standing, book, lab) != 0)
            return -1;
        progress->points += standing->points;
        progress->points_max += lab->points;
        progress->judged += standing->verdict != VERDICT_NOT_STARTED;
        if (standing->verdict != VERDICT_ACCEPTED && progress->next == NULL)
            progress->next = lab;
    }
    return 0;
}

static void
print_line(const char *lab, const char *verdict, int points, int points_max)
{
    char *share = text_format("%d/%d", points, points_max);

    printf("%-24s  %-21s %10s\n", lab, verdict, share);
    free(share);
}

static void
show_table(const struct progress *progress)
{
    printf("%-24s  %-21s %10s\n", "lab", "newest run", "best");
    for (size_t i = 0; i < progress->count; i++) {
        const struct standing *standing = &progress->standings[i];
        print_line(standing->lab->stem, terms_verdict(standing->verdict),
            standing->points, standing->lab->points);
        if (standing->unchecked)
            printf("%26s(%s)\n", "", not_checked);
    }
    print_line("all", "", progress->points, progress->points_max);
    printf("\n");
    if (progress->judged == 0)
        printf("No lab was judged yet.\n");
    if (progress->next != NULL)
        printf("next: make check LAB=%s\n", progress->next->number);
    else
        printf("Every lab is accepted.\n");
}

static void
show_json(const struct progress *progress)
{
    json_t *labs = json_array();

    for (size_t i = 0; i < progress->count; i++) {
        const struct standing *standing = &progress->standings[i];
        json_array_append_new(
            labs, json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:s?}", "stem",
                      standing->lab->stem, "slug", standing->lab->slug,
                      "title", standing->lab->title, "verdict",
                      terms_verdict(standing->verdict), "points",
                      standing->points, "points_max", standing->lab->points,
                      "unchecked", standing->unchecked ? not_checked : NULL));
    }
    json_t *all = json_pack("{s:o, s:i, s:i, s:s?}", "labs", labs, "points",
        progress->points, "points_max", progress->points_max, "next",
        progress->next != NULL ? progress->next->stem : NULL);
    if (all == NULL)
        die("progress: a lab has no JSON form; is its title UTF-8?");
    json_dumpf(all, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(all);
}

int
cmd_progress(int argc, char **argv)
{
    struct progress progress = {0};
    bool json = false;

    if (!read_arguments(&json, argc, argv))
        return 0;
    struct catalogue *catalogue = lab_catalogue();
    struct gradebook *book = gradebook_open(GRADEBOOK_PATH);
    int status = 2;
    if (book != NULL && find_progress(&progress, book, catalogue) == 0) {
        (json ? show_json : show_table)(&progress);
        status = 0;
    }
    free(progress.standings);
    gradebook_close(book);
    lab_catalogue_free(catalogue);
    return status;
}
