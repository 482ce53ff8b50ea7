#include "judge/options.h"

#include "judge/process.h"
#include "terms.h"
#include "warn.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

/* The probe may read our command line in /proc. It would know all inputs
 * before it is asked, and while no clock runs. */
static uint64_t
take_seed(char *value)
{
    uint64_t seed = strtoull(value, NULL, 10);

    memset(value, '0', strlen(value));
    return seed;
}

static void
read_option(int option, char *value, struct judge_options *options)
{
    struct process_settings *settings = &process_settings;

    switch (option) {
    case 'l':
        options->list = true;
        break;
    case 'w':
        options->workload = true;
        options->test = "workload";
        break;
    case 't':
        options->test = value;
        break;
    case 's':
        options->seed = take_seed(value);
        break;
    case 'r':
        options->results = atoi(value);
        break;
    case 'p':
        settings->program = value;
        break;
    case 'd':
        settings->dir = value;
        break;
    case 'c':
        settings->cpu_s = (unsigned)atoi(value);
        break;
    case 'm':
        settings->memory_mib = (unsigned)atoi(value);
        break;
    case 'n':
        settings->nofile = (unsigned)atoi(value);
        break;
    case 'b':
        if (!terms_read_build(value, &settings->build))
            die("judge: there is no build \"%s\"", value);
        break;
    case 'u':
        options->units = atoi(value);
        break;
    case 'z':
        if (options->size_count == OPTIONS_MOST_SIZES)
            die("judge: more than %d sizes", OPTIONS_MOST_SIZES);
        options->sizes[options->size_count++] = value;
        break;
    case 'k':
        options->peak = true;
        break;
    default:
        die("judge: see harness/judge/judge.h for the options");
    }
}

struct judge_options
judge_options(int argc, char **argv)
{
    static const struct option known[] = {
        {"list", no_argument, NULL, 'l'},
        {"workload", no_argument, NULL, 'w'},
        {"test", required_argument, NULL, 't'},
        {"seed", required_argument, NULL, 's'},
        {"results", required_argument, NULL, 'r'},
        {"probe", required_argument, NULL, 'p'},
        {"dir", required_argument, NULL, 'd'},
        {"cpu", required_argument, NULL, 'c'},
        {"memory", required_argument, NULL, 'm'},
        {"nofile", required_argument, NULL, 'n'},
        {"build", required_argument, NULL, 'b'},
        {"units", required_argument, NULL, 'u'},
        {"size", required_argument, NULL, 'z'},
        {"peak", no_argument, NULL, 'k'},
        {NULL, 0, NULL, 0},
    };
    struct judge_options options = {.results = 1, .units = WORKLOAD_UNITS};
    int option;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1)
        read_option(option, optarg, &options);
    if (!options.list &&
        (options.test == NULL || process_settings.program == NULL ||
            process_settings.dir == NULL))
        die("judge: --list, or --test, --probe and --dir are needed");
    return options;
}
