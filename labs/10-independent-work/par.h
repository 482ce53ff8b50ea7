#ifndef PAR_H
#define PAR_H

#include <stdint.h>

/*
 * Independent work: share it out to a team of threads.
 *
 * What is to be done comes as a function that does one item of it: a
 * row, a block of numbers, a block of draws. You write the rest: which
 * thread does which item, when, and how the results become one.
 *
 * Common to all that follows:
 *  - Each item is done exactly once, by one call of the function handed
 *    in, with the pointer `arg` handed in. Items do not depend on each
 *    other: they may be done in any order, and at the same time.
 *  - `threads`, from 1 to 64, is the size of the team: never more
 *    threads than that are inside items at once, and, as long as there
 *    is enough to do, that many really are. The caller's thread may be
 *    one of them. How many cores there are, or what the environment
 *    says (OMP_NUM_THREADS), makes no difference. No teams in teams.
 *  - An item may take as long as all the others together, and nobody
 *    knows which. So work is given out in small portions: of n items, a
 *    thread holds at most max(1, n / 32) that it has not done yet, the
 *    one under way counted in, and nobody waits for an item that is
 *    under way while there is anything else to do.
 *  - A thread that waits sleeps: no asking again and again.
 *  - When a function returns, all its items are done, all its threads
 *    have ended or sleep in the OpenMP library, and all the memory that
 *    it allocated is freed. Nothing is kept for the next call.
 *  - The result is the same, to the last bit, for every team.
 *
 * They return 0; or -1 with errno EINVAL, when `threads` is not from 1
 * to 64 or what is to be done makes no sense (below), and then no item
 * is called; or -1 with ENOMEM, when malloc() or its like returned
 * NULL, or with what pthread_create() returned, and then some items may
 * have been done. Pointers are not NULL, and no call is of more than
 * 2^20 items: nobody checks that.
 *
 * Calls allowed: OpenMP, all of it; or pthread_create and pthread_join,
 * pthread_mutex_…, pthread_cond_…; C11 atomics. From the C library:
 * malloc() and its like, string.h.
 */

enum { PAR_MOST_THREADS = 64 };

/* 10.1 Every item once -------------------------------------------- */

/* book: row */
/* Do row number `row`. */
typedef void par_row(void *arg, int64_t row);
/* book: end row */

/*
 * Do the rows 0 to rows - 1. What a row does, it does somewhere else
 * (a picture, say): there is nothing to put together.
 * With rows = 0 there is nothing to do; rows < 0 is EINVAL.
 */
int par_rows(int64_t rows, par_row *row, void *arg, int threads);

/* 10.2 A combination across borders ------------------------------- */

enum { PAR_BLOCK = 4096 };

/* book: found */
/*
 * The primes among some numbers: how many, the smallest, the largest,
 * and the largest difference between two neighbours (of 3, 5, 11: 6).
 */
struct par_found {
    uint64_t count;
    uint64_t first, last; /* mean nothing if count is 0 */
    uint64_t gap;         /* means nothing if count is less than 2 */
};
/* book: end found */

/* Find the primes from `from` to `to` - 1, and set all of *found. */
typedef void par_block(
    void *arg, uint64_t from, uint64_t to, struct par_found *found);

/*
 * Find the primes from `from` to `to` - 1, in blocks: the first begins
 * at `from`, each has PAR_BLOCK numbers, and the last one what is left,
 * 1 to PAR_BLOCK. `to` may be as large as 2^64 - 1.
 *
 * Sets *all to what is true of all the numbers together. Neighbours may
 * stand in different blocks, and there may be blocks without a prime.
 * A member of *all that would mean nothing is 0.
 * With from = to there is no block; from > to is EINVAL. On failure
 * *all is left alone.
 */
int par_primes(uint64_t from, uint64_t to, par_block *block, void *arg,
    int threads, struct par_found *all);

/* 10.3 Numbered draws --------------------------------------------- */

enum { PAR_DRAWS = 65536 };

/*
 * Draw `draws` times from stream number `stream` of a random generator,
 * and return the sum of what was drawn. The same stream gives the same
 * numbers again, whoever asks.
 */
typedef double par_draw(void *arg, uint64_t stream, uint64_t draws);

/*
 * Draw `draws` times, in blocks: block b takes from stream b, PAR_DRAWS
 * times, the last one what is left, 1 to PAR_DRAWS.
 *
 * Sets *sum to what you get when you begin with 0.0 and add the results
 * of block 0, 1, 2, … in this order. (Another order gives other last
 * bits.) With draws = 0 there is no block. On failure *sum is left
 * alone.
 */
int par_draws(uint64_t draws, par_draw *block, void *arg, int threads,
    double *sum);

#endif
