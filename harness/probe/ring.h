#ifndef RING_H
#define RING_H

#include "probe/bell.h"

/*
 * The probe's side of bell and doors (probe/bell.h), of any thread or process
 * that has them. The system calls
 * are made without the C library: ThreadSanitizer would take a write and a
 * read of the library for synchronisation. errno is kept.
 *
 * Ring: each ring is whole, since it is shorter than PIPE_BUF. A judge that
 * hung up does not hear it, and needs not. The thread is filled in. Wait: at
 * a door, until it is open.
 */
void ring_bell(int bell, struct items_bell ring);
void ring_wait(const struct items_door *door);

#endif
