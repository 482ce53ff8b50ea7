#ifndef VISIT_H
#define VISIT_H

#include "judge/origin.h"
#include "spawn.h"

/*
 * A program visits an origin, in real time and without a judge: for what is
 * shown and for what is timed, never for a verdict.
 */
struct visit {
    double seconds;   /* from the program's start to its end */
    int most_threads; /* that were seen at once */
    struct outcome outcome;
};

/* Start the program, serve it until it ends, and say what came of it. What
 * it prints to standard output is thrown away. The log of the pages counts
 * from its start. Dies when it cannot be started. */
struct visit visit_run(struct origin *origin, const char *const *argv);

/* "http://127.0.0.1:1234/a"; the caller frees it. */
char *visit_url(const struct origin *origin, const struct origin_page *page);

#endif
