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
    if (from > to || threads < 1 || threads > PAR_MOST_THREADS) {
        errno = EINVAL;
        return -1;
    }
    int64_t blocks = (int64_t)((to - from) / PAR_BLOCK +
                               ((to - from) % PAR_BLOCK != 0));
    struct par_found *found =
        malloc((size_t)(blocks + 1) * sizeof *found);
    if (found == NULL) {
        errno = ENOMEM;
        return -1;
    }

#pragma omp parallel for num_threads(threads)
    for (int64_t b = 0; b < blocks; b++) {
        uint64_t start = from + (uint64_t)b * PAR_BLOCK;
        uint64_t size = to - start < PAR_BLOCK ? to - start : PAR_BLOCK;
        block(arg, start, start + size, &found[b]);
    }

    struct par_found sum = {0, 0, 0, 0};
    for (int64_t b = 0; b < blocks; b++) {
        if (found[b].count == 0)
            continue;
        if (sum.count == 0)
            sum.first = found[b].first;
        else if (found[b].first - sum.last > sum.gap)
            sum.gap = found[b].first - sum.last;
        if (found[b].count > 1 && found[b].gap > sum.gap)
            sum.gap = found[b].gap;
        sum.last = found[b].last;
        sum.count += found[b].count;
    }
    free(found);
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
    if (threads < 1 || threads > PAR_MOST_THREADS) {
        errno = EINVAL;
        return -1;
    }
    int64_t blocks =
        (int64_t)(draws / PAR_DRAWS + (draws % PAR_DRAWS != 0));
    double *results = malloc((size_t)(blocks + 1) * sizeof *results);
    if (results == NULL) {
        errno = ENOMEM;
        return -1;
    }

#pragma omp parallel for num_threads(threads)
    for (int64_t b = 0; b < blocks; b++) {
        uint64_t left = draws - (uint64_t)b * PAR_DRAWS;
        uint64_t size = left < PAR_DRAWS ? left : PAR_DRAWS;
        results[b] = block(arg, (uint64_t)b, size);
    }

    double total = 0;
    for (int64_t b = 0; b < blocks; b++)
        total += results[b];
    free(results);
    *sum = total;
    return 0;
}

/* TODO 10.4 Proof: parallel
 * All three functions: 2, 4 or 8 threads, if so many are asked for. */

/* TODO 10.5 Proof: balanced and without races
 * No thread sits on work that others could do, and no two write to the
 * same variable. */
