#ifndef JUDGING_H
#define JUDGING_H

#include "jobs.h"
#include "lab.h"
#include "record.h"

/*
 * Running a lab's judge: which tests it has, and one process a test.
 */

/* Append the tests of the lab's judge to the record, all of them or the one
 * of that name, not yet run. Returns how many; 0 when none has that name,
 * -1 when a signal was caught (interrupt.h). Dies when the judge
 * cannot be run, and when it and lab.yaml disagree about whether there is
 * something to time. */
int judging_list(
    const struct lab *lab, const char *only, struct record *record);

/* A job that runs one test on `program` with the working folder `dir` (which
 * is made). */
struct job *judging_job(const struct lab *lab, const char *test,
    enum build build, const char *program, const char *dir, uint64_t seed);

/* A job that does so many units of the lab's workload. Its result is called
 * "workload". */
struct job *judging_workload(const struct lab *lab, const char *program,
    const char *dir, uint64_t seed, int units);

/* What a job that has ended came to. */
void judging_read(struct result *result, const struct job *job);

#endif
