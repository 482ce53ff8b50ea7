#include "judge/gate.h"

#include "judge/judge.h"
#include "text.h"

/*
 * Theory of operation
 *
 * A gate sets `allowed` of the pages: at first 0, so that every answer is
 * withheld. Whenever something happened (changed) it allows what the
 * program has earned; when the program is stuck it says why. Which answer
 * is withheld follows from the order in which the requests came, never from
 * their numbers, so that a program may ask in any order.
 */

enum kind { RENDEZVOUS, REVERSE, REFILL, SLOW_HALF, CAP, HOLD };

static struct {
    enum kind kind;
    int window;
    unsigned pick;
    bool met; /* what the gate first waits for has happened */
    int wakes, most_wakes;
} gate; /* a judge judges one test, so it has one */

/* The page of the request that came `arrival`th; NULL when none did. */
static struct origin_page *
arrived(struct origin *origin, int arrival)
{
    for (size_t i = 0; i < origin_pages(origin); i++) {
        if (origin_at(origin, i)->arrival == arrival)
            return origin_at(origin, i);
    }
    return NULL;
}

static int
count_done(struct origin *origin)
{
    int count = 0;
    bool silent = !origin_is_told(origin);

    for (size_t i = 0; i < origin_pages(origin); i++)
        count += origin_at(origin, i)->done_ns >= 0 ||
                 (silent && origin_at(origin, i)->sent_all);
    return count;
}

static void
allow_all(struct origin *origin)
{
    for (size_t i = 0; i < origin_pages(origin); i++)
        origin_at(origin, i)->allowed = SIZE_MAX;
}

/* All answers but that of the page. */
static void
allow_others(struct origin *origin, const struct origin_page *page)
{
    for (size_t i = 0; i < origin_pages(origin); i++) {
        if (origin_at(origin, i) != page)
            origin_at(origin, i)->allowed = SIZE_MAX;
    }
}

static _Noreturn void
fail_to_meet(struct origin *origin)
{
    int came = origin_requests(origin);

    if (came == 0)
        judge_fail(VERDICT_NOT_CONCURRENT,
            "The server waited for %d requests at once; your program sent "
            "none, and waits.",
            gate.window);
    if (came == 1)
        judge_fail(VERDICT_NOT_CONCURRENT,
            "The server withheld every answer until %d requests were under "
            "way at once; your program sent one, and waited for its answer. "
            "It fetches one after the other.",
            gate.window);
    judge_fail(VERDICT_NOT_CONCURRENT,
        "The server withheld every answer until %d requests were under way "
        "at once; your program sent %d, and waited. It keeps too few of "
        "them under way.",
        gate.window, came);
}

/* Rendezvous ------------------------------------------------------------ */

/* Are as many in flight as the gate waits for? Once is enough. */
static bool
have_met(struct origin *origin)
{
    if (!gate.met)
        gate.met = origin_requests(origin) >= gate.window;
    return gate.met;
}

static void
rendezvous_changed(struct origin *origin)
{
    if (have_met(origin))
        allow_all(origin);
}

/* Reverse --------------------------------------------------------------- */

/* The newest request that the program is not done with. */
static struct origin_page *
newest(struct origin *origin)
{
    for (int i = origin_requests(origin); i > 0; i--) {
        struct origin_page *page = arrived(origin, i);
        if (page != NULL && page->done_ns < 0)
            return page;
    }
    return NULL;
}

static void
reverse_changed(struct origin *origin)
{
    if (!have_met(origin))
        return;
    struct origin_page *page = newest(origin);
    if (page != NULL)
        page->allowed = SIZE_MAX;
}

static void
reverse_stuck(struct origin *origin)
{
    struct origin_page *page = newest(origin);

    if (page == NULL)
        return;
    judge_fail(VERDICT_NOT_CONCURRENT,
        "All %d requests were under way. The server answered the %s of them "
        "and waited until your program was done with it (on_done); your "
        "program waited for another one. It takes its answers in a fixed "
        "order.",
        gate.window, text_ordinal(page->arrival));
}

/* Refill ---------------------------------------------------------------- */

static struct origin_page *
held_page(struct origin *origin)
{
    return arrived(origin, (int)(gate.pick % (unsigned)gate.window) + 1);
}

static void
refill_changed(struct origin *origin)
{
    if (!have_met(origin))
        return;
    allow_others(origin, held_page(origin));
    if (count_done(origin) == (int)origin_pages(origin) - 1)
        allow_all(origin);
}

static void
refill_stuck(struct origin *origin)
{
    int came = origin_requests(origin);
    int held = (int)(gate.pick % (unsigned)gate.window) + 1;

    if (came == (int)origin_pages(origin))
        judge_fail(VERDICT_NOT_CONCURRENT,
            "The server held answer %d and had given all the others; your "
            "program was done with %d of them and waited. It takes its "
            "answers in a fixed order.",
            held, count_done(origin));
    if (came % gate.window == 0)
        judge_fail(VERDICT_NOT_CONCURRENT,
            "The server held answer %d and waited for a %s request; your "
            "program waited for all of the first %s. It works in batches.",
            held, text_ordinal(came + 1),
            came == 4 ? "four" : text_ordinal(came));
    judge_fail(VERDICT_NOT_CONCURRENT,
        "The server held answer %d and waited for a %s request, of %d in "
        "all; your program waited too. It does not start the next request "
        "where one has finished.",
        held, text_ordinal(came + 1), (int)origin_pages(origin));
}

