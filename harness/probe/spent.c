#include "probe/faults.h"

#include <stdatomic.h>
#include <time.h>

/*
 * The time in real calls: two looks at the clock around each, by whichever
 * thread makes it. A signal handler that makes a call inside of one shifts
 * the beginning of that; it is measured for people, and decides nothing.
 */
static _Atomic int64_t spent_ns[WRAPPED_COUNT];
static _Thread_local int64_t begun_ns; /* 0: nothing is measured */

static int64_t
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

void
spent_clear(void)
{
    for (int i = 0; i < WRAPPED_COUNT; i++)
        spent_ns[i] = 0;
}

void
spent_start(void)
{
    begun_ns = faults_active() ? now_ns() : 0;
}

ssize_t
spent_stop(enum wrapped call, ssize_t result)
{
    if (begun_ns != 0 && faults_active())
        atomic_fetch_add_explicit(
            &spent_ns[call], now_ns() - begun_ns, memory_order_relaxed);
    return result;
}

int64_t
faults_call_ns(enum wrapped call)
{
    return spent_ns[call];
}
