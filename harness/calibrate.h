#ifndef CALIBRATE_H
#define CALIBRATE_H

#include "lab.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * The duel, tried: the reference against itself, and against itself with a
 * share of its work done again (1.25, 1.5 and 2 times the work), many times
 * over. A right duel never calls the first slower, and never calls the last
 * within a limit of 1.5.
 *
 * Beside it, on the same runs, what others do: the best of five runs of each
 * (CS149), and the mean of ten, both with a gate of 1.2 times. Their runs
 * are interleaved here, as the duel's are, which helps them.
 */
enum { CALIBRATE_FACTORS = 4 };

/* 1.00, 1.25, 1.50 or 2.00. */
double calibrate_factor(int row);

struct calibrate_row {
    const struct lab *lab;
    double factor;
    int trials;
    int pairs, budget_s;        /* of a duel, at most; 0: as in a check */
    int within, unsure, slower; /* duels */
    double median_s;            /* to a verdict, "too noisy" included */
    int best, mean;             /* trials in which those gates failed it */
    void (*progress)(const struct calibrate_row *row, int done); /* or NULL */
};

/* Run `trials` duels of one row. `dir` is a folder for the runs. Returns 0;
 * 1 after a warning when the reference did not pass its own workload; -1
 * when a signal was caught (interrupt.h). */
int calibrate_run(struct calibrate_row *row, const char *reference,
    const char *dir, uint64_t seed);

/* A table for a person: its head, one row. As TSV: what book/data/ keeps. */
void calibrate_print_head(FILE *out, bool tsv);
void calibrate_print(
    FILE *out, const struct calibrate_row *row, int load, bool tsv);

#endif
