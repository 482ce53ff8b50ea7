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
 * -1 when a signal was caught (interrupt.h). `*has_workload` says whether
 * there is something to time. Dies when the judge cannot be run. */
int judging_list(const struct lab *lab, const char *only,
    struct record *record, bool *has_workload);

/* A job that runs one test, or the workload ("workload"), on `program` with
 * the working folder `dir` (which is made). */
struct job *judging_job(const struct lab *lab, const char *test,
    enum build build, const char *program, const char *dir, uint64_t seed);

/* What a job that has ended came to. */
void judging_read(struct result *result, const struct job *job);

#endif
