#include "judge/items.h"

#include "judge/crowd.h"
#include "judge/doors.h"
#include "judge/judge.h"
#include "judge/process.h"
#include "warn.h"

#include <stdlib.h>

/*
 * Theory of operation
 *
 * The judge's side is one thread, moved by flight.c: it reads the bell,
 * keeps a list of who is inside, and opens doors. What the probe tells on
 * the bell it could forge (THREATS.md); so what is told must fit, each
 * thread inside must be one of the probe's process, and a gathering that is
 * checked opens only once all of its threads were seen asleep.
 *
 * A gathering: everybody who is inside when it opens is marked, and let out
 * one after the other, each when the one before has rung that it leaves.
 * Who comes in meanwhile belongs to the next gathering.
 *
 * Before an item is held the team gathers too, so that each of its threads
 * has done as many as the others: else one that had nearly done its share
 * might be the one that is held, and shares would look like balance.
 */
enum mode { FREE, GATHER, GATE, HOLD };

enum { PORTIONS = 32 };

struct record {
    bool entered, left;
    uint64_t asked[2];
};

struct items {
    struct world world;
    const char *noun;
    size_t count;
    int team;
    enum mode mode;
    struct doors doors;
    struct record *records;
    struct crowd crowd;
    pid_t first_thread;
    bool second_thread; /* another one came, ever */
    size_t done;
    int expected; /* to gather: the team, or what came of it */
    int checks;   /* gatherings for which the program was seen asleep */
    size_t after; /* of items_hold() */
    bool holding;
    size_t held;
};

size_t
items_portion(size_t count)
{
    return count >= PORTIONS ? count / PORTIONS : 1;
}

static void
set_free(struct items *items)
{
    items->mode = FREE;
    items->holding = false;
    doors_open_all_but(&items->doors, SIZE_MAX);
}

/* Let the one with the last item out; the others wait for that. */
static void
let_next_out(struct items *items)
{
    size_t last = crowd_last(&items->crowd);

    if (last != SIZE_MAX)
        doors_open(&items->doors, last);
}

static void
open_gathering(struct items *items)
{
    crowd_gather(&items->crowd);
    let_next_out(items);
}

/* Is there certainly an item for everybody, however the others took
 * theirs? */
static bool
all_can_come(const struct items *items)
{
    size_t taken = (size_t)(items->team - 1) * items_portion(items->count);

    return items->count - items->done > taken;
}

static bool
check_is_due(const struct items *items)
{
    return items->checks == 0 ||
           (items->checks == 1 && items->done >= items->count / 2);
}

/* Are those inside kept until the team is together? */
static bool
gathers(const struct items *items)
{
    if (items->mode == HOLD)
        return items->done < items->after && all_can_come(items);
    return items->mode != FREE;
}

static void
hold_the_first(struct items *items)
{
    items->holding = true;
    items->held = items->crowd.inside[0].item;
    doors_open_all_but(&items->doors, items->held);
}

/* After something changed: open what may be open now. */
static void
advance(struct items *items)
{
    if (items->holding) {
        if (items->done + items_portion(items->count) >= items->count)
            set_free(items);
        return;
    }
    if (items->crowd.gathered > 0 || items->mode == FREE)
        return;
    if (items->mode == HOLD && !gathers(items)) {
        if (items->crowd.count > 0)
            hold_the_first(items);
    } else if (!all_can_come(items)) {
        set_free(items);
    } else if (items->crowd.count >= items->expected && !check_is_due(items)) {
        open_gathering(items);
    }
}

/* What the bell tells ---------------------------------------------------- */

static _Noreturn void
fail_crowd(const struct items *items)
{
    judge_fail(VERDICT_WRONG_ANSWER,
        "A team of %d was asked for, and %d threads were at work at once. "
        "Who asks for a team decides how large it is.",
        items->team, items->team + 1);
}

static void
enter(struct items *items, const struct items_bell *bell)
{
    struct record *record = &items->records[bell->item];
    size_t item = (size_t)bell->item;

    if (record->entered)
        judge_fail(VERDICT_WRONG_ANSWER,
            "The %s number %zu was done twice. Each is to be done exactly "
            "once, by one thread of the team.",
            items->noun, item);
    *record = (struct record){
        .entered = true, .asked = {bell->asked[0], bell->asked[1]}};
    if (items->first_thread == 0)
        items->first_thread = bell->thread;
    items->second_thread |= bell->thread != items->first_thread;
    crowd_enter(&items->crowd, bell->thread, item);
    if (items->crowd.count > items->team)
        fail_crowd(items);
}

static void
leave(struct items *items, const struct items_bell *bell)
{
    int gathered = items->crowd.gathered;

    if (!crowd_leave(&items->crowd, bell->item))
        process_meddled("wrote into the harness's own channel");
    if (bell->ring == ITEMS_SPOILT)
        judge_fail(VERDICT_DATA_RACE,
            "While %s %zu was at work, another thread wrote over its result: "
            "both were given the same place for it. Each %s needs a place of "
            "its own.",
            items->noun, (size_t)bell->item, items->noun);
    items->records[bell->item].left = true;
    items->done++;
    if (items->crowd.gathered < gathered)
        let_next_out(items);
}

