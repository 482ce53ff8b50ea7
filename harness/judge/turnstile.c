#include "judge/turnstile.h"

#include "judge/crowd.h"
#include "judge/doors.h"
#include "judge/judge.h"
#include "judge/process.h"
#include "warn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * The judge's side is one thread, moved by flight.c: it reads the bell,
 * keeps what came and who is inside, in order, asks the rules, and opens
 * doors. A ping is a byte on a socket that the probe's loop sends back.
 */
struct turnstile {
    struct world world;
    struct doors doors;
    struct turnstile_rules rules;
    bool all_open;
    struct turnstile_call *calls;
    size_t most, count, came[TURNSTILE_KINDS];
    size_t *inside; /* numbers of calls, oldest first */
    size_t inside_count;
    int ping, their_ping;
    unsigned pings, answers;
};

static const char forged[] = "wrote into the harness's own channel";

/* What the bell tells ---------------------------------------------------- */

static void
enter(struct turnstile *turnstile, const struct items_bell *bell)
{
    struct turnstile_call *call = &turnstile->calls[bell->item];

    /* Who comes to a closed door is still there to be looked at. */
    if (call->thread != 0 || bell->kind >= TURNSTILE_KINDS)
        process_meddled(forged);
    if (!turnstile->all_open && !crowd_is_of_probe(bell->thread))
        process_meddled("told the harness of a thread that it has not");
    *call = (struct turnstile_call){.number = (size_t)bell->item,
        .kind = bell->kind,
        .thread = bell->thread,
        .let = turnstile->all_open,
        .pings = turnstile->pings};
    memcpy(call->asked, bell->asked, sizeof call->asked);
    turnstile->inside[turnstile->inside_count++] = call->number;
    turnstile->count++;
    turnstile->came[call->kind]++;
    if (turnstile->rules.came != NULL)
        turnstile->rules.came(turnstile, call, turnstile->rules.arg);
    else if (!call->let)
        turnstile_let(turnstile, call->number, NULL);
}

static void
leave(struct turnstile *turnstile, const struct items_bell *bell)
{
    struct turnstile_call *call = &turnstile->calls[bell->item];
    size_t i = 0;

    while (i < turnstile->inside_count && turnstile->inside[i] != bell->item)
        i++;
    if (i == turnstile->inside_count || !call->let)
        process_meddled(forged);
    turnstile->inside_count--;
    memmove(&turnstile->inside[i], &turnstile->inside[i + 1],
        (turnstile->inside_count - i) * sizeof turnstile->inside[0]);
    call->left = true;
    call->result = (int64_t)bell->asked[0];
    if (turnstile->rules.left != NULL)
        turnstile->rules.left(turnstile, call, turnstile->rules.arg);
}

static void
be_told(struct turnstile *turnstile, const struct items_bell *bell)
{
    struct turnstile_call what = {
        .kind = bell->kind, .thread = bell->thread, .pings = turnstile->pings};

    memcpy(what.asked, bell->asked, sizeof what.asked);
    if (turnstile->rules.told != NULL)
        turnstile->rules.told(turnstile, &what, turnstile->rules.arg);
}

static void
hear(struct turnstile *turnstile, const struct items_bell *bell)
{
    if (bell->ring == ITEMS_TELL) {
        be_told(turnstile, bell);
        return;
    }
    if (bell->ring == ITEMS_STRAY)
        judge_fail(VERDICT_WRONG_ANSWER,
            "Your program called the functions that it was handed more than "
            "%zu times, and does so without end.",
            turnstile->most);
    if (bell->item >= turnstile->most)
        process_meddled(forged);
    if (bell->ring == ITEMS_ENTER)
        enter(turnstile, bell);
    else if (bell->ring == ITEMS_LEAVE)
        leave(turnstile, bell);
    else
        process_meddled(forged);
}

