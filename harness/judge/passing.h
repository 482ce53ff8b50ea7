#ifndef PASSING_H
#define PASSING_H

#include "judge/ask.h"
#include "judge/process.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/*
 * What happens around a program during one call, and when: the events of
 * its script and its world (world.h), in virtual or in real time. Used by
 * flight.c alone.
 */
struct passing {
    struct process *process;
    struct ask *ask;
    size_t next_event;
    int64_t now_ns;   /* since the call began; in real time: when last moved */
    double start_s;   /* clock_now_s() then */
    int64_t still_ns; /* since when nothing has happened, in virtual time */
    int calm_looks;   /* times in a row that something was on its way */
    bool calm; /* all had arrived before the program looked, and waited */
};

void passing_begin(
    struct passing *passing, struct process *process, struct ask *ask);

/* What the world waits for; returns how many. */
int passing_wish(struct passing *passing, struct pollfd *fds);

/* In real time: shorten a wait that begins now to the moment at which the
 * world wants to do something, to the nanosecond: what is timed must not wait
 * for the harness. Returns whether it was shortened. */
bool passing_shorten(struct passing *passing, struct timespec *wait);

/* Move the world along; true when something happened. */
bool passing_move(struct passing *passing);

/* The program says that it waits (WIRE_SLEEP): wake it up with the time
 * that it is then. Fails the test when it would wait for ever. */
void passing_sleep(
    struct passing *passing, uint64_t tag, struct text *payload);

/* It was found asleep in the kernel, look after look. True when something
 * was done about it. */
bool passing_asleep(struct passing *passing);

/* It was found asleep for PROCESS_STUCK_S. True when something was let go;
 * a gate that gives up fails the test here. */
bool passing_stuck(struct passing *passing);

#endif
