#include "probe/items.h"

#include "probe/ring.h"
#include "text.h"
#include "warn.h"

#include <stdlib.h>
#include <sys/mman.h>

/*
 * Theory of operation
 *
 * Every thread of the learner's team may be in items_do() at once. They
 * share the bell, a pipe in which each ring is whole (it is shorter than
 * PIPE_BUF), and the doors, which only the judge writes. `open` goes from 0
 * to 1 once; the judge then wakes whoever sleeps there.
 */
struct items {
    const struct items_door *doors;
    uint64_t count;
    int bell;
};

struct items *
items_take(struct call *call)
{
    struct items *items = text_zeroed(1, sizeof *items);

    items->count = call_size(call);
    int doors = call_fd(call);
    items->bell = call_fd(call);
    if (items->count == 0)
        return items;
    items->doors = mmap(NULL, items->count * sizeof *items->doors, PROT_READ,
        MAP_SHARED, doors, 0);
    if (items->doors == MAP_FAILED)
        die("map the doors of %llu items:", (unsigned long long)items->count);
    return items;
}

void
items_release(struct items *items)
{
    if (items->count > 0)
        munmap((void *)items->doors, items->count * sizeof *items->doors);
    free(items);
}

static void
ring(const struct items *items, enum items_ring kind, uint64_t number,
    uint64_t asked, uint64_t asked_too)
{
    ring_bell(items->bell,
        (struct items_bell){
            .ring = kind, .item = number, .asked = {asked, asked_too}});
}

const uint64_t *
items_enter(
    struct items *items, uint64_t number, uint64_t asked, uint64_t asked_too)
{
    bool is_one = number < items->count;

    ring(items, is_one ? ITEMS_ENTER : ITEMS_STRAY, number, asked, asked_too);
    return is_one ? items->doors[number].values : NULL;
}

void
items_wait(struct items *items, uint64_t number)
{
    ring_wait(&items->doors[number]);
}

void
items_leave(struct items *items, uint64_t number, bool intact)
{
    ring(items, intact ? ITEMS_LEAVE : ITEMS_SPOILT, number, 0, 0);
}

const uint64_t *
items_do(
    struct items *items, uint64_t number, uint64_t asked, uint64_t asked_too)
{
    const uint64_t *values = items_enter(items, number, asked, asked_too);

    if (values != NULL) {
        items_wait(items, number);
        items_leave(items, number, true);
    }
    return values;
}
