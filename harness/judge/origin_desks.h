#ifndef ORIGIN_DESKS_H
#define ORIGIN_DESKS_H

#include <stdint.h>

/*
 * The desks of an origin server: so many answers are worked on at once, and
 * whoever comes when all are taken waits in one queue, first come, first
 * served. Used by origin.c alone.
 */
enum { ORIGIN_MOST_DESKS = 64 };

struct origin_desks {
    int count;                          /* 0: as many as it takes */
    int64_t free_at[ORIGIN_MOST_DESKS]; /* ns, of the world */
};

/* Somebody comes now, and will be worked on for `takes_ns`: how long does it
 * wait before that, in ns? */
int64_t origin_desks_wait(
    struct origin_desks *desks, int64_t now_ns, int64_t takes_ns);

#endif
