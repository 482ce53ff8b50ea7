#ifndef DUEL_H
#define DUEL_H

#include "lab.h"
#include "record.h"

#include <stdint.h>

/*
 * Time an accepted program beside the reference: five runs of each, one of
 * each in turn, on the same inputs, from outside; what is kept is the
 * median of the five ratios. Shown, not graded.
 */
enum { DUEL_RUNS = 5 };

/* Fill in the record's ratio and ratio_runs; both stay 0, after a warning,
 * when a run failed. `dir` is a folder for the runs. Returns 0, or -1 when
 * a signal was caught. */
int duel_run(const struct lab *lab, const char *dir, const char *program,
    uint64_t seed, struct record *record);

#endif
