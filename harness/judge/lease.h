#ifndef LEASE_H
#define LEASE_H

#include "judge/turnstile.h"

/*
 * A gate on real files: whoever opens one of them waits in the kernel, in
 * open(), until we let go. We hold a write lease on each (fcntl(2),
 * F_SETLEASE), and are told by a signal who wants it.
 *
 * They are let go once `threads` threads of the program sleep in open(), of
 * as many files, and the loop has answered a ping that was sent when the
 * first of them came. A program that opens them one after the other, or in
 * its loop, waits for ever; once it is stuck (world.h) the gate fails the
 * test, "not concurrent". The kernel takes a lease away after
 * /proc/sys/fs/lease-break-time (45 s): long after that.
 *
 *     struct lease *lease = lease_new(turnstile, 2);
 *
 *     lease_hold(lease, judge_path("a"));
 *     lease_hold(lease, judge_path("b"));
 *     turnstile_hand_in(turnstile, &ask);
 *     lease_hand_in(lease, &ask);
 *
 * What opens them must be a blocking open() of the probe, and nobody else
 * may have them open.
 */
struct lease;

enum { LEASE_MOST = 16 };

/* Pings go through the turnstile, which stays the caller's. */
struct lease *lease_new(struct turnstile *turnstile, int threads);
void lease_free(struct lease *lease);

/* Hold one file more, of at most LEASE_MOST. Where the file system refuses
 * leases the test ends as "could not check". */
void lease_hold(struct lease *lease, const char *path);

/* After turnstile_hand_in(): the world is that of both. */
void lease_hand_in(struct lease *lease, struct ask *ask);

#endif
