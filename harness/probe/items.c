#include "probe/items.h"

#include "probe/bell.h"
#include "text.h"
#include "warn.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Theory of operation
 *
 * Every thread of the learner's team may be in items_do() at once. They
 * share the bell, a pipe in which each ring is whole (it is shorter than
 * PIPE_BUF), and the doors, which only the judge writes. `open` goes from 0
 * to 1 once; the judge then wakes whoever sleeps there.
 *
 * The system calls are made without the C library: ThreadSanitizer would
 * take a write and a read of the library for synchronisation.
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

/* A judge that hung up does not hear it, and needs not. errno is kept. */
static void
ring(const struct items *items, enum items_ring kind, uint64_t number,
    uint64_t asked, uint64_t asked_too)
{
    int error = errno;
    struct items_bell bell = {.ring = kind,
        .thread = (int32_t)syscall(SYS_gettid),
        .item = number,
        .asked = {asked, asked_too}};

    while (syscall(SYS_write, items->bell, &bell, sizeof bell) < 0 &&
           errno == EINTR)
        ;
    errno = error;
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
    const struct items_door *door = &items->doors[number];
    int error = errno;

    while (atomic_load(&door->open) == 0)
        syscall(SYS_futex, &door->open, FUTEX_WAIT, 0, NULL, NULL, 0);
    errno = error;
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
