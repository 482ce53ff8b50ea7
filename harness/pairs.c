#include "pairs.h"

#include "stats.h"

#include <assert.h>
#include <math.h>

struct pairs
pairs_new(double limit, uint64_t seed)
{
    return (struct pairs){
        .limit = limit, .speed = SPEED_UNSURE, .random = seed};
}

bool
pairs_submission_first(struct pairs *pairs)
{
    /* splitmix64 (Steele et al. 2014). */
    uint64_t z = (pairs->random += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    return z & 1;
}

void
pairs_add(struct pairs *pairs, double ratio)
{
    assert(isfinite(ratio) && ratio > 0);
    pairs->n++;
    pairs->above += ratio > pairs->limit;
    pairs->below += ratio < pairs->limit;
    if (pairs->speed != SPEED_UNSURE)
        return;
    if (stats_sign_wealth(pairs->n, pairs->above) >= 1 / PAIRS_ALPHA_SLOWER)
        pairs->speed = SPEED_SLOWER;
    else if (stats_sign_wealth(pairs->n, pairs->below) >=
             1 / PAIRS_ALPHA_WITHIN)
        pairs->speed = SPEED_WITHIN;
}

enum speed
pairs_decide(const struct pairs *pairs)
{
    return pairs->speed;
}
