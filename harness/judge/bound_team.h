#ifndef BOUND_TEAM_H
#define BOUND_TEAM_H

#include "text.h"

/*
 * What no team of threads can be faster than. An item is done by one thread,
 * and no more threads are at work at once than there are in the team, or
 * processors for them. So a call takes at least as long as its longest item,
 * and at least its share of all the items' time (Graham, Bounds on
 * Multiprocessing Timing Anomalies, SIAM J. Appl. Math. 17, 1969). Calls
 * that follow each other add up.
 */
struct bound_team {
    int team, cores;  /* threads; processors that may be used; 1 or more */
    double seconds;   /* the bound, of all calls so far */
    double longest_s; /* the part of it from calls where one item is it */
};

/* One call more: the time that its items took, each by itself on a processor
 * of its own: of all together, and of the longest. */
void bound_team_add(struct bound_team *bound, double all_s, double longest_s);

/* Append what sets the greater part of the bound: "the longest item of each
 * call", or "the time of all items, on 2 of 16 cores". */
void bound_team_words(const struct bound_team *bound, struct text *words);

#endif
