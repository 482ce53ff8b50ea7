#include "stats.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static int
compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double
stats_median(double *values, size_t count)
{
    assert(count >= 1);
    qsort(values, count, sizeof *values, compare);
    return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

bool
stats_median_interval(const double *sorted, size_t count, double confidence,
    double *low, double *high)
{
    /* The chance that `inwards` of `count` fair coins fall one way: exact
     * while it is a whole number of at most 53 bits over 2^count. */
    double chance = ldexp(1, -(int)count);
    double outside = 0;
    size_t inwards = 0;

    assert(count >= 1 && count <= STATS_MOST);
    assert(confidence >= 0 && confidence < 1);
    /* The k lowest or the k highest miss the median with the chance that
     * fewer than k of `count` fair coins fall one way. */
    while (inwards < count) {
        outside += chance;
        if (2 * outside > 1 - confidence)
            break;
        chance = chance * (double)(count - inwards) / (double)(inwards + 1);
        inwards++;
    }
    if (inwards == 0)
        return false;
    *low = sorted[inwards - 1];
    *high = sorted[count - inwards];
    return true;
}

double
stats_sign_wealth(unsigned n, unsigned x)
{
    double above = x, below = n - x;

    assert(x <= n);
    return 0.5 * exp(above * log(1.5) + below * log(0.5)) +
           0.5 * exp(above * log(1.9) + below * log(0.1));
}
