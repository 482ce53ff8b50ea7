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
    double timed_s, bound_s; /* of a run of the workload (duel.h), else 0 */
    char *bound_by;
};

struct part_points {
    int passed, total;      /* tests */
    int points, points_max; /* points */
};

/* What timing the program beside the reference (duel.h) came to. Times are
 * in seconds, shares from 0 to 1. */
struct timing {
    enum speed speed;
    bool timed;         /* the lab is one that is timed: what follows up to
                                `none` is filled in, whatever happened */
    double limit, none; /* times the reference: all points up to the first,
                                none from the second on */
    double ratio;       /* the median over the pairs; 0: no pair */
    double low, high;   /* of its 95 % interval; 0: too few pairs */
    int pairs;          /* that count */
    int discarded;      /* in which the clock stood still or jumped */
    double decided_s;   /* that the verdict took; all, if there is none */
    double seconds;     /* that all of it took */
    double busy;        /* of the processors, with other work meanwhile */
    double steal;       /* of the processors, taken by other machines */
    double load;        /* average of the last minute, at the end */
    int cores, team;    /* that may be used here; that the lab works on */
    char *why;          /* where it is SPEED_UNSURE: a sentence; or NULL */
    double bound_s;     /* what no program can do this in less than, in the
                         * pair in the middle; 0: not known */
    char *bound_by;     /* what sets it there: "the longest wait"; or NULL */
    double bound_ratio; /* the program's time over its run's bound: median */
    double bound_reference;         /* the same of the reference */
    double *reference, *submission; /* `pairs` times of each, in order */
    uint64_t seed; /* of the first pair; the rest follow from it */
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
    struct timing timing;
    double elapsed_s; /* from the start to the verdict, without the timing */
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
 * Fill in the points from the states of the tests, and from the timing.
 * Right answers have 40 %, rough weather 25 %, proof 25 %, speed 10 %.
 * Inside a part every test weighs the same; one that was waived counts
 * neither for nor against. A part without tests gives its share to right
 * answers. Shares round down; all tests passed within the limit is always
 * all points. A compile or contract error has no points.
 *
 * Speed counts only when the rest is complete: all of its points within the
 * limit, and from there, in a straight line by the ratio, none at
 * timing.none. They belong to right answers where the lab is not timed, and
 * where an accepted program was not, or it was too noisy to say.
 */
void record_score(struct record *record);

/*
 * The lines of a duel, as every report prints them; NULL when there was none
 * to tell of. The caller frees them.
 *
 *     1.04x of the reference (95 % interval 0.99 to 1.09), limit 1.50x,
 *     9 pairs, 2.2 s; machine 12 % busy with other work
 *
 *     The physical limit is 20.0 ms, set by the longest wait: you 1.31x of
 *     it, the reference 1.03x
 *
 * The interval is missing where there were too few pairs, and how busy the
 * machine was where that is not known; 1 % or more that other machines took
 * follow. A ratio that is over the limit never looks as if it were on it.
 */
char *record_timing_line(const struct timing *timing);
char *record_bound_line(const struct timing *timing);

/* The ratio alone, "1.04x of the reference", likewise. */
char *record_ratio_line(const struct timing *timing);

/* Give back what they hold, not `timing` and `result`. */
void record_timing_free(struct timing *timing);
void record_result_free(struct result *result);

void record_free(struct record *record);

#endif
