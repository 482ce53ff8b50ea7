#include "judge/bound_waits.h"

void
bound_waits_add(
    struct bound_waits *bound, const int64_t *waits_ns, size_t count)
{
    int64_t sum_ns = 0, longest_ns = 0;

    for (size_t i = 0; i < count; i++) {
        if (waits_ns[i] < 0)
            continue;
        sum_ns += waits_ns[i];
        if (waits_ns[i] > longest_ns)
            longest_ns = waits_ns[i];
    }
    double longest_s = (double)longest_ns / 1e9;
    double shared_s = (double)sum_ns / 1e9 / bound->window;
    if (longest_s > shared_s) {
        bound->seconds += longest_s;
        bound->longest_s += longest_s;
    } else {
        bound->seconds += shared_s;
    }
}

void
bound_waits_words(const struct bound_waits *bound, struct text *words)
{
    if (bound->longest_s > bound->seconds / 2)
        text_addf(words, "the longest wait of each call");
    else
        text_addf(words, "all waits over the window of %d", bound->window);
}