/* Take what the loop sent back. */
static bool
take_answers(struct turnstile *turnstile)
{
    char bytes[64];

    ssize_t n = recv(turnstile->ping, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        close(turnstile->ping); /* no longer to be polled */
        turnstile->ping = -1;
    }
    if (n <= 0)
        return false;
    turnstile->answers += (unsigned)n;
    if (turnstile->answers > turnstile->pings)
        process_meddled(forged);
    if (turnstile->rules.answered != NULL)
        turnstile->rules.answered(turnstile, turnstile->rules.arg);
    return true;
}

/* As a world ------------------------------------------------------------- */

static int
wish(struct world *world, struct pollfd *fds)
{
    struct turnstile *turnstile = world->self;
    int count = 0;

    if (turnstile->doors.bell >= 0)
        fds[count++] = (struct pollfd){turnstile->doors.bell, POLLIN, 0};
    if (turnstile->ping >= 0)
        fds[count++] = (struct pollfd){turnstile->ping, POLLIN, 0};
    return count;
}

static bool
move(struct world *world, int64_t now_ns)
{
    struct turnstile *turnstile = world->self;
    struct items_bell bells[DOORS_MOST_RINGS];

    (void)now_ns;
    size_t count = doors_hear(&turnstile->doors, bells);
    for (size_t i = 0; i < count; i++)
        hear(turnstile, &bells[i]);
    bool answered = turnstile->ping >= 0 && take_answers(turnstile);
    return count > 0 || answered;
}

/* What the rules say, if they say something. */
#define RULED(turnstile, rule) \
    ((turnstile)->rules.rule != NULL && \
        (turnstile)->rules.rule((turnstile), (turnstile)->rules.arg))

static bool
asleep(struct world *world)
{
    struct turnstile *turnstile = world->self;

    return RULED(turnstile, asleep);
}

static bool
stuck(struct world *world)
{
    struct turnstile *turnstile = world->self;

    return RULED(turnstile, stuck);
}

static bool
spent(struct world *world)
{
    struct turnstile *turnstile = world->self;

    return RULED(turnstile, spent);
}

/* What a judge calls ----------------------------------------------------- */

struct turnstile *
turnstile_new(size_t most)
{
    struct turnstile *turnstile = text_zeroed(1, sizeof *turnstile);
    int ends[2];

    turnstile->most = most;
    turnstile->all_open = true;
    turnstile->doors = doors_new(most);
    for (size_t i = 0; i < most; i++)
        memset(turnstile->doors.door[i].values, 0,
            sizeof turnstile->doors.door[i].values);
    turnstile->calls = text_zeroed(most + 1, sizeof *turnstile->calls);
    turnstile->inside = text_zeroed(most + 1, sizeof *turnstile->inside);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        die("open a socket for pings:");
    turnstile->ping = ends[0];
    turnstile->their_ping = ends[1];
    turnstile->world = (struct world){.wish = wish,
        .move = move,
        .asleep = asleep,
        .stuck = stuck,
        .spent = spent,
        .self = turnstile};
    return turnstile;
}

void
turnstile_free(struct turnstile *turnstile)
{
    doors_free(&turnstile->doors);
    if (turnstile->ping >= 0)
        close(turnstile->ping);
    free(turnstile->calls);
    free(turnstile->inside);
    free(turnstile);
}

void
turnstile_rule(struct turnstile *turnstile, struct turnstile_rules rules)
{
    turnstile->rules = rules;
    turnstile->all_open = false;
    doors_close(&turnstile->doors);
}

void
turnstile_say(struct turnstile *turnstile, size_t number,
    const int64_t values[TURNSTILE_VALUES])
{
    memcpy(turnstile->doors.door[number].values, values,
        sizeof turnstile->doors.door[number].values);
}

void
turnstile_hand_in(struct turnstile *turnstile, struct ask *ask)
{
    ask_int(ask, (int64_t)turnstile->most);
    ask_fd(ask, turnstile->doors.memory);
    ask_fd(ask, turnstile->doors.their_bell);
    ask_fd(ask, turnstile->their_ping);
    ask->world = &turnstile->world;
}