/* Slow half ------------------------------------------------------------- */

static void
slow_half_changed(struct origin *origin)
{
    struct origin_page *page = arrived(origin, 1);

    if (page == NULL)
        return;
    if (page->allowed == 0)
        page->allowed = page->answer.length / 2;
    if (gate.met)
        allow_others(origin, page);
    if (count_done(origin) == (int)origin_pages(origin) - 1)
        page->allowed = SIZE_MAX;
}

/* The others come once it has the half and waits: it cannot have taken them
 * first. */
static bool
slow_half_asleep(struct origin *origin)
{
    struct origin_page *page = arrived(origin, 1);

    if (gate.met || page == NULL || page->released_ns < 0)
        return false;
    gate.met = true;
    allow_others(origin, page);
    return true;
}

static void
slow_half_stuck(struct origin *origin)
{
    judge_fail(VERDICT_NOT_CONCURRENT,
        "The server gave half of the first answer, and the rest was to come "
        "once your program was done with the %d others; it was done with %d "
        "of them and waited for the rest of the first. One slow answer "
        "holds up all the others.",
        (int)origin_pages(origin) - 1, count_done(origin));
}

/* Cap ------------------------------------------------------------------- */

static void
cap_changed(struct origin *origin)
{
    int in_flight = origin_in_flight(origin);

    if (in_flight > gate.window)
        judge_fail(VERDICT_WRONG_ANSWER,
            "Your program had %d requests under way at once, and "
            "max_in_flight is %d.",
            in_flight, gate.window);
}

/* It waits, so it will not send more: one answer may go. */
static bool
cap_asleep(struct origin *origin)
{
    for (int i = 1; i <= origin_requests(origin); i++) {
        struct origin_page *page = arrived(origin, i);
        if (page != NULL && page->allowed == 0) {
            page->allowed = SIZE_MAX;
            return true;
        }
    }
    return false;
}

/* Hold ------------------------------------------------------------------ */

static bool
hold_asleep(void)
{
    if (++gate.wakes > gate.most_wakes)
        judge_fail(VERDICT_BUSY_WAITING,
            "While all answers were withheld and nothing happened, your "
            "program woke up %d times to look whether something had. It "
            "does not sleep until there is something to do.",
            gate.wakes);
    return false;
}

/* All of them ----------------------------------------------------------- */

static void
changed(struct origin *origin, void *self)
{
    (void)self;
    switch (gate.kind) {
    case RENDEZVOUS:
        rendezvous_changed(origin);
        break;
    case REVERSE:
        reverse_changed(origin);
        break;
    case REFILL:
        refill_changed(origin);
        break;
    case SLOW_HALF:
        slow_half_changed(origin);
        break;
    case CAP:
        cap_changed(origin);
        break;
    case HOLD:
        gate.wakes = 0;
        break;
    }
}

static bool
asleep(struct origin *origin, void *self)
{
    (void)self;
    if (gate.kind == CAP)
        return cap_asleep(origin);
    if (gate.kind == SLOW_HALF)
        return slow_half_asleep(origin);
    return gate.kind == HOLD && hold_asleep();
}

/* Give up, with the cause, unless the gate is open. */
static bool
stuck(struct origin *origin, void *self)
{
    bool waits_to_meet =
        gate.kind == RENDEZVOUS || gate.kind == REVERSE || gate.kind == REFILL;

    (void)self;
    if (waits_to_meet && !gate.met)
        fail_to_meet(origin);
    if (count_done(origin) == (int)origin_pages(origin))
        return false;
    if (gate.kind == REVERSE)
        reverse_stuck(origin);
    if (gate.kind == REFILL)
        refill_stuck(origin);
    if (gate.kind == SLOW_HALF)
        slow_half_stuck(origin);
    return false;
}

static void
set(struct origin *origin, enum kind kind, int window)
{
    const struct origin_gate hooks = {changed, asleep, stuck, NULL};

    gate.kind = kind;
    gate.window = window;
    gate.met = false;
    gate.wakes = 0;
    for (size_t i = 0; kind != HOLD && i < origin_pages(origin); i++)
        origin_at(origin, i)->allowed = 0;
    origin_set_gate(origin, &hooks);
}

void
gate_rendezvous(struct origin *origin, int window)
{
    set(origin, RENDEZVOUS, window);
}

void
gate_reverse(struct origin *origin)
{
    set(origin, REVERSE, (int)origin_pages(origin));
}

void
gate_refill(struct origin *origin, int window, unsigned pick)
{
    set(origin, REFILL, window);
    gate.pick = pick;
}

void
gate_slow_half(struct origin *origin)
{
    set(origin, SLOW_HALF, 0);
}

void
gate_cap(struct origin *origin, int window)
{
    set(origin, CAP, window);
}

void
gate_hold(struct origin *origin, int64_t hold_ms, int most)
{
    set(origin, HOLD, 0);
    gate.most_wakes = most;
    for (size_t i = 0; i < origin_pages(origin); i++)
        origin_at(origin, i)->delay_ms = hold_ms;
}
