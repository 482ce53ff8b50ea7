#ifndef PROBE_TURNSTILE_H
#define PROBE_TURNSTILE_H

#include "probe/probe.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * A turnstile, on the probe's side: functions that are handed to a
 * learner's program (a disk, a function of SQL) come to it whenever they
 * are called, and the judge (judge/turnstile.h) says who may go on, when,
 * and with what.
 *
 *     static ssize_t
 *     gated_pread(int fd, void *to, size_t length, off_t offset)
 *     {
 *         struct turnstile_pass pass = turnstile_enter(turnstile, READ,
 *             (uint64_t)fd, length, (uint64_t)offset, 0);
 *         ssize_t n = pass.values[0] == 0 ? pread(fd, to, length, offset)
 *                                         : fail((int)pass.values[0]);
 *
 *         turnstile_leave(turnstile, pass, n);
 *         return n;
 *     }
 *
 * Other than items (probe/items.h), calls are not known beforehand: each has
 * the number in whose order it came. Any thread may call, and any process
 * that was forked after turnstile_take(). Nothing in it synchronises threads
 * in a way that ThreadSanitizer sees; errno is kept.
 */
struct turnstile;

struct turnstile_pass {
    uint64_t number;
    int64_t values[4]; /* what the judge says; 0 unless it says something */
};

/* Take the turnstile of a call: a number, and three descriptors. */
struct turnstile *turnstile_take(struct call *call);
void turnstile_release(struct turnstile *turnstile);

/* Come, and wait until the judge opens. What `kind` and what was asked mean
 * is between the lab's probe and judge. */
struct turnstile_pass turnstile_enter(struct turnstile *turnstile,
    uint64_t kind, uint64_t asked, uint64_t asked_1, uint64_t asked_2,
    uint64_t asked_3);

/* Go: the function is about to return `result`. */
void turnstile_leave(
    struct turnstile *turnstile, struct turnstile_pass pass, int64_t result);

/* Tell the judge that something happened: "submitted", "reaped". Calls and
 * what is told reach it in the order in which they were made. */
void turnstile_tell(struct turnstile *turnstile, uint64_t kind, uint64_t told,
    uint64_t told_1, uint64_t told_2, uint64_t told_3);

/* The judge pings whoever is the loop: this can be read when it did, and
 * then is to be answered. False when there was nothing to be answered. */
int turnstile_ping_fd(struct turnstile *turnstile);
bool turnstile_answer(struct turnstile *turnstile);

#endif
