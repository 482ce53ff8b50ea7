#include "cmd.h"

#include "gradebook.h"
#include "intake.h"
#include "interrupt.h"
#include "lab.h"
#include "report.h"
#include "verdict.h"
#include "warn.h"

#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static const char usage[] =
    "usage: lab check [LAB ...] [OPTION ...]\n"
    "\n"
    "Judge labs: those named, else all that were started. A lab that is not\n"
    "there yet is begun from its starter.\n"
    "\n"
    "  --test NAME  run only this test (needs one LAB)\n"
    "  --seed N     draw the inputs from this seed again\n"
    "  --file PATH  judge another file in the lab's place (needs one LAB)\n"
    "  --jobs N     at most N processes at once (default: cores)\n"
    "  --json       print the whole record as JSON\n"
    "  --tap        print a line a test as TAP\n"
    "  --no-time    do not time an accepted program beside the reference\n"
    "  --help       print this\n"
    "\n"
    "Exit status: 0 accepted, 1 not accepted, 2 the harness or the machine\n"
    "is at fault. A run of the lab's own file, whole, is kept in the\n"
    "gradebook.\n";

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

static int
cores(void)
{
    cpu_set_t set;

    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

static uint64_t
read_number(const char *option, const char *word, uint64_t least)
{
    char *end;

    errno = 0;
    uint64_t number = strtoull(word, &end, 10);
    if (end == word || *end != '\0' || errno != 0 || word[0] == '-' ||
        number < least)
        die("check: --%s takes a number, not \"%s\"", option, word);
    return number;
}

static uint64_t
draw_seed(void)
{
    uint32_t seed;

    if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
        die("draw a seed:");
    return seed;
}

static void
set_option(int option, struct request *request)
{
    switch (option) {
    case 't':
        request->test = optarg;
        break;
    case 's':
        request->seed = read_number("seed", optarg, 0);
        break;
    case 'f':
        request->file = optarg;
        break;
    case 'j':
        request->jobs = (int)read_number("jobs", optarg, 1);
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
        die("check: try lab check --help");
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

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'h')
            return fputs(usage, stdout), false;
        set_option(option, request);
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
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[K%s: %d of %d tests", lab->stem, done, total);
    if (isatty(STDERR_FILENO) && done == total)
        fprintf(stderr, "\r\033[K");
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

static void
keep_run(struct gradebook **book, const struct record *record)
{
    if (*book == NULL)
        *book = gradebook_open(GRADEBOOK_PATH);
    if (*book == NULL)
        return;
    char *json = report_json(record);
    gradebook_add(*book, record, json);
    free(json);
}

struct run {
    const struct request *request;
    struct gradebook *book;
    struct record *records;
    size_t count;
    int status;
};

static int
status_of(enum verdict verdict)
{
    if (verdict == VERDICT_ACCEPTED)
        return 0;
    return verdict == VERDICT_JUDGE_ERROR || verdict == VERDICT_COULD_NOT_CHECK
               ? 2
               : 1;
}

static int
check_lab(struct run *run, const struct lab *lab)
{
    const struct request *request = run->request;
    bool own = request->file == NULL;
    bool whole = request->test == NULL;
    char *path = own ? lab_learner_path(lab) : text_copy(request->file);

    if (own && intake_begin(lab) < 0)
        die("%s cannot be made from the starter:", path);
    if (own && whole && !was_started(lab, path)) {
        if (request->format == FORMAT_TEXT)
            report_text_not_started(stdout, lab->stem, lab->number, lab->file);
        free(path);
        return 0;
    }
    struct verdict_request judge = {.lab = lab,
        .path = path,
        .test = request->test,
        .seed = request->seed,
        .jobs = request->jobs,
        .timed = request->timed && whole,
        .progress = show_progress};
    struct record *record = &run->records[run->count];
    int result = verdict_judge(&judge, record);
    free(path);
    if (result != 0)
        return -1;
    run->count++;
    if (own && whole)
        keep_run(&run->book, record);
    if (request->format == FORMAT_TEXT)
        report_text(stdout, record, whole);
    int status = status_of(record->verdict);
    run->status = status > run->status ? status : run->status;
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

int
cmd_check(int argc, char **argv)
{
    struct request request = {
        .seed = draw_seed(), .jobs = cores(), .timed = true};

    if (!read_arguments(&request, argc, argv))
        return 0;
    struct catalogue *catalogue = lab_catalogue();
    size_t most = catalogue->count + (size_t)request.lab_count;
    struct run run = {.request = &request,
        .records = text_zeroed(most, sizeof *run.records)};
    int result = check_all(&run, catalogue);
    if (result == 0 && request.format == FORMAT_JSON)
        report_json_all(stdout, run.records, run.count);
    if (result == 0 && request.format == FORMAT_TAP)
        report_tap_all(stdout, run.records, run.count);
    for (size_t i = 0; i < run.count; i++)
        record_free(&run.records[i]);
    free(run.records);
    gradebook_close(run.book);
    lab_catalogue_free(catalogue);
    return result == 0 ? run.status : 2;
}
