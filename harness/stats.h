#ifndef STATS_H
#define STATS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The statistics of a duel (duel.h): exact, for any distribution, and
 * without a table.
 */

/* The most values that an interval is found for. */
enum { STATS_MOST = 1000 };

/* The middle one of `count` values (1 or more), or the mean of the middle
 * two. Sorts them. */
double stats_median(double *values, size_t count);

/*
 * A confidence interval for the median of whatever the `count` sorted values
 * (1 to STATS_MOST) were drawn from, independently of each other: the two
 * order statistics that are farthest inwards of those that hold the median
 * with at least this confidence (David and Nagaraja, Order Statistics, 3rd
 * ed., 7.1; ties and discrete distributions only make it surer). False, and
 * nothing is set, when there are too few values for it: 5 or fewer at 0.95.
 */
bool stats_median_interval(const double *sorted, size_t count,
    double confidence, double *low, double *high);

/*
 * The wealth of one who bets that more than half of all pairs are "above",
 * beginning with 1, after x of n pairs were: half of it on 3 of 4, half on
 * 19 of 20,
 *
 *     E(n, x) = 1/2 (1.5^x 0.5^(n-x)) + 1/2 (1.9^x 0.1^(n-x)).
 *
 * While each pair, whatever came before it, is above with probability at
 * most 1/2, E is a non-negative supermartingale, and the chance that it ever
 * reaches 1/alpha, however long and often one looks, is at most alpha
 * (Ville 1939; Ramdas et al., "Game-theoretic statistics and safe anytime-
 * valid inference", Statistical Science 38, 2023). INFINITY where it is too
 * large for a double.
 */
double stats_sign_wealth(unsigned n, unsigned x);

#endif
