#ifndef BOUND_WAITS_H
#define BOUND_WAITS_H

#include "text.h"

#include <stddef.h>
#include <stdint.h>

/*
 * What nobody who waits can be faster than. With no more than `window` of
 * them at a time, a number of waits takes at least as long as the longest,
 * and at least their sum over the window. Calls that follow each other add
 * up.
 */
struct bound_waits {
    int window;       /* 1 or more */
    double seconds;   /* the bound, of all calls so far */
    double longest_s; /* the part of it from calls where one wait is it */
};

/* One call more: its waits, in ns. One of less than nothing never began or
 * never ended; it counts as none. */
void bound_waits_add(
    struct bound_waits *bound, const int64_t *waits_ns, size_t count);

/* Append what sets the greater part of the bound: "the longest wait of each
 * call", or "all waits over the window of 6". */
void bound_waits_words(const struct bound_waits *bound, struct text *words);

#endif
