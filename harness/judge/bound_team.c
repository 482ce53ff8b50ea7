#include "judge/bound_team.h"

static int
at_work(const struct bound_team *bound)
{
    return bound->team < bound->cores ? bound->team : bound->cores;
}

void
bound_team_add(struct bound_team *bound, double all_s, double longest_s)
{
    double share_s = all_s / at_work(bound);

    if (longest_s > share_s) {
        bound->seconds += longest_s;
        bound->longest_s += longest_s;
    } else {
        bound->seconds += share_s;
    }
}

void
bound_team_words(const struct bound_team *bound, struct text *words)
{
    if (bound->longest_s > bound->seconds / 2)
        text_addf(words, "the longest item of each call");
    else
        text_addf(words, "the time of all items, on %d of %d core%s",
            at_work(bound), bound->cores, bound->cores == 1 ? "" : "s");
}
