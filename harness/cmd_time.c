#include "cmd.h"

#include "calibrate.h"
#include "duel.h"
#include "gradebook.h"
#include "hogs.h"
#include "intake.h"
#include "interrupt.h"
#include "lab.h"
#include "programs.h"
#include "report.h"
#include "verdict.h"
#include "warn.h"
#include "workdir.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: lab time LAB [OPTION ...]\n"
    "       lab time --calibrate N [LAB ...] [OPTION ...]\n"
    "\n"
    "Time a program beside the reference, on the same inputs, one run of "
    "each\n"
    "in turn: within the limit, slower, or too noisy to say. Every answer is\n"
    "checked; but whether the program is right in all that a lab asks for,\n"
    "only lab check finds out.\n"
    "\n"
    "  --file PATH    time another file in the lab's place; - is standard\n"
    "                 input\n"
    "  --pairs N      at most N pairs of runs (default: 200; 60, as in a\n"
    "                 check, where the timing itself is tried)\n"
    "  --budget S     begin no pair after S seconds (default: 30, or 20)\n"
    "  --seed N       draw the inputs from this seed again\n"
    "  --json         print the whole as JSON\n"
    "\n"
    "  --calibrate N  try the timing itself: N times, the reference beside\n"
    "                 itself, and beside itself with a share of the work "
    "done\n"
    "                 again; of the labs named, or all that are timed\n"
    "  --factor F     only the one that does F times the work: 1, 1.25, 1.5\n"
    "                 or 2\n"
    "  --load K       beside K processes that keep a processor busy each\n"
    "  --tsv          print the table as tab-separated values\n"
    "  --help         print this\n"
    "\n"
    "A duel of the lab's own file is kept in the gradebook.\n"
    "Exit status: 0 within the limit, or too noisy to say; 1 slower, or a\n"
    "timed run was wrong; 2 the harness or the machine is at fault.\n";

enum {
    MOST_SECONDS = 24 * 60 * 60,
    MOST_TRIALS = 100000,
    LEAST_PAIRS = 21, /* for an interval worth looking at */
    MOST_PAIRS = 200,
    BUDGET_S = 30
};

struct request {
    char **labs; /* names */
    int lab_count;
    const char *file;
    uint64_t seed;
    int pairs, budget_s; /* 0: not said */
    int trials;          /* of a calibration, or 0 */
    int row;             /* of it; -1: all */
    int load;
    bool json, tsv;
};

static int
read_factor(const char *word)
{
    char *end;
    double factor = strtod(word, &end);

    for (int row = 0; row < CALIBRATE_FACTORS && *end == '\0'; row++) {
        if (factor == calibrate_factor(row))
            return row;
    }
    die("time: --factor takes 1, 1.25, 1.5 or 2, not \"%s\"", word);
}

static int
number(char **argv, const char *option, int least, int most)
{
    return (int)cmd_number(
        argv[0], option, optarg, (uint64_t)least, (uint64_t)most);
}

static void
set_option(int option, char **argv, struct request *request)
{
    switch (option) {
    case 'f':
        request->file = optarg;
        break;
    case 'p':
        request->pairs = number(argv, "--pairs", 1, DUEL_MOST_PAIRS);
        break;
    case 'b':
        request->budget_s = number(argv, "--budget", 1, MOST_SECONDS);
        break;
    case 's':
        request->seed = cmd_number(argv[0], "--seed", optarg, 0, UINT64_MAX);
        break;
    case 'c':
        request->trials = number(argv, "--calibrate", 1, MOST_TRIALS);
        break;
    case 'F':
        request->row = read_factor(optarg);
        break;
    case 'l':
        request->load = number(argv, "--load", 0, HOGS_MOST);
        break;
    case 'J':
        request->json = true;
        break;
    case 'T':
        request->tsv = true;
        break;
    default:
        cmd_refuse_option(argv, option);
    }
}

