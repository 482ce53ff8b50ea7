#ifndef WORLD_H
#define WORLD_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The world that a program lives in while it answers a call: servers that
 * it talks to, items that it is handed. A world *withholds* things, and
 * learns from what the program does then.
 *
 * flight.c moves it along beside the wire. Time is in nanoseconds since the
 * call began: virtual (ask.virtual_time), or that of the monotonic clock.
 * A world never sleeps and never waits.
 *
 * What happens when the program waits, in this order; the first that says
 * it did something ends the turn:
 *   move     all that can be done now
 *   calm     nothing is on its way between program and world (virtual time;
 *            else it is asked again a moment later)
 *   asleep   something was to happen only once the program waits
 *   next_ns  the clock of virtual time goes there (or to the program's own
 *            deadline, if that is earlier; never in real time)
 *   stuck    nothing else will happen by itself
 *
 * In virtual time a program waits when it says so (WIRE_SLEEP), or when it
 * was found asleep in the kernel, look after look. In real time `asleep` is
 * asked after a few such looks, and `stuck` after PROCESS_STUCK_S of them.
 */
enum { WORLD_MOST_FDS = 320 };

/* What the fault layer knows of the descriptors that the program waits
 * for: connections not made yet, and those with bytes sent and not
 * acknowledged by the other side. */
struct world_traffic {
    int64_t connecting, unsent;
};

struct world {
    /* What to wait for; returns how many, at most WORLD_MOST_FDS. */
    int (*wish)(struct world *world, struct pollfd *fds);

    /* Do what can be done now, without waiting. True when something came
     * from the program, or went out that it may see. */
    bool (*move)(struct world *world, int64_t now_ns);

    /* Has all arrived that was sent, in both directions? NULL: always. */
    bool (*calm)(struct world *world, const struct world_traffic *traffic);

    /* When it will do something by itself; INT64_MAX: not at all. NULL:
     * never. */
    int64_t (*next_ns)(struct world *world);

    /* The program waits. True when something was let go. NULL: nothing. */
    bool (*asleep)(struct world *world);

    /* It waits, and nothing will happen by itself: a gate gives up here,
     * by judge_fail(). True when something was let go; false when there is
     * nothing to say: then time passes until the program's own deadline,
     * or it is called stuck (process.h). NULL: false. */
    bool (*stuck)(struct world *world);

    /* It has used up its processor time, never asleep: a gate may know what
     * it asks for again and again, and give up here, too. Else it returns
     * false. NULL: nothing. */
    bool (*spent)(struct world *world);

    void *self; /* the owner's */
};

#endif
