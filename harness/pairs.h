#ifndef PAIRS_H
#define PAIRS_H

#include "terms.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * How a duel (duel.h) orders its runs, and when it is decided. No program is
 * run here, so that a test can try the very same rule on times it makes up.
 *
 * A pair is a run of the reference and one of the submission. It is above
 * when the submission's time is more than `limit` times the reference's,
 * below when it is less, and neither when it is just that. Slower: the
 * wealth (stats_sign_wealth) of a bet on "above" has reached
 * 1 / PAIRS_ALPHA_SLOWER; within: that of one on "below" has reached
 * 1 / PAIRS_ALPHA_WITHIN. The fastest "slower" needs 12 pairs, the fastest
 * "within" 9.
 *
 * Who goes first is drawn by a coin, for every pair anew. Then whatever the
 * machine does in that time, as long as it does not know the coin, is as
 * likely to hit the one as the other: at the limit each pair is above with
 * probability 1/2, whatever came before, which is all that the wealth asks
 * for. To turn the order of the pair before round instead, as duet
 * benchmarking does (Bulej et al., ICPE 2020), cancels a drift more evenly,
 * but ties two pairs to one coin: noise that comes and goes with four runs
 * then calls a program at the limit slower in 2.6 % of duels of 60 pairs.
 */
#define PAIRS_ALPHA_SLOWER 0.001
#define PAIRS_ALPHA_WITHIN 0.01

struct pairs {
    double limit;
    unsigned n, above, below;
    enum speed speed; /* SPEED_UNSURE, and then the first answer; it stays */
    uint64_t random;
};

/* No pair yet; the seed is for the coins. */
struct pairs pairs_new(double limit, uint64_t seed);

/* The coin for the next pair: does the submission go first? */
bool pairs_submission_first(struct pairs *pairs);

/* A pair was run. `ratio` is the submission's time over the reference's; it
 * is more than 0, and finite. */
void pairs_add(struct pairs *pairs, double ratio);

/* What is known by now. The chance that this is ever SPEED_SLOWER is at most
 * PAIRS_ALPHA_SLOWER when the median ratio is within the limit, and that it
 * is ever SPEED_WITHIN at most PAIRS_ALPHA_WITHIN when it is above. */
enum speed pairs_decide(const struct pairs *pairs);

#endif
