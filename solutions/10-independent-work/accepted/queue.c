/*
 * Lab 10 with a lock around the queue, not around the work: portions of
 * one item in 32, and a result is added as soon as all before it are
 * there, by whoever brings the last one that was missing.
 */

#include "par.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

struct result {
    bool there;
    double sum;
    struct par_found found;
};

struct queue {
    pthread_mutex_t lock; /* of next, results, added, all, sum */
    uint64_t next, count, portion;
    void (*item)(struct queue *, uint64_t, struct result *);
    void (*add)(struct queue *, const struct result *);
    struct result *results; /* NULL: there are none to keep */
    uint64_t added;
    struct par_found all;
    double sum;

    union {
        par_row *row;
        par_block *block;
        par_draw *draw;
    } call;
    void *arg;
    uint64_t from, to;
};

static uint64_t
take(struct queue *queue, uint64_t *to)
{
    pthread_mutex_lock(&queue->lock);
    uint64_t from = queue->next;
    *to = queue->count;
    if (queue->count - from > queue->portion)
        *to = from + queue->portion;
    queue->next = *to;
    pthread_mutex_unlock(&queue->lock);
    return from;
}

static void
hand_in(struct queue *queue, uint64_t i, const struct result *result)
{
    pthread_mutex_lock(&queue->lock);
    queue->results[i] = *result;
    queue->results[i].there = true;
    while (queue->added < queue->count &&
           queue->results[queue->added].there)
        queue->add(queue, &queue->results[queue->added++]);
    pthread_mutex_unlock(&queue->lock);
}

static void *
work(void *arg)
{
    struct queue *queue = arg;
    uint64_t from, to;

    while ((from = take(queue, &to)) < to) {
        for (uint64_t i = from; i < to; i++) {
            struct result result = {.there = false};
            queue->item(queue, i, &result);
            if (queue->results != NULL)
                hand_in(queue, i, &result);
        }
    }
    return NULL;
}

static int
run(struct queue *queue, int threads)
{
    pthread_t team[PAR_MOST_THREADS];
    int error = 0, started = 0;

    queue->portion = queue->count < 32 ? 1 : queue->count / 32;
    pthread_mutex_init(&queue->lock, NULL);
    while (started < threads && error == 0) {
        error = pthread_create(&team[started], NULL, work, queue);
        started += error == 0;
    }
    for (int i = 0; i < started; i++)
        pthread_join(team[i], NULL);
    pthread_mutex_destroy(&queue->lock);
    errno = error;
    return error == 0 ? 0 : -1;
}

/* The same, with results. */
static int
run_and_add(struct queue *queue, int threads)
{
    if (threads < 1 || threads > PAR_MOST_THREADS) {
        errno = EINVAL;
        return -1;
    }
    queue->results = calloc(queue->count + 1, sizeof *queue->results);
    if (queue->results == NULL)
        return -1;
    int failed = run(queue, threads);
    free(queue->results);
    return failed;
}

static void
do_row(struct queue *queue, uint64_t i, struct result *result)
{
    (void)result;
    queue->call.row(queue->arg, (int64_t)i);
}

int
par_rows(int64_t rows, par_row *row, void *arg, int threads)
{
    struct queue queue = {.item = do_row, .call.row = row, .arg = arg};

    if (rows < 0 || threads < 1 || threads > PAR_MOST_THREADS) {
        errno = EINVAL;
        return -1;
    }
    queue.count = (uint64_t)rows;
    return run(&queue, threads);
}

static void
do_block(struct queue *queue, uint64_t i, struct result *result)
{
    uint64_t start = queue->from + i * PAR_BLOCK;
    uint64_t left = queue->to - start;

    queue->call.block(queue->arg, start,
        start + (left < PAR_BLOCK ? left : PAR_BLOCK), &result->found);
}

static void
add_found(struct queue *queue, const struct result *result)
{
    const struct par_found *found = &result->found;
    struct par_found *all = &queue->all;

    if (found->count == 0)
        return;
    if (all->count == 0)
        all->first = all->last = found->first;
    if (found->first - all->last > all->gap)
        all->gap = found->first - all->last;
    if (found->count > 1 && found->gap > all->gap)
        all->gap = found->gap;
    all->last = found->last;
    all->count += found->count;
}

int
par_primes(uint64_t from, uint64_t to, par_block *block, void *arg,
    int threads, struct par_found *all)
{
    struct queue queue = {.item = do_block,
        .add = add_found,
        .call.block = block,
        .arg = arg,
        .from = from,
        .to = to};

    if (from > to) {
        errno = EINVAL;
        return -1;
    }
    queue.count = (to - from) / PAR_BLOCK;
    queue.count += (to - from) % PAR_BLOCK > 0;
    if (run_and_add(&queue, threads) == -1)
        return -1;
    *all = queue.all;
    return 0;
}

static void
do_draw(struct queue *queue, uint64_t i, struct result *result)
{
    uint64_t left = queue->to - i * PAR_DRAWS;

    result->sum = queue->call.draw(
        queue->arg, i, left < PAR_DRAWS ? left : PAR_DRAWS);
}

static void
add_sum(struct queue *queue, const struct result *result)
{
    queue->sum += result->sum;
}

int
par_draws(uint64_t draws, par_draw *block, void *arg, int threads,
    double *sum)
{
    struct queue queue = {.item = do_draw,
        .add = add_sum,
        .call.draw = block,
        .arg = arg,
        .to = draws,
        .count = draws / PAR_DRAWS + (draws % PAR_DRAWS > 0)};

    if (run_and_add(&queue, threads) == -1)
        return -1;
    *sum = queue.sum;
    return 0;
}
