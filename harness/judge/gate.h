#ifndef GATE_H
#define GATE_H

#include "judge/origin.h"

/*
 * Gates on an origin server: it withholds answers until only a concurrent
 * program can have moved on. A program that lacks the property waits for
 * ever; once it is stuck (world.h) the gate fails the test, "not
 * concurrent", with the cause. Nothing about speed enters, and a right
 * program always gets through, however slow the machine.
 *
 * Each is set on an origin whose pages 0 to n - 1 are fetched in one call,
 * each once, with at most `window` of them in flight. What the program has
 * finished it tells through origin_done_fd(). Where that was not asked for,
 * the program is silent, and done with what has been sent to it.
 */

/* All answers are withheld until `window` requests are in flight at once;
 * then all are given. (Rendezvous.) Stops: one after the other; anything
 * that keeps fewer in flight. */
void gate_rendezvous(struct origin *origin, int window);

/* All n are to be in flight (window >= n); then the answers are given in
 * the reverse order of arrival, each only when the program is done with the
 * one before. Stops: waiting for them in a fixed order. */
void gate_reverse(struct origin *origin);

/* Of the first `window` requests, one answer, drawn by `pick`, is withheld
 * until all others of the n have been fetched through the rest of the
 * window. (Refill: a sliding window.) Stops: batches. */
void gate_refill(struct origin *origin, int window, unsigned pick);

/* Half of the first answer is given; once the program waits for the rest,
 * all the others are, and the other half only when it is done with them.
 * Stops: whoever reads one answer to its end once it has begun. */
void gate_slow_half(struct origin *origin);

/* Never more than `window` requests at once: all answers are withheld until
 * the program waits for them, again and again, one being given each time.
 * Stops: everything at once; fails it at once with "wrong answer". */
void gate_cap(struct origin *origin, int window);

/* All answers are withheld for so long; in virtual time; a program may wake
 * up at most `most` times meanwhile. Stops: asking again and again, with
 * or without a short time limit ("busy waiting"). */
void gate_hold(struct origin *origin, int64_t hold_ms, int most);

#endif
