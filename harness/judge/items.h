#ifndef JUDGE_ITEMS_H
#define JUDGE_ITEMS_H

#include "judge/ask.h"
#include "judge/crowd.h"
#include "probe/bell.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Gates for teams of threads: items of work that are handed in
 * (probe/items.h), and are withheld until only a parallel, or only a
 * balanced, program can have moved on.
 *
 *     struct items *items = items_new("row", 64, 4);
 *     struct ask ask = ask_new("par_rows");
 *     items_gate(items);
 *     items_hand_in(items, &ask);
 *     ask_int(&ask, 4);
 *     ask_send(&ask, &answer);
 *     items_finish(items);
 *
 * A program that lacks the property waits for ever; once it is stuck
 * (world.h) the gate fails the test with the cause. Nothing about speed or
 * cores enters: a right program gets through on one busy core, since
 * whoever it has is asleep in an item, and the others come when they can.
 *
 * In every mode the test fails, "wrong answer", as soon as an item is done
 * twice, one is called that there is not, or more threads than the team's
 * are inside items at once; and "data race", when one finds that its result
 * was written over.
 *
 * What a program must promise (its lab's header says so): it gives a thread
 * at most items_portion() items at once, and takes none away that is begun.
 */
struct items;

enum { ITEMS_MOST_THREADS = CROWD_MOST - 1 };

/* `count` items, called `noun` ("row") in sentences, for a team of so many
 * threads; with random values and all doors open. */
struct items *items_new(const char *noun, size_t count, int threads);
void items_free(struct items *items);

/* The values that item `i` will return, to be read, or changed before the
 * items are handed in. */
uint64_t *items_values(struct items *items, size_t i);

/*
 * Gather: nobody is let through until all threads of the team are inside,
 * or the program waits (a smaller team is no failure here). The first
 * gathering, and one in the middle, wait for that in any case, so that one
 * thread too many shows. Those inside then leave one by one, the last item
 * first: whoever counts on an order is found out. Stops: more threads than
 * asked for; results put together in the order of their arrival.
 */
void items_gather(struct items *items);

/*
 * Thread gate: as gather, but every time all threads of the team have to
 * come, as long as there are items for all of them. Stops: serial programs,
 * a lock around the item, threads that come once and then leave the work to
 * one ("not parallel").
 */
void items_gate(struct items *items);

/*
 * Held item: the team gathers until `after` items are done. Then one that
 * is entered is held, as if it took as long as all the others together,
 * until all others are done but those that came in a portion with it. Stops:
 * work shared out beforehand or in large portions, and waiting for each
 * other ("unbalanced").
 */
void items_hold(struct items *items, size_t after);

/* Add to the call: the number of items, doors, bell, and its world. Once
 * for each items_new(). */
void items_hand_in(struct items *items, struct ask *ask);

/* How many items a thread may be given at once: one of 32, at least 1. */
size_t items_portion(size_t count);

/* After the call: every item was done, exactly once. Fails the test
 * otherwise. */
void items_finish(struct items *items);

/* How an item was called: the two arguments that the adapter told. */
const uint64_t *items_asked(const struct items *items, size_t i);

#endif
