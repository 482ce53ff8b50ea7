/*
 * Lab 10 from the middle outwards, where a picture has its long rows
 * (who starts with the longest ends early), with a counter of its own
 * in place of schedule(dynamic). What a block found goes under
 * `critical`, the way from one block to the next is walked at the end.
 */

#include "par.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

static int
fail(int error)
{
    errno = error;
    return -1;
}

static int
is_team(int threads)
{
    return threads >= 1 && threads <= PAR_MOST_THREADS;
}

/* Blocks of `size` that `total` makes, the last perhaps a short one. */
static int64_t
count_blocks(uint64_t total, uint64_t size)
{
    return (int64_t)(total / size + (total % size != 0));
}

/* The place of the k-th item to be done: n / 2, then one to the right,
 * one to the left, two to the right and so on. */
static int64_t
place(int64_t n, int64_t k)
{
    int64_t step = (k + 1) / 2;

    return k % 2 != 0 ? n / 2 - step : n / 2 + step;
}

/* The next item for whoever asks. */
static int64_t
take(int64_t *next)
{
    int64_t mine;

#pragma omp atomic capture
    mine = (*next)++;
    return mine;
}

int
par_rows(int64_t rows, par_row *row, void *arg, int threads)
{
    int64_t next = 0;

    if (rows < 0 || !is_team(threads))
        return fail(EINVAL);

#pragma omp parallel num_threads(threads)
    for (int64_t k; (k = take(&next)) < rows;)
        row(arg, place(rows, k));
    return 0;
}

/* First and last prime of a block; both 0: none. */
struct ends {
    uint64_t first, last;
};

static void
widen(uint64_t *gap, uint64_t other)
{
    if (other > *gap)
        *gap = other;
}

int
par_primes(uint64_t from, uint64_t to, par_block *block, void *arg,
    int threads, struct par_found *all)
{
    struct par_found sum = {0, 0, 0, 0};
    int64_t next = 0;

    if (from > to || !is_team(threads))
        return fail(EINVAL);
    int64_t blocks = count_blocks(to - from, PAR_BLOCK);
    struct ends *ends = calloc((size_t)blocks + 1, sizeof *ends);
    if (ends == NULL)
        return fail(ENOMEM);

#pragma omp parallel num_threads(threads)
    for (int64_t k; (k = take(&next)) < blocks;) {
        int64_t b = place(blocks, k);
        uint64_t start = from + (uint64_t)b * PAR_BLOCK;
        uint64_t left = to - start;
        struct par_found found;
        block(arg, start, left < PAR_BLOCK ? to : start + PAR_BLOCK,
            &found);
        if (found.count > 0)
            ends[b] = (struct ends){found.first, found.last};
#pragma omp atomic
        sum.count += found.count;
#pragma omp critical
        if (found.count > 1)
            widen(&sum.gap, found.gap);
    }

    int any = 0;
    for (int64_t b = 0; b < blocks; b++) {
        if (ends[b].last == 0)
            continue;
        if (any)
            widen(&sum.gap, ends[b].first - sum.last);
        else
            sum.first = ends[b].first;
        sum.last = ends[b].last;
        any = 1;
    }
    free(ends);
    *all = sum;
    return 0;
}

int
par_draws(uint64_t draws, par_draw *block, void *arg, int threads,
    double *sum)
{
    int64_t next = 0;

    if (!is_team(threads))
        return fail(EINVAL);
    int64_t blocks = count_blocks(draws, PAR_DRAWS);
    double *results = calloc((size_t)blocks + 1, sizeof *results);
    if (results == NULL)
        return fail(ENOMEM);

#pragma omp parallel num_threads(threads)
    for (int64_t k; (k = take(&next)) < blocks;) {
        int64_t b = place(blocks, k);
        uint64_t left = draws - (uint64_t)b * PAR_DRAWS;
        results[b] = block(
            arg, (uint64_t)b, left < PAR_DRAWS ? left : PAR_DRAWS);
    }

    *sum = 0;
    for (int64_t b = 0; b < blocks; b++)
        *sum += results[b];
    free(results);
    return 0;
}