static void
check_arguments(const struct request *request)
{
    if (request->trials > 0 && (request->file != NULL || request->json))
        die("time: --calibrate times the reference, and takes no --file and "
            "no --json");
    if (request->trials == 0 && (request->row >= 0 || request->tsv))
        die("time: --factor and --tsv belong to --calibrate");
    if (request->trials == 0 && request->lab_count != 1)
        die("time: which lab? Type: make time LAB=02");
}

/* False when only the usage was asked for. */
static bool
read_arguments(struct request *request, int argc, char **argv)
{
    static const struct option options[] = {
        {"file", required_argument, NULL, 'f'},
        {"pairs", required_argument, NULL, 'p'},
        {"budget", required_argument, NULL, 'b'},
        {"seed", required_argument, NULL, 's'},
        {"calibrate", required_argument, NULL, 'c'},
        {"factor", required_argument, NULL, 'F'},
        {"load", required_argument, NULL, 'l'},
        {"json", no_argument, NULL, 'J'},
        {"tsv", no_argument, NULL, 'T'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
        if (option == 'h')
            return fputs(usage, stdout), false;
        set_option(option, argv, request);
    }
    request->labs = argv + optind;
    request->lab_count = argc - optind;
    check_arguments(request);
    return true;
}

static const struct lab *
timed_lab(const struct catalogue *catalogue, const char *name)
{
    const struct lab *lab = cmd_lab(catalogue, name);

    if (lab->speed.limit_percent == 0)
        die("time: %s is not timed", lab->stem);
    return lab;
}

static void
show_pairs(const struct lab *lab, int pairs)
{
    cmd_show("%s: pair %d", lab->stem, pairs);
}

/* Both programs are there: time them, and fill in the record. */
static int
fight(const struct request *request, struct duel_request *duel,
    struct record *record)
{
    struct result failure;

    duel->seed = request->seed;
    duel->pairs = request->pairs > 0 ? request->pairs : MOST_PAIRS;
    duel->budget_s = request->budget_s > 0 ? request->budget_s : BUDGET_S;
    duel->least = LEAST_PAIRS;
    duel->progress = show_pairs;
    cmd_show_later();
    int result = duel_run(duel, &record->timing, &failure);
    cmd_hide();
    if (result == 0 && failure.state != STATE_PASS) {
        record->verdict = failure.verdict;
        record->cause = text_copy(failure.cause);
    }
    record_result_free(&failure);
    record->elapsed_s = record->timing.seconds;
    return result;
}

/* Fill in the record; -1 when a signal was caught, or the reference is
 * missing, which a message has said. */
static int
time_lab(const struct request *request, const struct lab *lab,
    const char *path, struct record *record)
{
    struct workdir workdir = workdir_open(lab->stem);
    struct duel_request duel = duel_default(lab);
    struct programs_failure failure;
    char *program = programs_file(lab, path, workdir.path, &failure);
    char *reference =
        program != NULL ? programs_reference(lab, workdir.path) : NULL;
    int result = failure.cause != NULL ? 0 : -1;

    record->verdict = failure.verdict;
    record->cause = failure.cause;
    record->where = failure.where;
    duel.dir = workdir.path;
    duel.program = program;
    duel.reference = reference;
    if (reference != NULL)
        result = fight(request, &duel, record);
    workdir_close(&workdir);
    free(program);
    free(reference);
    return result;
}

static void
print(const struct request *request, const struct record *record)
{
    enum { INDENT = 4 };

    if (request->json) {
        char *json = report_timing_json(record);
        puts(json);
        free(json);
        return;
    }
    printf("%-20s %s\n", record->stem,
        record->verdict == VERDICT_ACCEPTED ? record->file
                                            : terms_verdict(record->verdict));
    report_timing(stdout, record, INDENT);
    if (record->cause != NULL)
        report_indented(stdout, INDENT, record->cause);
    if (record->where != NULL)
        report_indented(stdout, INDENT, record->where);
}

/* A duel is worth having without its row, but the loss is not silent. */
static int
keep(const struct record *record)
{
    struct gradebook *book = gradebook_open(GRADEBOOK_PATH);
    char *json = report_timing_json(record);
    bool kept = book != NULL && gradebook_add_duel(book, record, json) == 0;

    free(json);
    gradebook_close(book);
    if (!kept)
        warn("this duel of %s is not in the gradebook", record->stem);
    return kept ? 0 : 2;
}

static int
status_of(const struct record *record)
{
    if (record->verdict == VERDICT_JUDGE_ERROR ||
        record->verdict == VERDICT_COULD_NOT_CHECK)
        return 2;
    return record->verdict != VERDICT_ACCEPTED ||
           record->timing.speed == SPEED_SLOWER;
}

static int
time_one(const struct request *request, const struct catalogue *catalogue)
{
    const struct lab *lab = timed_lab(catalogue, request->labs[0]);
    char *path = request->file != NULL ? text_copy(request->file)
                                       : lab_learner_path(lab);
    struct record record;

    verdict_begin(lab, path, request->seed, &record);
    if (request->file == NULL && intake_begin(lab) < 0)
        die("%s cannot be made from the starter:", path);
    int result = time_lab(request, lab, path, &record);
    int status = result == 0 ? status_of(&record) : 2;
    if (result == 0)
        print(request, &record);
    if (result == 0 && request->file == NULL && record.timing.pairs > 0)
        status = keep(&record) == 0 ? status : 2;
    record_free(&record);
    free(path);
    return status;
}

static void
show_trials(const struct calibrate_row *row, int done)
{
    cmd_show("%s, %.2f times the work: duel %d of %d", row->lab->stem,
        row->factor, done, row->trials);
}

/* All rows of one lab, or the one asked for. */
static int
calibrate_lab(const struct request *request, const struct lab *lab)
{
    struct workdir workdir = workdir_open(lab->stem);
    char *reference = programs_reference(lab, workdir.path);
    int result = reference != NULL ? 0 : -1;

    for (int row = 0; row < CALIBRATE_FACTORS && result == 0; row++) {
        struct calibrate_row calibrated = {.lab = lab,
            .factor = calibrate_factor(row),
            .trials = request->trials,
            .pairs = request->pairs,
            .budget_s = request->budget_s,
            .progress = show_trials};
        if (request->row >= 0 && request->row != row)
            continue;
        cmd_show_later();
        result =
            calibrate_run(&calibrated, reference, workdir.path, request->seed);
        cmd_hide();
        if (result == 0)
            calibrate_print(stdout, &calibrated, request->load, request->tsv);
    }
    workdir_close(&workdir);
    free(reference);
    return result;
}

static int
calibrate(const struct request *request, const struct catalogue *catalogue)
{
    int result = 0;

    for (int i = 0; i < request->lab_count; i++)
        timed_lab(catalogue, request->labs[i]);
    calibrate_print_head(stdout, request->tsv);
    for (int i = 0; i < request->lab_count && result == 0; i++)
        result =
            calibrate_lab(request, timed_lab(catalogue, request->labs[i]));
    for (size_t i = 0; i < catalogue->count && request->lab_count == 0; i++) {
        const struct lab *lab = &catalogue->labs[i];
        if (result == 0 && lab->speed.limit_percent > 0)
            result = calibrate_lab(request, lab);
    }
    return result == 0 ? 0 : 2;
}

int
cmd_time(int argc, char **argv)
{
    struct request request = {.seed = cmd_draw_seed(), .row = -1};

    if (!read_arguments(&request, argc, argv))
        return 0;
    struct catalogue *catalogue = lab_catalogue();
    struct hogs *hogs = hogs_start(request.load, MOST_SECONDS);
    int status = request.trials > 0 ? calibrate(&request, catalogue)
                                    : time_one(&request, catalogue);
    hogs_stop(hogs);
    lab_catalogue_free(catalogue);
    return status;
}
