/*
 * Independent work: the reference solution of lab 10.
 *
 * Each function lets a team do the items, one at a time to whoever is
 * free, each result into a place of its own; then one thread puts the
 * results together, in their order.
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

/* 10.1 Every item once */

int
par_rows(int64_t rows, par_row *row, void *arg, int threads)
{
    if (rows < 0 || !is_team(threads))
        return fail(EINVAL);

#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (int64_t r = 0; r < rows; r++)
        row(arg, r);
    return 0;
}

/* 10.2 A combination across borders */

static void
widen(struct par_found *all, uint64_t gap)
{
    if (gap > all->gap)
        all->gap = gap;
}

/* Put what comes after all that was found so far to it. */
static void
append(struct par_found *all, const struct par_found *found)
{
    if (found->count == 0)
        return;
    if (all->count == 0)
        all->first = found->first;
    else
        widen(all, found->first - all->last);
    if (found->count > 1)
        widen(all, found->gap);
    all->last = found->last;
    all->count += found->count;
}

int
par_primes(uint64_t from, uint64_t to, par_block *block, void *arg,
    int threads, struct par_found *all)
{
    if (from > to || !is_team(threads))
        return fail(EINVAL);

    int64_t blocks = count_blocks(to - from, PAR_BLOCK);
    struct par_found *found = calloc((size_t)blocks + 1, sizeof *found);
    if (found == NULL)
        return fail(ENOMEM);

#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (int64_t b = 0; b < blocks; b++) {
        uint64_t start = from + (uint64_t)b * PAR_BLOCK;
        uint64_t end = to - start < PAR_BLOCK ? to : start + PAR_BLOCK;
        block(arg, start, end, &found[b]);
    }

    struct par_found sum = {0, 0, 0, 0};
    for (int64_t b = 0; b < blocks; b++)
        append(&sum, &found[b]);
    free(found);
    *all = sum;
    return 0;
}

/* 10.3 Numbered draws */

int
par_draws(uint64_t draws, par_draw *block, void *arg, int threads,
    double *sum)
{
    if (!is_team(threads))
        return fail(EINVAL);

    int64_t blocks = count_blocks(draws, PAR_DRAWS);
    double *results = calloc((size_t)blocks + 1, sizeof *results);
    if (results == NULL)
        return fail(ENOMEM);

#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (int64_t b = 0; b < blocks; b++) {
        uint64_t left = draws - (uint64_t)b * PAR_DRAWS;
        results[b] = block(
            arg, (uint64_t)b, left < PAR_DRAWS ? left : PAR_DRAWS);
    }

    double total = 0;
    for (int64_t b = 0; b < blocks; b++)
        total += results[b];
    free(results);
    *sum = total;
    return 0;
}
