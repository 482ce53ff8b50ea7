#ifndef JUDGE_TURNSTILE_H
#define JUDGE_TURNSTILE_H

#include "judge/ask.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * A turnstile: calls of functions that are handed to a learner's program
 * (probe/turnstile.h) wait there until the judge lets them go on, each with
 * what the judge says. So they take as long as it likes, and it sees which
 * stand inside at once, and of which threads.
 *
 *     struct turnstile *turnstile = turnstile_new(1000);
 *     struct ask ask = ask_new("pool");
 *
 *     turnstile_rule(turnstile, (struct turnstile_rules){.came = came});
 *     turnstile_hand_in(turnstile, &ask);
 *     ask_send(&ask, &answer);
 *
 * Without rules all doors are open, and what came is kept. Rules are told
 * of everything in the order in which it happened in the program, and say
 * who may go on; the usual ones are gates (judge/gates.h).
 *
 * What the probe tells it could forge (THREATS.md): so it has to fit, and
 * whoever comes to a closed door must be a thread of the probe, or of a
 * process that descends from it.
 */
struct turnstile;

enum {
    TURNSTILE_MOST = 65536,
    TURNSTILE_KINDS = 32, /* of calls: 0 to 31 */
    TURNSTILE_ASKED = 4,
    TURNSTILE_VALUES = 4,
};

/* One call. */
struct turnstile_call {
    size_t number; /* from 0, in the order in which they came */
    uint64_t kind; /* what it is a call of: between probe and judge */
    pid_t thread;  /* that made it */
    uint64_t asked[TURNSTILE_ASKED];
    bool let;  /* its door is open */
    bool left; /* it returned, with: */
    int64_t result;
    unsigned pings; /* that had been sent when it came */
};

struct turnstile_rules {
    /* It stands inside now. NULL: it may go on. */
    void (*came)(
        struct turnstile *turnstile, struct turnstile_call *call, void *arg);
    void (*left)(
        struct turnstile *turnstile, struct turnstile_call *call, void *arg);
    /* The probe told something: `kind` and `asked` are what. */
    void (*told)(struct turnstile *turnstile,
        const struct turnstile_call *what, void *arg);
    /* The loop has answered a ping. */
    void (*answered)(struct turnstile *turnstile, void *arg);
    /* As those of a world (world.h): the program waits; it waits, and
     * nothing will happen by itself (here a gate gives up, by judge_fail());
     * it used up its processor time. Each may be NULL. */
    bool (*asleep)(struct turnstile *turnstile, void *arg);
    bool (*stuck)(struct turnstile *turnstile, void *arg);
    bool (*spent)(struct turnstile *turnstile, void *arg);
    void *arg;
};

/* For at most so many calls; one more fails the test. Doors are open. */
struct turnstile *turnstile_new(size_t most);
void turnstile_free(struct turnstile *turnstile);

/* Close all doors, and go by these rules. Before it is handed in. */
void turnstile_rule(struct turnstile *turnstile, struct turnstile_rules rules);

/* What the call number `number` is to be told when it comes to an open
 * door; before it is handed in. */
void turnstile_say(struct turnstile *turnstile, size_t number,
    const int64_t values[TURNSTILE_VALUES]);

/* Add to the call: a number, three descriptors, and its world. Once for
 * each turnstile_new(). */
void turnstile_hand_in(struct turnstile *turnstile, struct ask *ask);

/* That world, for one that has it in it. */
struct world *turnstile_world(struct turnstile *turnstile);

/* After the call: hear what is still to be heard. Fails the test when a
 * call has not returned. */
void turnstile_finish(struct turnstile *turnstile);

/* Let a call go on that stands inside; what it is told (NULL: zeros). */
void turnstile_let(struct turnstile *turnstile, size_t number,
    const int64_t values[TURNSTILE_VALUES]);

/* Let all go on, those to come as well, and tell them nothing; the rules
 * are told of them as before. */
void turnstile_let_all(struct turnstile *turnstile);

/* Who has come: number `i` of turnstile_count(). */
size_t turnstile_count(const struct turnstile *turnstile);
struct turnstile_call *turnstile_call(struct turnstile *turnstile, size_t i);

/* Of a kind, or all (UINT64_MAX): how many came; how many returned; how
 * many stand inside, of how many threads; the oldest and the newest inside
 * that may not go on yet, or NULL. */
#define TURNSTILE_ANY UINT64_MAX
size_t turnstile_came(const struct turnstile *turnstile, uint64_t kind);
size_t turnstile_left(const struct turnstile *turnstile, uint64_t kind);
size_t turnstile_inside(const struct turnstile *turnstile, uint64_t kind);
int turnstile_threads(const struct turnstile *turnstile, uint64_t kind);
struct turnstile_call *turnstile_oldest(
    struct turnstile *turnstile, uint64_t kind);

struct turnstile_call *turnstile_newest(
    struct turnstile *turnstile, uint64_t kind);

/* Was it made by the probe's first thread, which the adapters run on? */
bool turnstile_is_owner(const struct turnstile_call *call);

/* Ping the loop; how many pings were answered. */
void turnstile_ping(struct turnstile *turnstile);
unsigned turnstile_answers(const struct turnstile *turnstile);

#endif
