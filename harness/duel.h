#ifndef DUEL_H
#define DUEL_H

#include "lab.h"
#include "record.h"

#include <stdint.h>

/*
 * An accepted program timed beside the reference: both on the same inputs,
 * one run of each in turn, until it is sure that it is within the limit, or
 * slower, or the pairs or the time are used up: "too noisy to say".
 *
 * Time is the judge's (judge.h, struct judge_workload), taken from outside
 * the program. Every answer is checked. Each pair has inputs of its own,
 * drawn from the seed, and each run a folder of its own. The order in a
 * pair, and when it is sure, are those of pairs.h, after a warm-up of each:
 * the chance that a program whose median ratio is within the limit is ever
 * called slower is at most 0.001, whatever the noise.
 *
 * What wall time cannot tell is not told: with fewer processors than the
 * lab's team has threads the pairs are run, and the ratio is shown, but the
 * verdict is "too noisy to say", with the reason.
 */
enum { DUEL_MOST_PAIRS = 1000 };

struct duel_request {
    const struct lab *lab;           /* that is timed: lab->speed */
    const char *dir;                 /* a folder for the runs */
    const char *reference, *program; /* probes, absolute paths */
    int units; /* of work that the program does, where the reference
                      * does WORKLOAD_UNITS; as many, unless it is slowed on
                      * purpose */
    uint64_t seed;
    int pairs;       /* at most, 1 to DUEL_MOST_PAIRS */
    double budget_s; /* no pair is begun after that */
    int least;       /* pairs, though the verdict be known before */
    void (*progress)(const struct lab *lab, int pairs);
};

/*
 * Fill in `timing` and `failure`, which the caller frees (record.h). When a
 * run of the program does not pass, `failure` is filled in as for a test and
 * the duel is over: speed is SPEED_NONE; else failure->state is STATE_PASS.
 * When one of the reference does not, that is the harness's own fault:
 * VERDICT_JUDGE_ERROR. Returns 0, or -1 when a signal was caught
 * (interrupt.h).
 */
int duel_run(const struct duel_request *request, struct timing *timing,
    struct result *failure);

/* A request with what `lab check` takes: so many pairs and seconds, as much
 * work for both. `dir`, the programs and the seed are to be filled in. */
struct duel_request duel_default(const struct lab *lab);

/* The facts of a lab that is timed, before and without any duel. */
struct timing duel_timing(const struct lab *lab);

#endif
