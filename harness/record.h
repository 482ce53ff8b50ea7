#ifndef RECORD_H
#define RECORD_H

#include "terms.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What one run of a lab came to: the one value that the gradebook keeps
 * and every report prints. All strings are owned by the record; an absent
 * one is NULL.
 */

struct result {
    char *name;    /* "reads_what_arrives_in_pieces" */
    char *section; /* "2.1 Reading until you have it all" */
    enum part part;
    enum build build;
    enum state state;
    enum verdict verdict; /* VERDICT_ACCEPTED unless the test failed */
    char *cause;          /* one sentence or two, for a beginner */
    char *expected;       /* the value, where there is one to compare */
    char *seen;
    char *where;   /* "io.c:42: buf[n] = 0;" lines in the learner's file */
    char *output;  /* what the program printed, cleaned; may be long */
    double wall_s; /* shown, never judged */
};

struct part_points {
    int passed, total;      /* tests */
    int points, points_max; /* points */
};

struct record {
    char *stem; /* "02-every-byte" */
    char *slug; /* "every-byte" */
    char *title;
    char *file; /* the judged file, as the user would name it */
    enum verdict verdict;
    char *cause; /* of a verdict that no test gave (compile error, …) */
    char *where; /* "io.c:12: …", likewise */
    char *log;   /* path of the compiler's whole output, if any */
    int points, points_max;
    struct part_points parts[PART_COUNT];
    struct result *tests; /* in reading order */
    size_t test_count;
    uint64_t seed;
    int warnings;        /* of the compiler */
    char *first_warning; /* "io.c:31: unused variable 'n'" */
    char *compiler;      /* "gcc (Debian …) 12.2.0" */
    const char *isolation;
    const char *unchecked; /* "races not checked", or NULL */
    double ratio;          /* submission's time over the reference's; 0 when
                              it was not timed */
    int ratio_runs;        /* of each, interleaved */
    double elapsed_s;      /* from the start to the verdict */
};

/* The first test, in reading order, that did not pass; NULL when all did. */
const struct result *record_first_failure(const struct record *record);

/*
 * Fill in the points from the states of the tests. Right answers have
 * 40 %, rough weather 25 %, proof 25 %; the 10 % for speed count as right
 * answers until it is timed. Inside a part every test weighs the same. A
 * part without tests gives its share to right answers. Shares round down;
 * all tests passed is always all points. A compile or contract error has
 * no points.
 */
void record_score(struct record *record);

void record_free(struct record *record);

#endif
