/*
 * Lab 10 with threads of POSIX and a counter of C11: who is free draws
 * the next number, like at the passport office. The caller works too.
 */

#include "par.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

struct job {
    void (*item)(struct job *job, uint64_t number);
    _Atomic uint64_t next;
    uint64_t count;
    par_row *row;
    par_block *block;
    par_draw *draw;
    void *arg;
    uint64_t from, to;
    struct par_found *found;
    double *sums;
};

static void *
work(void *arg)
{
    struct job *job = arg;
    uint64_t number;

    while ((number = atomic_fetch_add(&job->next, 1)) < job->count)
        job->item(job, number);
    return NULL;
}

/* Returns 0, or -1 with errno; all that was started has ended. */
static int
run(struct job *job, int threads)
{
    pthread_t team[PAR_MOST_THREADS];
    int error = 0, started = 0;

    if (threads < 1 || threads > PAR_MOST_THREADS) {
        errno = EINVAL;
        return -1;
    }
    while (started < threads - 1 && error == 0) {
        error = pthread_create(&team[started], NULL, work, job);
        started += error == 0;
    }
    if (error == 0)
        work(job);
    for (int i = 0; i < started; i++)
        pthread_join(team[i], NULL);
    errno = error;
    return error == 0 ? 0 : -1;
}

static void
do_row(struct job *job, uint64_t number)
{
    job->row(job->arg, (int64_t)number);
}

int
par_rows(int64_t rows, par_row *row, void *arg, int threads)
{
    struct job job = {.item = do_row, .row = row, .arg = arg};

    if (rows < 0) {
        errno = EINVAL;
        return -1;
    }
    job.count = (uint64_t)rows;
    return run(&job, threads);
}

static void
do_block(struct job *job, uint64_t number)
{
    uint64_t start = job->from + number * PAR_BLOCK;
    uint64_t end = job->to;

    if (end - start > PAR_BLOCK)
        end = start + PAR_BLOCK;
    job->block(job->arg, start, end, &job->found[number]);
}

static void
add(struct par_found *all, struct par_found found)
{
    uint64_t between = all->count > 0 ? found.first - all->last : 0;

    if (found.count == 0)
        return;
    if (found.count == 1)
        found.gap = 0;
    if (all->count == 0)
        all->first = found.first;
    if (between > all->gap)
        all->gap = between;
    if (found.gap > all->gap)
        all->gap = found.gap;
    all->last = found.last;
    all->count += found.count;
}

int
par_primes(uint64_t from, uint64_t to, par_block *block, void *arg,
    int threads, struct par_found *all)
{
    struct job job = {.item = do_block,
        .block = block,
        .arg = arg,
        .from = from,
        .to = to};

    if (from > to) {
        errno = EINVAL;
        return -1;
    }
    job.count = (to - from) / PAR_BLOCK + ((to - from) % PAR_BLOCK > 0);
    job.found = malloc((job.count + 1) * sizeof *job.found);
    if (job.found == NULL)
        return -1;
    int result = run(&job, threads);
    if (result == 0) {
        *all = (struct par_found){0, 0, 0, 0};
        for (uint64_t b = 0; b < job.count; b++)
            add(all, job.found[b]);
    }
    free(job.found);
    return result;
}

static void
do_draw(struct job *job, uint64_t number)
{
    uint64_t left = job->to - number * PAR_DRAWS;

    if (left > PAR_DRAWS)
        left = PAR_DRAWS;
    job->sums[number] = job->draw(job->arg, number, left);
}

int
par_draws(uint64_t draws, par_draw *block, void *arg, int threads,
    double *sum)
{
    struct job job = {
        .item = do_draw, .draw = block, .arg = arg, .to = draws};

    job.count = draws / PAR_DRAWS + (draws % PAR_DRAWS > 0);
    job.sums = malloc((job.count + 1) * sizeof *job.sums);
    if (job.sums == NULL)
        return -1;
    int result = run(&job, threads);
    if (result == 0) {
        *sum = 0;
        for (uint64_t b = 0; b < job.count; b++)
            *sum += job.sums[b];
    }
    free(job.sums);
    return result;
}
