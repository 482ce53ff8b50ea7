/*
 * Independent work. par.h says what each function promises; the chapter
 * is book/10-independent-work.md. What stands here gives right answers,
 * one item after the other, whatever team it was asked for.
 */

#include "par.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

/* TODO 10.1 Every item once
 * The rows are independent. Let a team of `threads` do them. */
int
par_rows(int64_t rows, par_row *row, void *arg, int threads)
{
    if (rows < 0 || threads < 1 || threads > PAR_MOST_THREADS) {
        errno = EINVAL;
        return -1;
    }

#pragma omp parallel for num_threads(threads)
    for (int64_t r = 0; r < rows; r++)
        row(arg, r);
    return 0;
}

/* TODO 10.2 A combination across borders
 * `last` goes from one block to the next: so the blocks depend on each
 * other here. What must be kept of each to put them together later? */
int
par_primes(uint64_t from, uint64_t to, par_block *block, void *arg,
    int threads, struct par_found *all)
{
    struct par_found sum = {0, 0, 0, 0};

    if (from > to || threads < 1 || threads > PAR_MOST_THREADS) {
        errno = EINVAL;
        return -1;
    }
    while (from < to) {
        struct par_found found;
        uint64_t size = to - from < PAR_BLOCK ? to - from : PAR_BLOCK;
        block(arg, from, from + size, &found);
        from += size;
        if (found.count == 0)
            continue;
        if (sum.count == 0)
            sum.first = found.first;
        else if (found.first - sum.last > sum.gap)
            sum.gap = found.first - sum.last;
        if (found.count > 1 && found.gap > sum.gap)
            sum.gap = found.gap;
        sum.last = found.last;
        sum.count += found.count;
    }
    *all = sum;
    return 0;
}

/* TODO 10.3 Numbered draws
 * The order of the additions is promised. The order of the blocks is
 * not. */
int
par_draws(uint64_t draws, par_draw *block, void *arg, int threads,
    double *sum)
{
    double total = 0;

    if (threads < 1 || threads > PAR_MOST_THREADS) {
        errno = EINVAL;
        return -1;
    }
    for (uint64_t b = 0; draws > 0; b++) {
        uint64_t size = draws < PAR_DRAWS ? draws : PAR_DRAWS;
        total += block(arg, b, size);
        draws -= size;
    }
    *sum = total;
    return 0;
}

/* TODO 10.4 Proof: parallel
 * All three functions: 2, 4 or 8 threads, if so many are asked for. */

/* TODO 10.5 Proof: balanced and without races
 * No thread sits on work that others could do, and no two write to the
 * same variable. */
