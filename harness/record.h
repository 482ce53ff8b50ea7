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
    bool waived;   /* an optional check that could not be made */
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

/* The first test, in reading order, that did not pass; one that was waived
 * only where nothing else was run. NULL when all passed that count. */
const struct result *record_first_failure(const struct record *record);

/* The verdict in words, with what was not checked of an accepted program:
 * "accepted (races not checked)". The caller frees it. */
char *record_words(const struct record *record);

/* Is there no program that a test could have run: a compile or contract
 * error? */
bool record_is_unbuilt(const struct record *record);

/* An optional check could not be made, for this reason: it blocks no
 * acceptance, and `unchecked` says so. */
void record_waive(
    struct record *record, struct result *test, const char *cause);

/*
 * All was run, or will not be: the verdict, unless one stands there already,
 * is that of the first test that counts, and the points are filled in. Where
 * nothing was found out at all, that is no acceptance.
 */
void record_conclude(struct record *record);

/*
 * Fill in the points from the states of the tests. Right answers have
 * 40 %, rough weather 25 %, proof 25 %; the 10 % for speed count as right
 * answers until it is timed. Inside a part every test weighs the same; one
 * that was waived counts neither for nor against. A part without tests
 * gives its share to right answers. Shares round down; all tests passed is
 * always all points. A compile or contract error has no points.
 */
void record_score(struct record *record);

void record_free(struct record *record);

#endif
