#include "cmd.h"

#include "gradebook.h"
#include "intake.h"
#include "interrupt.h"
#include "lab.h"
#include "machine.h"
#include "report.h"
#include "verdict.h"
#include "warn.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: lab check [LAB ...] [OPTION ...]\n"
    "\n"
    "Judge labs: those named, else all that were started. A lab that is not\n"
    "there yet is begun from its starter.\n"
    "\n"
    "  --test NAME  run only this test (needs one LAB)\n"
    "  --seed N     draw the inputs from this seed again\n"
    "  --file PATH  judge another file in the lab's place (needs one LAB);\n"
    "               - is standard input\n"
    "  --jobs N     at most N processes at once (default: two a core)\n"
    "  --json       print the whole record as JSON\n"
    "  --tap        print a line a test as TAP\n"
    "  --no-time    do not time an accepted program beside the reference\n"
    "  --help       print this\n"
    "\n"
    "Exit status: 0 accepted, 1 not accepted, 2 the harness or the machine\n"
    "is at fault. A run of the lab's own file, whole, is kept in the\n"
    "gradebook.\n";

enum { MOST_JOBS = 1000 };

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_TAP };

struct request {
    char **labs; /* names */
    int lab_count;
    const char *test, *file;
    uint64_t seed;
    int jobs;
    enum format format;
    bool timed;
};

static void
set_option(int option, char **argv, struct request *request)
{
    switch (option) {
    case 't':
        request->test = optarg;
        break;
    case 's':
        request->seed = cmd_number(argv[0], "--seed", optarg, 0, UINT64_MAX);
        break;
    case 'f':
        request->file = optarg;
        break;
    case 'j':
        request->jobs =
            (int)cmd_number(argv[0], "--jobs", optarg, 1, MOST_JOBS);
        break;
    case 'J':
        request->format = FORMAT_JSON;
        break;
    case 'T':
        request->format = FORMAT_TAP;
        break;
    case 'n':
        request->timed = false;
        break;
    default:
        cmd_refuse_option(argv, option);
    }
}

