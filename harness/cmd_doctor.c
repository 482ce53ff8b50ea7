#include "cmd.h"

#include "doctor.h"
#include "doctor_machine.h"
#include "doctor_place.h"
#include "doctor_timing.h"
#include "doctor_tools.h"
#include "interrupt.h"
#include "report.h"
#include "text.h"
#include "warn.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: lab doctor [--json]\n"
    "\n"
    "Is this machine ready? One line for each thing that is needed:\n"
    "  OK       it was tried, and works\n"
    "  caution  it does not work; the line says what is then not checked\n"
    "  fault    nothing can be judged without it; the command mends it\n"
    "\n"
    "  --json   the same as one JSON object\n"
    "  --help   print this\n"
    "\n"
    "Exit status: 0 no fault, 2 a fault.\n";

enum { SAYS_COLUMN = 24 };

struct level_look {
    const char *word, *line, *colour;
};

static const struct level_look looks[LEVEL_COUNT] = {
    [LEVEL_OK] = {"OK", "✓ OK     ", "\033[32m"},
    [LEVEL_CAUTION] = {"caution", "! caution", "\033[33m"},
    [LEVEL_FAULT] = {"fault", "✗ fault  ", "\033[31m"},
};

/* What the checks came to, and where it goes. */
struct visit {
    json_t *list; /* NULL: print lines */
    int counts[LEVEL_COUNT];
    bool colour;
};

static void
print_finding(
    const struct visit *visit, const char *name, const struct finding *finding)
{
    const struct level_look *look = &looks[finding->level];

    printf("%s%s%s  %-11s  ", visit->colour ? look->colour : "", look->line,
        visit->colour ? "\033[0m" : "", name);
    report_paragraph(stdout, SAYS_COLUMN, text_string(&finding->says));
    if (finding->remedy != NULL)
        printf("%*s%s\n", SAYS_COLUMN, "-> ", finding->remedy);
    fflush(stdout);
}

static void
add_finding(json_t *list, const char *name, const struct finding *finding)
{
    json_t *object = json_pack("{s:s, s:s, s:s, s:s?}", "name", name, "level",
        looks[finding->level].word, "text", text_string(&finding->says),
        "remedy", finding->remedy);

    if (object == NULL || json_array_append_new(list, object) != 0)
        die("no memory for JSON");
}

static void
run_checks(struct visit *visit, const struct check *check)
{
    for (; check->name != NULL && !interrupted; check++) {
        struct finding finding = {0};

        check->look(&finding, check->subject);
        if (!interrupted) {
            visit->counts[finding.level]++;
            if (visit->list != NULL)
                add_finding(visit->list, check->name, &finding);
            else
                print_finding(visit, check->name, &finding);
        }
        text_free(&finding.says);
    }
}

static void
print_summary(const struct visit *visit)
{
    int faults = visit->counts[LEVEL_FAULT];
    int cautions = visit->counts[LEVEL_CAUTION];

    if (visit->list != NULL) {
        json_t *all = json_pack(
            "{s:b, s:O}", "ready", faults == 0, "checks", visit->list);
        if (all == NULL || json_dumpf(all, stdout, JSON_INDENT(2)) != 0)
            die("no memory for JSON");
        putchar('\n');
        json_decref(all);
        return;
    }
    printf("\n%s: %d fault%s, %d caution%s\n",
        faults == 0 ? "ready" : "not ready", faults, faults == 1 ? "" : "s",
        cautions, cautions == 1 ? "" : "s");
}

/* False when only the usage was asked for. */
static bool
read_options(int argc, char **argv, bool *json)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;

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
        die("doctor: takes no argument such as %s; try lab doctor --help",
            argv[optind]);
    return true;
}

int
cmd_doctor(int argc, char **argv)
{
    struct visit visit = {0};
    bool json = false;

    if (!read_options(argc, argv, &json))
        return 0;
    visit.list = json ? json_array() : NULL;
    visit.colour = report_wants_colour(stdout);
    doctor_open();
    doctor_timing_begin();
    run_checks(&visit, doctor_kernel);
    if (visit.counts[LEVEL_FAULT] == 0) {
        run_checks(&visit, doctor_tools);
        run_checks(&visit, doctor_machine);
        run_checks(&visit, doctor_timing);
        run_checks(&visit, doctor_place);
    }
    doctor_close();
    if (interrupted)
        return 128 + interrupted;
    print_summary(&visit);
    json_decref(visit.list);
    return visit.counts[LEVEL_FAULT] > 0 ? 2 : 0;
}
