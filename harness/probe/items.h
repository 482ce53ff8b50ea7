#ifndef PROBE_ITEMS_H
#define PROBE_ITEMS_H

#include "probe/probe.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Items of work that are handed in, on the probe's side: a learner's team
 * of threads calls them, and the judge (judge/items.h) says which of them
 * are let through, and when.
 *
 *     static void
 *     one_row(void *arg, int64_t row)
 *     {
 *         struct picture *picture = arg;
 *         const uint64_t *values =
 *             items_do(picture->items, (uint64_t)row, (uint64_t)row, 0);
 *
 *         if (values != NULL)
 *             picture->row[row] = values[0];
 *     }
 *
 * An item tells the judge of its thread on the bell, a pipe; sleeps at its
 * door until the judge opens that; tells that it leaves; and returns values
 * that the judge drew, so that a result proves that it was called.
 */
struct items;

/* Take the items of a call: their number, two descriptors. */
struct items *items_take(struct call *call);
void items_release(struct items *items);

/*
 * Be item `number`, called with the arguments `asked`, `asked_too`. Returns
 * its values; NULL when there is no item of that number, which the judge
 * learns. Any thread may call it, whatever errors it makes; errno is kept.
 * Nothing in it synchronises threads in a way that ThreadSanitizer sees, so
 * that it hides no race.
 */
const uint64_t *items_do(
    struct items *items, uint64_t number, uint64_t asked, uint64_t asked_too);

/*
 * The same in three steps, for an item that writes its result to a place
 * which it is given: enter, write, wait at the door, look whether what was
 * written is still there, and leave. So whoever gives one place to two items
 * is found out, by the judge ("data race"), as soon as both are at work.
 * The last two only when items_enter() did not return NULL.
 */
const uint64_t *items_enter(
    struct items *items, uint64_t number, uint64_t asked, uint64_t asked_too);
void items_wait(struct items *items, uint64_t number);
void items_leave(struct items *items, uint64_t number, bool intact);

#endif
