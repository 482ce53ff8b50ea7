#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The command line of a judge (judge.h lists it). What concerns the probe
 * goes into process_settings.
 */
struct judge_options {
    bool list, workload, peak;
    const char *test;
    int results;
    uint64_t seed;
};

/* Read it. Dies when it is not understood. */
struct judge_options judge_options(int argc, char **argv);

#endif
