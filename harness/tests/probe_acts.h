#ifndef PROBE_ACTS_H
#define PROBE_ACTS_H

/*
 * For test_stuck.c: what a probe may do between a call and its answer.
 */
#include "probe_wire.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

static void
fine(void)
{
    answer(42);
}

static void
reads(void)
{
    char byte;

    answer(read(given[0], &byte, 1));
}

static void
polls(void)
{
    answer(poll(NULL, 0, -1));
}

static void
stops(void)
{
    answer(raise(SIGSTOP));
}

static void
closes_outputs(void)
{
    close(0);
    close(1);
    close(2);
    polls();
}

static double
seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Longer than it takes to be found stuck, but never asleep. */
static void
works(void)
{
    double end_s = seconds_now() + 2.5;

    while (seconds_now() < end_s)
        ;
    answer(42);
}

/* As long, in another process: the parent only waits. */
static void
lets_a_child_work(void)
{
    double end_s = seconds_now() + 2.5;

    pid_t child = fork();
    while (child == 0) {
        if (seconds_now() >= end_s)
            _exit(0);
    }
    answer(waitpid(child, NULL, 0) == child ? 42 : 0);
}

static void
waits_for_a_child(void)
{
    pid_t child = fork();

    if (child == 0)
        pause();
    waitpid(child, NULL, 0);
}

/* Longer than that, but a byte moves now and then. */
static void
dribbles(void)
{
    for (int i = 0; i < 4; i++) {
        nanosleep(&(struct timespec){0, 700000000}, NULL);
        if (write(given[0], "x", 1) != 1)
            _exit(3);
    }
    close(given[0]);
    answer(42);
}

static void
spins(void)
{
    for (volatile bool forever = true; forever;)
        ;
}

/* Copy what is handed in, in odd pieces. */
static void
copies(void)
{
    char block[777];
    ssize_t n;

    while ((n = read(given[0], block, sizeof block)) > 0) {
        for (ssize_t done = 0; done < n;)
            done += write(given[1], block + done, (size_t)(n - done));
    }
    close(given[1]);
    answer(42);
}

static void
sleeps_for_ever(void)
{
    bool interrupted;

    for (;;) /* it may be woken for nothing */
        sleep_until(INT64_MAX, &interrupted);
}

/* Until 50 ms, over an event at 20 ms that brings a byte and a signal at 30
 * ms: 42 when all came at its time. */
static void
sleeps(void)
{
    bool interrupted[4];
    char byte = 0;
    int64_t times[3], now_ns = 0;

    for (int i = 0; i < 3; i++) {
        do /* for nothing, at times */
            times[i] = sleep_until(50000000, &interrupted[i]);
        while (times[i] == now_ns && !interrupted[i]);
        now_ns = times[i];
    }
    bool right = times[0] == 20000000 && !interrupted[0] &&
                 read(given[0], &byte, 1) == 1 && byte == '!' &&
                 times[1] == 30000000 && interrupted[1] &&
                 times[2] == 50000000 && !interrupted[2];
    answer(right ? 42 : 0);
}

#endif
