#include "judge/gates.h"

#include "judge/judge.h"

/* Let all of a kind go that wait. */
static bool
let_waiting(struct turnstile *turnstile, uint64_t kind)
{
    struct turnstile_call *call;
    bool any = false;

    while ((call = turnstile_oldest(turnstile, kind)) != NULL) {
        turnstile_let(turnstile, call->number, NULL);
        any = true;
    }
    return any;
}

/* Whoever owns the pool calls what may wait: no gate needs to say more. */
static void
fail_owner(const struct turnstile_call *call, const char *name)
{
    if (call != NULL && turnstile_is_owner(call))
        judge_fail(VERDICT_NOT_CONCURRENT,
            "%s was called by the thread that submits the work and runs the "
            "loop. It stands still for as long as that takes: another thread "
            "has to wait in its place.",
            name);
}

/* Rendezvous ------------------------------------------------------------- */

static bool
can_all_come(const struct gate_together *gate)
{
    size_t came = turnstile_came(gate->turnstile, gate->kind);
    size_t to_come = gate->total > came ? gate->total - came : 0;

    return gate->waiting + to_come >= (size_t)gate->threads;
}

static bool
open_gathering(struct gate_together *gate)
{
    gate->waiting = 0;
    return let_waiting(gate->turnstile, gate->kind);
}

static void
together_came(
    struct turnstile *turnstile, struct turnstile_call *call, void *arg)
{
    struct gate_together *gate = arg;
    size_t threads = (size_t)gate->threads;

    if (call->kind != gate->kind) {
        turnstile_let(turnstile, call->number, NULL);
        return;
    }
    gate->waiting++;
    size_t inside = turnstile_inside(turnstile, gate->kind);
    if (inside > threads)
        judge_fail(VERDICT_WRONG_ANSWER,
            "%zu threads stood in %s at once, and at most %zu were asked for.",
            inside, gate->names[gate->kind], threads);
    if (!can_all_come(gate) || (gate->checked && gate->waiting >= threads))
        open_gathering(gate);
}

static bool
together_asleep(struct turnstile *turnstile, void *arg)
{
    struct gate_together *gate = arg;

    if (turnstile_threads(turnstile, gate->kind) < gate->threads)
        return false;
    gate->checked = true;
    return open_gathering(gate);
}

static bool
together_stuck(struct turnstile *turnstile, void *arg)
{
    struct gate_together *gate = arg;
    const char *name = gate->names[gate->kind];

    fail_owner(turnstile_oldest(turnstile, gate->kind), name);
    if (gate->waiting == 0)
        return false;
    judge_fail(VERDICT_NOT_CONCURRENT,
        "%s was withheld until %d threads stood in it at once, and there was "
        "work for all of them. Only %zu ever came%s; the rest of the program "
        "waits for that.",
        name, gate->threads, gate->waiting,
        gate->checked ? " the second time" : "");
}

void
gate_together(struct gate_together *gate)
{
    turnstile_rule(
        gate->turnstile, (struct turnstile_rules){.came = together_came,
                             .asleep = together_asleep,
                             .stuck = together_stuck,
                             .arg = gate});
}

/* Loop free -------------------------------------------------------------- */

static void
loop_came(struct turnstile *turnstile, struct turnstile_call *call, void *arg)
{
    (void)arg;
    (void)call;
    turnstile_ping(turnstile);
}

static void
loop_answered(struct turnstile *turnstile, void *arg)
{
    struct turnstile_call *call;

    (void)arg;
    while ((call = turnstile_oldest(turnstile, TURNSTILE_ANY)) != NULL &&
           turnstile_answers(turnstile) > call->pings)
        turnstile_let(turnstile, call->number, NULL);
}

static bool
loop_stuck(struct turnstile *turnstile, void *arg)
{
    struct gate_loop *gate = arg;
    struct turnstile_call *call = turnstile_oldest(turnstile, TURNSTILE_ANY);

    if (call == NULL)
        return false;
    fail_owner(call, gate->names[call->kind]);
    judge_fail(VERDICT_NOT_CONCURRENT,
        "While a thread stood in %s, the loop was sent a byte and did not "
        "answer: it waits for that thread, too.",
        gate->names[call->kind]);
}