struct world *
turnstile_world(struct turnstile *turnstile)
{
    return &turnstile->world;
}

void
turnstile_finish(struct turnstile *turnstile)
{
    while (move(&turnstile->world, 0))
        ;
    if (turnstile->inside_count > 0)
        judge_fail(VERDICT_WRONG_ANSWER,
            "All was said to be done, and a function that was handed in was "
            "still at work.");
}

void
turnstile_let(struct turnstile *turnstile, size_t number,
    const int64_t values[TURNSTILE_VALUES])
{
    if (values != NULL)
        turnstile_say(turnstile, number, values);
    turnstile->calls[number].let = true;
    doors_open(&turnstile->doors, number);
}

void
turnstile_let_all(struct turnstile *turnstile)
{
    if (turnstile->all_open)
        return;
    turnstile->all_open = true;
    for (size_t i = 0; i < turnstile->inside_count; i++)
        turnstile->calls[turnstile->inside[i]].let = true;
    doors_open_all_but(&turnstile->doors, SIZE_MAX);
}

size_t
turnstile_count(const struct turnstile *turnstile)
{
    return turnstile->count;
}

struct turnstile_call *
turnstile_call(struct turnstile *turnstile, size_t i)
{
    return &turnstile->calls[i];
}

static bool
is_kind(const struct turnstile_call *call, uint64_t kind)
{
    return kind == TURNSTILE_ANY || call->kind == kind;
}

size_t
turnstile_came(const struct turnstile *turnstile, uint64_t kind)
{
    return kind == TURNSTILE_ANY ? turnstile->count : turnstile->came[kind];
}

size_t
turnstile_inside(const struct turnstile *turnstile, uint64_t kind)
{
    size_t count = 0;

    for (size_t i = 0; i < turnstile->inside_count; i++)
        count += is_kind(&turnstile->calls[turnstile->inside[i]], kind);
    return count;
}

size_t
turnstile_left(const struct turnstile *turnstile, uint64_t kind)
{
    return turnstile_came(turnstile, kind) - turnstile_inside(turnstile, kind);
}

int
turnstile_threads(const struct turnstile *turnstile, uint64_t kind)
{
    const struct turnstile_call *calls = turnstile->calls;
    const size_t *inside = turnstile->inside;
    int count = 0;

    for (size_t i = 0; i < turnstile->inside_count; i++) {
        size_t k = 0;
        while (k < i && (calls[inside[k]].thread != calls[inside[i]].thread ||
                            !is_kind(&calls[inside[k]], kind)))
            k++;
        count += k == i && is_kind(&calls[inside[i]], kind);
    }
    return count;
}

static struct turnstile_call *
waiting_at(struct turnstile *turnstile, size_t place, uint64_t kind)
{
    struct turnstile_call *call = &turnstile->calls[turnstile->inside[place]];

    return is_kind(call, kind) && !call->let ? call : NULL;
}

struct turnstile_call *
turnstile_oldest(struct turnstile *turnstile, uint64_t kind)
{
    struct turnstile_call *call = NULL;

    for (size_t i = 0; i < turnstile->inside_count && call == NULL; i++)
        call = waiting_at(turnstile, i, kind);
    return call;
}

struct turnstile_call *
turnstile_newest(struct turnstile *turnstile, uint64_t kind)
{
    struct turnstile_call *call = NULL;

    for (size_t i = turnstile->inside_count; i-- > 0 && call == NULL;)
        call = waiting_at(turnstile, i, kind);
    return call;
}

bool
turnstile_is_owner(const struct turnstile_call *call)
{
    return call->thread == ask_probe();
}

void
turnstile_ping(struct turnstile *turnstile)
{
    if (turnstile->ping >= 0 &&
        send(turnstile->ping, "p", 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1)
        turnstile->pings++;
}

unsigned
turnstile_answers(const struct turnstile *turnstile)
{
    return turnstile->answers;
}
