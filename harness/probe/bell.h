#ifndef BELL_H
#define BELL_H

#include <stdatomic.h>
#include <stdint.h>

/*
 * What bell and doors are made of (probe/items.h and probe/turnstile.h,
 * judge/doors.h). The doors are an array in shared memory that only the
 * judge can write; the bell is a pipe that only the probe writes.
 */
enum { ITEMS_VALUES = 4, ITEMS_ASKED = 4, ITEMS_MOST = 65536 };

struct items_door {
    _Atomic uint32_t open; /* a futex(2): 0, and then 1 */
    uint32_t unused;
    uint64_t values[ITEMS_VALUES];
};

enum items_ring {
    ITEMS_ENTER = 1,
    ITEMS_LEAVE,
    ITEMS_SPOILT,
    ITEMS_STRAY,
    ITEMS_TELL, /* of a turnstile: something happened, nobody waits */
};

struct items_bell {
    uint32_t ring;
    int32_t thread; /* gettid(2) */
    uint64_t item;
    uint64_t asked[ITEMS_ASKED]; /* as the learner's code called it */
    uint64_t kind;               /* of a turnstile: what was called */
};

#endif