/* False when only the usage was asked for. */
static bool
read_arguments(struct request *request, int argc, char **argv)
{
    static const struct option options[] = {
        {"test", required_argument, NULL, 't'},
        {"seed", required_argument, NULL, 's'},
        {"file", required_argument, NULL, 'f'},
        {"jobs", required_argument, NULL, 'j'},
        {"json", no_argument, NULL, 'J'},
        {"tap", no_argument, NULL, 'T'},
        {"no-time", no_argument, NULL, 'n'},
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
    if ((request->test != NULL || request->file != NULL) &&
        request->lab_count != 1)
        die("check: --test and --file need the name of one lab");
    return true;
}

static void
show_progress(const struct lab *lab, int done, int total)
{
    cmd_show("%s: %d of %d tests", lab->stem, done, total);
}

static void
show_timing(const struct lab *lab, int pairs)
{
    cmd_show("%s: timed beside the reference, pair %d", lab->stem, pairs);
}

/* Is there something of the learner's to judge? */
static bool
was_started(const struct lab *lab, const char *path)
{
    struct source source;
    char *cause = NULL;
    bool started = true;

    if (intake_read(&source, lab, path, &cause) == INTAKE_FINE)
        started = lab->solved || !intake_is_starter(&source, lab);
    free(cause);
    intake_free(&source);
    return started;
}

struct run {
    const struct request *request;
    struct gradebook *book;
    bool without_book; /* it cannot be had */
    struct record *records;
    size_t count;
    const struct record *not_started; /* the first one, or NULL */
    int status;
};

static void
raise_status(struct run *run, int status)
{
    if (status > run->status)
        run->status = status;
}

/* A verdict is worth having without its row, but the loss is not silent. */
static void
keep_run(struct run *run, const struct record *record)
{
    if (run->book == NULL && !run->without_book)
        run->book = gradebook_open(GRADEBOOK_PATH);
    run->without_book = run->book == NULL;
    bool kept = false;
    if (run->book != NULL) {
        char *json = report_json(record);
        kept = gradebook_add(run->book, record, json) == 0;
        free(json);
    }
    if (kept)
        return;
    warn("this run of %s is not in the gradebook", record->stem);
    raise_status(run, 2);
}

static int
status_of(enum verdict verdict)
{
    if (verdict == VERDICT_ACCEPTED)
        return 0;
    return verdict == VERDICT_JUDGE_ERROR || verdict == VERDICT_COULD_NOT_CHECK
               ? 2
               : 1;
}

static void
note_not_started(struct run *run, const struct lab *lab, const char *path)
{
    struct record *record = &run->records[run->count];

    *record = (struct record){.stem = text_copy(lab->stem),
        .slug = text_copy(lab->slug),
        .title = text_copy(lab->title),
        .file = text_copy(path),
        .points_max = lab->points,
        .verdict = VERDICT_NOT_STARTED};
    if (run->not_started == NULL)
        run->not_started = record;
}

/* Judge the file at `path`, which is the lab's own or the one asked for. */
static int
judge_lab(struct run *run, const struct lab *lab, const char *path)
{
    const struct request *request = run->request;
    bool whole = request->test == NULL;
    struct record *record = &run->records[run->count];
    struct verdict_request judge = {.lab = lab,
        .path = path,
        .test = request->test,
        .seed = request->seed,
        .jobs = request->jobs,
        .timed = request->timed && whole,
        .progress = show_progress,
        .timing = show_timing};

    cmd_show_later();
    int result = verdict_judge(&judge, record);
    cmd_hide();
    if (result != 0) {
        record_free(record);
        return -1;
    }
    if (request->file == NULL && whole)
        keep_run(run, record);
    raise_status(run, status_of(record->verdict));
    return 0;
}

static int
check_lab(struct run *run, const struct lab *lab)
{
    const struct request *request = run->request;
    bool own = request->file == NULL;
    bool whole = request->test == NULL;
    char *path = own ? lab_learner_path(lab) : text_copy(request->file);
    int result = 0;

    if (own && intake_begin(lab) < 0)
        die("%s cannot be made from the starter:", path);
    if (own && whole && !was_started(lab, path))
        note_not_started(run, lab, path);
    else
        result = judge_lab(run, lab, path);
    free(path);
    if (result != 0)
        return -1;
    if (request->format == FORMAT_TEXT)
        report_text(stdout, &run->records[run->count], whole);
    run->count++;
    return 0;
}

static int
check_all(struct run *run, const struct catalogue *catalogue)
{
    const struct request *request = run->request;
    int result = 0;

    if (request->lab_count == 0) {
        for (size_t i = 0; result == 0 && i < catalogue->count; i++)
            result = check_lab(run, &catalogue->labs[i]);
        return result;
    }
    for (int i = 0; i < request->lab_count; i++)
        cmd_lab(catalogue, request->labs[i]);
    for (int i = 0; result == 0 && i < request->lab_count; i++)
        result = check_lab(run, cmd_lab(catalogue, request->labs[i]));
    return result;
}

static void
report_all(const struct run *run)
{
    if (run->request->format == FORMAT_JSON)
        report_json_all(stdout, run->records, run->count);
    else if (run->request->format == FORMAT_TAP)
        report_tap_all(stdout, run->records, run->count);
    else if (run->not_started != NULL)
        report_text_begin(stdout, run->not_started);
}

int
cmd_check(int argc, char **argv)
{
    /* Judge and probe mostly wait for each other, or for the disk: two a core
     * keep it busy. */
    struct request request = {
        .seed = cmd_draw_seed(), .jobs = 2 * machine_cores(), .timed = true};

    if (!read_arguments(&request, argc, argv))
        return 0;
    struct catalogue *catalogue = lab_catalogue();
    size_t most = catalogue->count + (size_t)request.lab_count;
    struct run run = {.request = &request,
        .records = text_zeroed(most, sizeof *run.records)};
    int result = check_all(&run, catalogue);
    if (result == 0)
        report_all(&run);
    for (size_t i = 0; i < run.count; i++)
        record_free(&run.records[i]);
    free(run.records);
    gradebook_close(run.book);
    lab_catalogue_free(catalogue);
    return result == 0 ? run.status : 2;
}
