/*
 * Lab 10 on two levels: each thread begins with a range of its own, as
 * with schedule(static), and who has done with it takes single items
 * from the far ends of the others'. One loop serves all functions.
 */

#include "par.h"

#include <errno.h>
#include <omp.h>
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

struct range {
    omp_lock_t lock;
    int64_t from, to;
};

struct team {
    struct range ranges[PAR_MOST_THREADS];
    int size;
};

static void
share_out(struct team *team, int64_t items, int threads)
{
    team->size = threads;
    for (int i = 0; i < threads; i++) {
        struct range *range = &team->ranges[i];
        omp_init_lock(&range->lock);
        range->from = items * i / threads;
        range->to = items * (i + 1) / threads;
    }
}

static void
go_home(struct team *team)
{
    for (int i = 0; i < team->size; i++)
        omp_destroy_lock(&team->ranges[i].lock);
}

static int64_t
take_from(struct range *range, int own)
{
    int64_t item = -1;

    omp_set_lock(&range->lock);
    if (range->from < range->to)
        item = own ? range->from++ : --range->to;
    omp_unset_lock(&range->lock);
    return item;
}

/* The next item for the calling thread; -1 when nobody has one. */
static int64_t
take(struct team *team)
{
    int self = omp_get_thread_num();
    int64_t item = -1;

    for (int i = 0; i < team->size && item == -1; i++)
        item =
            take_from(&team->ranges[(self + i) % team->size], i == 0);
    return item;
}

/* 10.1 Every item once */

int
par_rows(int64_t rows, par_row *row, void *arg, int threads)
{
    struct team team;

    if (rows < 0 || !is_team(threads))
        return fail(EINVAL);
    share_out(&team, rows, threads);

#pragma omp parallel num_threads(threads)
    for (int64_t r; (r = take(&team)) >= 0;)
        row(arg, r);
    go_home(&team);
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

    struct team team;
    share_out(&team, blocks, threads);
#pragma omp parallel num_threads(threads)
    for (int64_t b; (b = take(&team)) >= 0;) {
        uint64_t start = from + (uint64_t)b * PAR_BLOCK;
        uint64_t end = to - start < PAR_BLOCK ? to : start + PAR_BLOCK;
        block(arg, start, end, &found[b]);
    }

    go_home(&team);
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

    struct team team;
    share_out(&team, blocks, threads);
#pragma omp parallel num_threads(threads)
    for (int64_t b; (b = take(&team)) >= 0;) {
        uint64_t left = draws - (uint64_t)b * PAR_DRAWS;
        results[b] = block(
            arg, (uint64_t)b, left < PAR_DRAWS ? left : PAR_DRAWS);
    }

    go_home(&team);
    double total = 0;
    for (int64_t b = 0; b < blocks; b++)
        total += results[b];
    free(results);
    *sum = total;
    return 0;
}
