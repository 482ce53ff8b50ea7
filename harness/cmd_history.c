#include "cmd.h"

#include "gradebook.h"
#include "lab.h"
#include "terms.h"
#include "text.h"
#include "warn.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: lab history [LAB] [--limit N] [--json]\n"
    "\n"
    "Show the judged runs, newest first: of one lab or of all.\n"
    "\n"
    "  --limit N  at most N runs; 0 is all of them (default 20)\n"
    "  --json     an array with an object for each run\n"
    "  --help     this text\n";

struct request {
    const char *lab; /* NULL: all */
    int limit;
    bool json;
};

static int
read_limit(const char *word)
{
    char *end;

    errno = 0;
    long limit = strtol(word, &end, 10);
    if (end == word || *end != '\0' || errno != 0 || limit < 0 ||
        limit > INT_MAX)
        die("history: --limit takes a number from 0 on, not \"%s\"", word);
    return (int)limit;
}

/* False when only the usage was asked for. */
static bool
read_arguments(struct request *request, int argc, char **argv)
{
    static const struct option options[] = {
        {"limit", required_argument, NULL, 'l'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    int option;

    optind = 0; /* main may have used getopt before */
    while ((option = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
        switch (option) {
        case 'l':
            request->limit = read_limit(optarg);
            break;
        case 'j':
            request->json = true;
            break;
        case 'h':
            fputs(usage, stdout);
            return false;
        default:
            cmd_refuse_option(argv, option);
        }
    }
    request->lab = argv[optind];
    if (argc - optind > 1)
        die("history: takes one lab, not %d; try lab history --help",
            argc - optind);
    return true;
}

/* How many runs may be shown (0: all), and have been met. */
struct printing {
    int limit, met;
};

/* "speed: within, 1.04x of the reference" */
static void
print_speed(const struct gradebook_run *run)
{
    if (run->speed == NULL && run->ratio <= 0)
        return;
    printf("%18sspeed: ", "");
    if (run->speed != NULL)
        printf("%s%s", run->speed, run->ratio > 0 ? ", " : "");
    if (run->ratio > 0)
        printf("%.2fx of the reference", run->ratio);
    putchar('\n');
}

static void
print_run(const struct gradebook_run *run, void *arg)
{
    struct printing *printing = arg;
    struct text points = {0}, tests = {0}, name = {0};

    int newer = printing->met++;
    if (printing->limit > 0 && newer >= printing->limit)
        return;
    if (newer == 0)
        printf("%-16s  %-20s  %-21s %9s %7s\n", "when", "lab", "verdict",
            "points", "tests");
    text_addf(&points, "%d/%d", run->points, run->points_max);
    text_addf(&tests, "%d/%d", run->passed, run->total);
    printf("%.16s  %-20s  %-21s %9s %7s\n", run->started, run->stem,
        run->verdict, text_string(&points), text_string(&tests));
    if (run->unchecked != NULL)
        printf("%40s(%s)\n", "", run->unchecked);
    print_speed(run);
    if (run->failed_test != NULL &&
        strcmp(run->verdict, terms_verdict(VERDICT_ACCEPTED)) != 0) {
        text_add_clean(&name, run->failed_test, strlen(run->failed_test));
        printf("%18s%s\n", "", text_string(&name));
    }
    text_free(&points);
    text_free(&tests);
    text_free(&name);
}

/* A JSON string, or null. */
static json_t *
clean_json(const char *string)
{
    struct text text = {0};

    if (string == NULL)
        return json_null();
    text_add_clean(&text, string, strlen(string));
    json_t *json = json_string(text_string(&text));
    text_free(&text);
    return json;
}

static void
collect_run(const struct gradebook_run *run, void *runs)
{
    json_t *json = json_pack(
        "{s:I, s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:o, s:o,"
        " s:s, s:f, s:f, s:s?, s:o}",
        "id", (json_int_t)run->id, "started", run->started, "stem", run->stem,
        "slug", run->slug, "verdict", run->verdict, "points", run->points,
        "points_max", run->points_max, "tests_passed", run->passed, "tests",
        run->total, "failed_test", clean_json(run->failed_test),
        "failed_section", clean_json(run->failed_section), "seed", run->seed,
        "elapsed_s", run->elapsed_s, "ratio", run->ratio, "speed", run->speed,
        "unchecked", clean_json(run->unchecked));

    if (json == NULL || json_array_append_new(runs, json) != 0)
        die("history: run %lld has no JSON form", (long long)run->id);
}

static int
show_json(struct gradebook *book, const struct request *request,
    const struct lab *lab)
{
    json_t *runs = json_array();

    int count = gradebook_history(book, lab != NULL ? lab->slug : NULL,
        request->limit, collect_run, runs);
    if (count >= 0) {
        json_dumpf(runs, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    json_decref(runs);
    return count >= 0 ? 0 : 2;
}

static int
show_table(struct gradebook *book, const struct request *request,
    const struct lab *lab)
{
    struct printing printing = {.limit = request->limit};

    int count = gradebook_history(
        book, lab != NULL ? lab->slug : NULL, 0, print_run, &printing);
    if (count == 0 && lab != NULL)
        printf("%s was not judged yet; type: make check LAB=%s\n", lab->stem,
            lab->number);
    else if (count == 0)
        printf("No lab was judged yet; type: make check\n");
    else if (request->limit > 0 && count > request->limit)
        printf("and %d older; all of them: build/lab history%s%s --limit 0\n",
            count - request->limit, lab != NULL ? " " : "",
            lab != NULL ? lab->number : "");
    return count >= 0 ? 0 : 2;
}

int
cmd_history(int argc, char **argv)
{
    struct request request = {.limit = 20};
    const struct lab *lab = NULL;

    if (!read_arguments(&request, argc, argv))
        return 0;
    struct catalogue *catalogue = lab_catalogue();
    if (request.lab != NULL)
        lab = cmd_lab(catalogue, request.lab);
    struct gradebook *book = gradebook_open(GRADEBOOK_PATH);
    int status = 2;
    if (book != NULL)
        status = (request.json ? show_json : show_table)(book, &request, lab);
    gradebook_close(book);
    lab_catalogue_free(catalogue);
    return status;
}
