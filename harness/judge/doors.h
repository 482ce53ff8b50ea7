#ifndef DOORS_H
#define DOORS_H

#include "probe/bell.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * What a judge and the items in its probe share: doors that the judge alone
 * can open, and a bell that rings (probe/bell.h). Used by items.c and
 * turnstile.c alone.
 */
struct doors {
    size_t count;
    struct items_door *door; /* in memory that the probe can only read */
    int memory;              /* to be handed in, as `their_bell` */
    int bell, their_bell;
};

enum { DOORS_MOST_RINGS = 1024 };

/* So many open doors, with random values behind them. */
struct doors doors_new(size_t count);
void doors_free(struct doors *doors);

/* Close all, before they are handed in; open one, for whoever comes to it
 * and whoever sleeps there; open all but one (SIZE_MAX: all). */
void doors_close(struct doors *doors);
void doors_open(struct doors *doors, size_t i);
void doors_open_all_but(struct doors *doors, size_t closed);

/* What rang since the last time, without waiting: returns how many `bells`
 * were set. Fails the test when something else came. */
size_t doors_hear(
    struct doors *doors, struct items_bell bells[DOORS_MOST_RINGS]);

#endif
