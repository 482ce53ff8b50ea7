#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The command line of a judge (judge.h lists it). What concerns the probe
 * goes into process_settings.
 */
enum { OPTIONS_MOST_SIZES = 33 }; /* those of lab.yaml, and the team */

struct judge_options {
    bool list, workload, peak;
    const char *test;
    int results;
    uint64_t seed;
    int units;                             /* of the workload */
    const char *sizes[OPTIONS_MOST_SIZES]; /* "lines=4000" */
    int size_count;
};

/* Read it. Dies when it is not understood. */
struct judge_options judge_options(int argc, char **argv);

#endif
