/*
 * Lab 10 with tasks: 64 of them at most, which whoever is free does, so
 * each is of one item in 64. (gcc's library does a taskloop of more
 * than 64 tasks a thread all alone, on the thread that meets it.) One
 * loop serves all three functions.
 */

#include "par.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

typedef void job(void *self, uint64_t item);

static int
run(uint64_t items, job *do_item, void *self, int threads)
{
    if (threads < 1 || threads > PAR_MOST_THREADS) {
        errno = EINVAL;
        return -1;
    }
#pragma omp parallel num_threads(threads)
#pragma omp single
#pragma omp taskloop num_tasks(64)
    for (uint64_t i = 0; i < items; i++)
        do_item(self, i);
    return 0;
}

static uint64_t
least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t
most(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

struct rows {
    par_row *row;
    void *arg;
};

static void
do_row(void *self, uint64_t item)
{
    struct rows *rows = self;

    rows->row(rows->arg, (int64_t)item);
}

int
par_rows(int64_t rows, par_row *row, void *arg, int threads)
{
    struct rows job = {row, arg};

    if (rows < 0) {
        errno = EINVAL;
        return -1;
    }
    return run((uint64_t)rows, do_row, &job, threads);
}

struct search {
    par_block *block;
    void *arg;
    uint64_t from, to;
    struct par_found *found;
};

static void
do_search(void *self, uint64_t item)
{
    struct search *search = self;
    uint64_t start = search->from + item * PAR_BLOCK;
    uint64_t size = least(search->to - start, PAR_BLOCK);

    search->block(
        search->arg, start, start + size, &search->found[item]);
}

int
par_primes(uint64_t from, uint64_t to, par_block *block, void *arg,
    int threads, struct par_found *all)
{
    struct search job = {block, arg, from, to, NULL};
    struct par_found sum = {0, 0, 0, 0};
    uint64_t blocks = (to - from) / PAR_BLOCK;

    if (from > to) {
        errno = EINVAL;
        return -1;
    }
    blocks += (to - from) % PAR_BLOCK > 0;
    if (blocks > 0)
        job.found = malloc(blocks * sizeof *job.found);
    if (blocks > 0 && job.found == NULL)
        return -1;
    if (run(blocks, do_search, &job, threads) == -1) {
        free(job.found);
        errno = EINVAL;
        return -1;
    }
    for (uint64_t b = 0; b < blocks; b++) {
        struct par_found *found = &job.found[b];
        if (found->count == 0)
            continue;
        if (found->count > 1)
            sum.gap = most(sum.gap, found->gap);
        if (sum.count > 0)
            sum.gap = most(sum.gap, found->first - sum.last);
        else
            sum.first = found->first;
        sum.last = found->last;
        sum.count += found->count;
    }
    free(job.found);
    *all = sum;
    return 0;
}

struct drawing {
    par_draw *block;
    void *arg;
    uint64_t draws;
    double *results;
};

static void
do_draw(void *self, uint64_t item)
{
    struct drawing *drawing = self;
    uint64_t left = drawing->draws - item * PAR_DRAWS;

    drawing->results[item] =
        drawing->block(drawing->arg, item, least(left, PAR_DRAWS));
}

int
par_draws(uint64_t draws, par_draw *block, void *arg, int threads,
    double *sum)
{
    struct drawing job = {block, arg, draws, NULL};
    uint64_t blocks = draws / PAR_DRAWS + (draws % PAR_DRAWS > 0);

    if (blocks > 0)
        job.results = malloc(blocks * sizeof *job.results);
    if (blocks > 0 && job.results == NULL)
        return -1;
    if (run(blocks, do_draw, &job, threads) == -1) {
        free(job.results);
        errno = EINVAL;
        return -1;
    }
    *sum = 0;
    for (uint64_t b = 0; b < blocks; b++)
        *sum += job.results[b];
    free(job.results);
    return 0;
}