void
gate_loop(struct gate_loop *gate)
{
    turnstile_rule(gate->turnstile, (struct turnstile_rules){.came = loop_came,
                                        .answered = loop_answered,
                                        .stuck = loop_stuck,
                                        .arg = gate});
}

/* Order ------------------------------------------------------------------ */

static void
order_came(struct turnstile *turnstile, struct turnstile_call *call, void *arg)
{
    struct gate_order *gate = arg;
    size_t done = turnstile_left(turnstile, gate->first);

    if (call->kind == gate->first)
        return;
    if (call->kind == gate->then && done < gate->count)
        judge_fail(VERDICT_WRONG_ANSWER,
            "%s was called when %zu of the %zu calls of %s that it has to "
            "come after had returned. It overtook the others.",
            gate->names[gate->then], done, gate->count,
            gate->names[gate->first]);
    turnstile_let(turnstile, call->number, NULL);
}

static bool
order_asleep(struct turnstile *turnstile, void *arg)
{
    struct gate_order *gate = arg;
    struct turnstile_call *call = turnstile_newest(turnstile, gate->first);

    if (call != NULL)
        turnstile_let(turnstile, call->number, NULL);
    return call != NULL;
}

void
gate_order(struct gate_order *gate)
{
    turnstile_rule(gate->turnstile,
        (struct turnstile_rules){
            .came = order_came, .asleep = order_asleep, .arg = gate});
}

/* Group commit ----------------------------------------------------------- */

static void
fail_syncs(const struct gate_group *gate)
{
    judge_fail(VERDICT_NOT_CONCURRENT,
        "While the first %s was at work, %zu more records were appended. One "
        "more call of it serves all of them, and there was a third one: each "
        "waits for its own.",
        gate->names[gate->sync], gate->total - 1);
}

static void
group_came(struct turnstile *turnstile, struct turnstile_call *call, void *arg)
{
    struct gate_group *gate = arg;
    size_t count = turnstile_came(turnstile, gate->sync);

    if (call->kind == gate->sync &&
        turnstile_inside(turnstile, gate->sync) > 1)
        judge_fail(VERDICT_WRONG_ANSWER,
            "%s was called while another thread stood in it. There is to be "
            "one at a time, and who comes meanwhile gathers for the next.",
            gate->names[gate->sync]);
    if (call->kind == gate->sync && count > 2)
        fail_syncs(gate);
    if (call->kind == gate->sync && count == 1)
        turnstile_ping(turnstile);
    else
        turnstile_let(turnstile, call->number, NULL);
}

static void
group_told(
    struct turnstile *turnstile, const struct turnstile_call *what, void *arg)
{
    struct gate_group *gate = arg;

    (void)turnstile;
    gate->begun = true;
    gate->told += what->kind == gate->appended;
}

static bool
group_asleep(struct turnstile *turnstile, void *arg)
{
    struct gate_group *gate = arg;

    return gate->told >= gate->total && let_waiting(turnstile, gate->sync);
}

static bool
group_stuck(struct turnstile *turnstile, void *arg)
{
    struct gate_group *gate = arg;
    struct turnstile_call *call = turnstile_oldest(turnstile, gate->sync);

    if (call == NULL)
        return false;
    fail_owner(call, gate->names[gate->sync]);
    judge_fail(VERDICT_NOT_CONCURRENT,
        "The first %s was held until %zu records were appended, and the "
        "program waits with %zu: to append one waits for the disk.",
        gate->names[gate->sync], gate->total, gate->told);
}

void
gate_group(struct gate_group *gate)
{
    turnstile_rule(
        gate->turnstile, (struct turnstile_rules){.came = group_came,
                             .told = group_told,
                             .asleep = group_asleep,
                             .stuck = group_stuck,
                             .arg = gate});
}
