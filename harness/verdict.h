#ifndef VERDICT_H
#define VERDICT_H

#include "lab.h"
#include "record.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * From a learner's file to a record: taken in, compiled, judged test by
 * test, scored, and after acceptance timed beside the reference.
 */
struct verdict_request {
    const struct lab *lab;
    const char *path; /* of the file to judge */
    const char *test; /* only this one; NULL: all */
    uint64_t seed;
    int jobs;   /* processes at once */
    bool timed; /* time an accepted program beside the reference */
    void (*progress)(const struct lab *lab, int done, int total);
    void (*timing)(const struct lab *lab, int pairs); /* likewise */
};

/* A record of which nothing is known yet but the lab and the file. The caller
 * frees it (record_free). */
void verdict_begin(const struct lab *lab, const char *path, uint64_t seed,
    struct record *record);

/*
 * Judge it. `record` is filled in whole (the caller frees it). Returns 0;
 * -1 when a signal was caught (interrupt.h): then nothing is left running
 * and nothing half done.
 */
int verdict_judge(
    const struct verdict_request *request, struct record *record);

#endif
