#ifndef ITEMS_ACTS_H
#define ITEMS_ACTS_H

/*
 * For test_items.c: how a team of threads may share out items, rightly and
 * wrongly. Each act is a whole program of a learner, in small.
 */
#include "probe/items.h"

#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

enum { ACTS_MOST_THREADS = 70 };

static struct items *items;
static uint64_t item_count, result;
static int team;

/* Do an item; the result is the sum of the first values of all. */
static void
do_item(uint64_t i)
{
    const uint64_t *values = items_do(items, i, i, 0);

    if (values != NULL)
        __atomic_fetch_add(&result, values[0], __ATOMIC_RELAXED);
}

/* The same for an item that writes its result to a place. */
static void
do_item_in(uint64_t i, uint64_t *place)
{
    const uint64_t *values = items_enter(items, i, i, 0);

    if (values == NULL)
        return;
    __atomic_store_n(place, values[0], __ATOMIC_RELAXED);
    items_wait(items, i);
    uint64_t seen = __atomic_load_n(place, __ATOMIC_RELAXED);
    items_leave(items, i, seen == values[0]);
    __atomic_fetch_add(&result, seen, __ATOMIC_RELAXED);
}

static void
run_team(int threads, void *(*work)(void *))
{
    pthread_t ids[ACTS_MOST_THREADS];

    for (intptr_t i = 0; i < threads; i++)
        pthread_create(&ids[i], NULL, work, (void *)i);
    for (int i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
}

/* Right: one counter, items or portions of them. */

static uint64_t next, portion;

static void *
take_portions(void *arg)
{
    uint64_t from;

    while ((from = __atomic_fetch_add(&next, portion, __ATOMIC_RELAXED)) <
           item_count) {
        for (uint64_t i = from; i < from + portion && i < item_count; i++)
            do_item(i);
    }
    return arg;
}

static void
take_by(uint64_t size)
{
    next = 0;
    portion = size;
    run_team(team, take_portions);
}

static void
counter(void)
{
    take_by(1);
}

static void
portions(void)
{
    take_by(item_count >= 32 ? item_count / 32 : 1);
}

/* Right: a lock around the queue, from its end, and the caller works too. */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t left;

static void *
take_last(void *arg)
{
    while (true) {
        pthread_mutex_lock(&lock);
        uint64_t i = left > 0 ? left-- : 0;
        pthread_mutex_unlock(&lock);
        if (i == 0)
            return arg;
        do_item(i - 1);
    }
}

static void *
join_in(void *arg)
{
    take_last(arg);
    return arg;
}

static void
backwards(void)
{
    pthread_t ids[ACTS_MOST_THREADS];

    left = item_count;
    for (int i = 1; i < team; i++)
        pthread_create(&ids[i], NULL, join_in, NULL);
    take_last(NULL);
    for (int i = 1; i < team; i++)
        pthread_join(ids[i], NULL);
}

/* Right: to each a range of its own; who has done with it takes from the
 * ends of the others'. */

static struct range {
    uint64_t from, to;
} ranges[ACTS_MOST_THREADS];

static bool
take_of(int owner, bool own, uint64_t *i)
{
    struct range *range = &ranges[owner];

    pthread_mutex_lock(&lock);
    bool any = range->from < range->to;
    if (any)
        *i = own ? range->from++ : --range->to;
    pthread_mutex_unlock(&lock);
    return any;
}

static void *
steal(void *arg)
{
    int self = (int)(intptr_t)arg;
    uint64_t i;

    for (int k = 0; k < team; k++) {
        while (take_of((self + k) % team, k == 0, &i))
            do_item(i);
    }
    return NULL;
}

static void
stealing(void)
{
    for (int i = 0; i < team; i++)
        ranges[i] = (struct range){item_count * (uint64_t)i / (uint64_t)team,
            item_count * (uint64_t)(i + 1) / (uint64_t)team};
    run_team(team, steal);
}

/* Wrong ones. */

static void
serial(void)
{
    for (uint64_t i = 0; i < item_count; i++)
        do_item(i);
}

static void *
work_locked(void *arg)
{
    uint64_t i;

    while ((i = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED)) < item_count) {
        pthread_mutex_lock(&lock);
        do_item(i);
        pthread_mutex_unlock(&lock);
    }
    return arg;
}

static void
one_lock(void)
{
    next = 0;
    run_team(team, work_locked);
}

static void *
spin_for_it(void *arg)
{
    static bool taken;

    while (__atomic_exchange_n(&taken, true, __ATOMIC_ACQUIRE))
        ;
    serial();
    return arg;
}

static void
spins(void)
{
    run_team(team, spin_for_it);
}

static void *
do_one(void *arg)
{
    do_item((uint64_t)(intptr_t)arg);
    return NULL;
}

static void
decoys(void)
{
    run_team(team, do_one);
    for (uint64_t i = (uint64_t)team; i < item_count; i++)
        do_item(i);
}

static void *
do_share(void *arg)
{
    uint64_t self = (uint64_t)(intptr_t)arg, size = (uint64_t)team;

    for (uint64_t i = item_count * self / size;
         i < item_count * (self + 1) / size; i++)
        do_item(i);
    return NULL;
}

static void
shares(void)
{
    run_team(team, do_share);
}

static void *
do_every(void *arg)
{
    for (uint64_t i = (uint64_t)(intptr_t)arg; i < item_count;
         i += (uint64_t)team)
        do_item(i);
    return NULL;
}

static void
round_robin(void)
{
    run_team(team, do_every);
}

static void *
do_every_in_my_place(void *arg)
{
    uint64_t place;

    for (uint64_t i = (uint64_t)(intptr_t)arg; i < item_count;
         i += (uint64_t)team)
        do_item_in(i, &place);
    return arg;
}

static void
places(void)
{
    run_team(team, do_every_in_my_place);
}

static void *
do_every_in_one_place(void *arg)
{
    static uint64_t place;

    for (uint64_t i = (uint64_t)(intptr_t)arg; i < item_count;
         i += (uint64_t)team)
        do_item_in(i, &place);
    return arg;
}

static void
one_place(void)
{
    run_team(team, do_every_in_one_place);
}

static void
large_portions(void)
{
    take_by(item_count / 8);
}

static void
batches(void)
{
    for (uint64_t from = 0; from < item_count; from += (uint64_t)team) {
        pthread_t ids[ACTS_MOST_THREADS];
        uint64_t some = item_count - from;
        if (some > (uint64_t)team)
            some = (uint64_t)team;
        for (uint64_t i = 0; i < some; i++)
            pthread_create(
                &ids[i], NULL, do_one, (void *)(intptr_t)(from + i));
        for (uint64_t i = 0; i < some; i++)
            pthread_join(ids[i], NULL);
    }
}

static void
one_more(void)
{
    next = 0;
    portion = 1;
    run_team(team + 1, take_portions);
}

static void *
do_all(void *arg)
{
    serial();
    return arg;
}

static void
everybody_all(void)
{
    run_team(team, do_all);
}

static void
not_the_last(void)
{
    item_count--;
    counter();
}

static void
one_too_many(void)
{
    item_count++;
    counter();
}

static void
waits_for_itself(void)
{
    pthread_mutex_t own = PTHREAD_MUTEX_INITIALIZER;

    pthread_mutex_lock(&own);
    pthread_mutex_lock(&own);
}

#endif