static void
hear(struct items *items, const struct items_bell *bell)
{
    if (bell->ring == ITEMS_STRAY)
        judge_fail(VERDICT_WRONG_ANSWER,
            "There are %zu %ss, numbered from 0, and your program asked for "
            "number %lld.",
            items->count, items->noun, (long long)bell->item);
    if (bell->item >= items->count)
        process_meddled("wrote into the harness's own channel");
    if (bell->ring == ITEMS_ENTER)
        enter(items, bell);
    else
        leave(items, bell);
}

/* As a world ------------------------------------------------------------- */

static int
wish(struct world *world, struct pollfd *fds)
{
    struct items *items = world->self;

    fds[0] = (struct pollfd){items->doors.bell, POLLIN, 0};
    return items->doors.bell >= 0 ? 1 : 0;
}

static bool
move(struct world *world, int64_t now_ns)
{
    struct items *items = world->self;
    struct items_bell bells[DOORS_MOST_RINGS];

    (void)now_ns;
    size_t count = doors_hear(&items->doors, bells);
    for (size_t i = 0; i < count; i++)
        hear(items, &bells[i]);
    advance(items);
    return count > 0;
}

static bool
asleep(struct world *world)
{
    struct items *items = world->self;

    if (!gathers(items) || items->crowd.gathered > 0 ||
        items->crowd.count == 0)
        return false;
    if (items->crowd.count < items->team && items->mode == GATE)
        return false;
    items->expected = items->crowd.count;
    items->checks += check_is_due(items);
    open_gathering(items);
    return true;
}

static _Noreturn void
fail_gate(const struct items *items)
{
    if (items->done == 0)
        judge_fail(VERDICT_NOT_PARALLEL,
            "The first %ss were withheld until %d threads were at work at "
            "once. Only %d ever came; the rest of the program waits for it.",
            items->noun, items->team, items->crowd.count);
    judge_fail(VERDICT_NOT_PARALLEL,
        "In the beginning %d threads were at work at once. After %zu of the "
        "%zu %ss the next ones were withheld until %d came again, and only "
        "%d ever did: the others take no part any more.",
        items->team, items->done, items->count, items->noun, items->team,
        items->crowd.count);
}

static _Noreturn void
fail_hold(const struct items *items)
{
    size_t others = items->count - 1;

    if (!items->second_thread)
        judge_fail(VERDICT_NOT_PARALLEL,
            "The %s number %zu was held, as if it took as long as all the "
            "others together, and meanwhile nobody did another one: only one "
            "thread ever came.",
            items->noun, items->held);
    judge_fail(VERDICT_UNBALANCED,
        "The %s number %zu was held, as if it took as long as all the others "
        "together. While one thread of %d was busy with it, %zu of the %zu "
        "others could not be done: they had been given out beforehand, or "
        "wait for it.",
        items->noun, items->held, items->team, others - items->done, others);
}

static bool
stuck(struct world *world)
{
    struct items *items = world->self;

    if (items->mode == GATE && items->crowd.gathered == 0 &&
        items->crowd.count > 0)
        fail_gate(items);
    if (items->holding)
        fail_hold(items);
    return false;
}

/* What a judge calls ----------------------------------------------------- */

struct items *
items_new(const char *noun, size_t count, int threads)
{
    struct items *items = text_zeroed(1, sizeof *items);

    if (threads < 1 || threads > ITEMS_MOST_THREADS)
        die("items for %d threads", threads);
    items->noun = noun;
    items->count = count;
    items->team = items->expected = threads;
    items->doors = doors_new(count);
    items->records = text_zeroed(count + 1, sizeof *items->records);
    items->world = (struct world){.wish = wish,
        .move = move,
        .asleep = asleep,
        .stuck = stuck,
        .spent = stuck,
        .self = items};
    return items;
}

void
items_free(struct items *items)
{
    doors_free(&items->doors);
    free(items->records);
    free(items);
}

uint64_t *
items_values(struct items *items, size_t i)
{
    return items->doors.door[i].values;
}

static void
close_doors(struct items *items, enum mode mode)
{
    items->mode = mode;
    doors_close(&items->doors);
}

void
items_gather(struct items *items)
{
    close_doors(items, GATHER);
}

void
items_gate(struct items *items)
{
    close_doors(items, GATE);
}

void
items_hold(struct items *items, size_t after)
{
    close_doors(items, HOLD);
    items->after = after;
}

void
items_hand_in(struct items *items, struct ask *ask)
{
    ask_int(ask, (int64_t)items->count);
    ask_fd(ask, items->doors.memory);
    ask_fd(ask, items->doors.their_bell);
    ask->world = &items->world;
}

void
items_finish(struct items *items)
{
    while (move(&items->world, 0))
        ;
    for (size_t i = 0; i < items->count; i++) {
        if (!items->records[i].left)
            judge_fail(VERDICT_WRONG_ANSWER,
                "The %s number %zu was never done, and there are %zu. Each "
                "is to be done exactly once.",
                items->noun, i, items->count);
    }
}

const uint64_t *
items_asked(const struct items *items, size_t i)
{
    return items->records[i].asked;
}
