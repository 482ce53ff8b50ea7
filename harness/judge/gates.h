#ifndef GATES_H
#define GATES_H

#include "judge/turnstile.h"

/*
 * Gates on a turnstile: calls of what was handed in are withheld until only
 * a program with a certain property can have moved on. A program that lacks
 * it waits for ever; once it is stuck (world.h) the gate fails the test, with
 * the cause. Nothing about speed enters, and a right program always gets
 * through, however slow the machine.
 *
 * `names` is what calls are called in sentences, by their kind: "pread()".
 * One gate is set on a turnstile, before it is handed in, and stays the
 * caller's. What is not `internal` is set by the caller.
 */

/*
 * Rendezvous: each call of `kind` is withheld until calls of `threads`
 * distinct threads stand inside together, as long as enough of the `total`
 * are to come; then all inside are let go. Other kinds pass. More than
 * `threads` at once fail the test. Stops: a lock held around the call; one
 * thread for all; threads that come once.
 */
struct gate_together {
    struct turnstile *turnstile;
    const char *const *names;
    uint64_t kind;
    int threads;
    size_t total;
    size_t waiting; /* internal */
    bool checked;   /* internal: the first gathering */
};

void gate_together(struct gate_together *gate);

/*
 * Loop free: a call of any kind is let go only when the loop has answered a
 * ping that was sent after it came. Stops: calls made by the loop's own
 * thread, and a loop that waits for them.
 */
struct gate_loop {
    struct turnstile *turnstile;
    const char *const *names;
};

void gate_loop(struct gate_loop *gate);

/*
 * Order: calls of `first` are withheld until the program waits, and are then
 * let go one at a time, the last first. A call of `then` that comes before
 * `count` calls of `first` have returned fails the test, "wrong answer": it
 * overtook them. Other kinds pass.
 */
struct gate_order {
    struct turnstile *turnstile;
    const char *const *names;
    uint64_t first, then;
    size_t count;
};

void gate_order(struct gate_order *gate);

/*
 * Group commit: when the first call of `sync` comes the loop is pinged, and
 * the call withheld until the probe has told `appended` so many times as
 * `total`, and the program waits for nothing else. One more call of `sync`
 * may then come, for all of them, and never two at once. Other kinds pass.
 * Syncs before the probe told anything do not count: it has to tell before
 * the first append. Stops: a sync for each record; an append that waits for
 * the sync.
 */
struct gate_group {
    struct turnstile *turnstile;
    const char *const *names;
    uint64_t sync, appended;
    size_t total;
    size_t told;  /* internal */
    bool begun;   /* internal: something was told */
    size_t early; /* internal: syncs before that */
};

void gate_group(struct gate_group *gate);

#endif
