#include "judge/passing.h"

#include "judge/judge.h"
#include "clock.h"
#include "warn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/*
 * Theory of operation
 *
 * In virtual time nothing happens while the program works but what it
 * brings about itself. Once it waits, things happen in the order that
 * world.h gives: what the world can do now; what is still on its way
 * between program and world arrives (on a busy machine the kernel may take
 * a moment, even on the loopback device, and the clock must not turn
 * meanwhile); then the next moment of the script or the world; then the
 * gate gives up, or the program's own deadline comes. Whatever happened,
 * the program is woken and looks for itself: it may be woken for nothing.
 */

enum { MOST_CALM_LOOKS = 2000, CALM_LOOK_MS = 1 };

static const int64_t ms = 1000000, second = 1000000000;

void
passing_begin(
    struct passing *passing, struct process *process, struct ask *ask)
{
    *passing = (struct passing){
        .process = process, .ask = ask, .start_s = clock_now_s()};
}

int
passing_wish(struct passing *passing, struct pollfd *fds)
{
    struct world *world = passing->ask->world;

    return world != NULL ? world->wish(world, fds) : 0;
}

static int64_t
world_next_ns(struct passing *passing)
{
    struct world *world = passing->ask->world;

    return world != NULL && world->next_ns != NULL ? world->next_ns(world)
                                                   : INT64_MAX;
}

/* Real time since the call began. */
static int64_t
passed_ns(const struct passing *passing)
{
    return (int64_t)((clock_now_s() - passing->start_s) * 1e9);
}

bool
passing_shorten(struct passing *passing, struct timespec *wait)
{
    int64_t next_ns = world_next_ns(passing);

    if (passing->ask->virtual_time || next_ns == INT64_MAX)
        return false;
    int64_t left_ns = next_ns - passed_ns(passing);
    if (left_ns >= wait->tv_sec * second + wait->tv_nsec)
        return false;
    if (left_ns < 0)
        left_ns = 0;
    *wait = (struct timespec){left_ns / second, left_ns % second};
    return true;
}

bool
passing_move(struct passing *passing)
{
    struct world *world = passing->ask->world;

    if (!passing->ask->virtual_time)
        passing->now_ns = passed_ns(passing);
    return world != NULL && world->move(world, passing->now_ns);
}

static void
happen(const struct event *event)
{
    if (event->kind == EVENT_CLOSE) {
        close(event->fd);
        return;
    }
    if (event->kind != EVENT_SEND)
        return;
    fcntl(event->fd, F_SETFL, O_NONBLOCK);
    ssize_t n = write(event->fd, event->bytes, event->length);
    if (n >= 0 ? n < (ssize_t)event->length : errno == EAGAIN)
        process_meddled("filled the pipe that it was to read from");
    if (n < 0 && errno != EPIPE)
        die("send to the probe at %lld ms:", (long long)event->at_ms);
}

/* Turn the clock to the next moment at which something happens by itself,
 * if that is no later than the deadline. Returns whether there is one;
 * `*event` is that of the script, or NULL when it is the world's. */
static bool
turn_clock(
    struct passing *passing, int64_t deadline_ns, const struct event **event)
{
    struct ask *ask = passing->ask;
    int64_t at_ns = world_next_ns(passing);

    *event = NULL;
    if (passing->next_event < ask->event_count) {
        const struct event *next = &ask->events[passing->next_event];
        if (next->at_ms * ms <= at_ns) {
            *event = next;
            at_ns = next->at_ms * ms;
        }
    }
    if (at_ns == INT64_MAX || at_ns > deadline_ns)
        return false;
    if (*event != NULL)
        passing->next_event++;
    if (at_ns > passing->now_ns)
        passing->now_ns = at_ns;
    return true;
}

static _Noreturn void
fail_for_ever(void)
{
    judge_fail(VERDICT_TIME_LIMIT,
        "Your program waits for ever: nothing more will happen on what it "
        "waits for, and it set no time limit.");
}

/* Is something on its way? Then wait for it a moment. */
static bool
is_under_way(struct passing *passing, const struct world_traffic *traffic)
{
    struct world *world = passing->ask->world;
    struct pollfd fds[WORLD_MOST_FDS];

    if (world == NULL || world->calm == NULL || world->calm(world, traffic) ||
        ++passing->calm_looks > MOST_CALM_LOOKS)
        return false;
    poll(fds, (nfds_t)world->wish(world, fds), CALM_LOOK_MS);
    passing_move(passing);
    return true;
}

static bool
has_stirred(struct passing *passing)
{
    struct world *world = passing->ask->world;

    return world != NULL && world->asleep != NULL && world->asleep(world);
}

bool
passing_stuck(struct passing *passing)
{
    struct world *world = passing->ask->world;

    return world != NULL && world->stuck != NULL && world->stuck(world);
}

/* The program waits until the deadline: let something happen. Returns
 * whether anything but its own deadline did; `*signal`: that was a signal
 * to it. What was on its way may have arrived after the program had looked:
 * so it looks once more, at the same time, before that goes on. */
static bool
pass(struct passing *passing, int64_t deadline_ns,
    const struct world_traffic *traffic, bool *signal)
{
    const struct event *event;
    bool was_calm = passing->calm;

    passing->calm = false;
    if (passing_move(passing) || is_under_way(passing, traffic))
        return true;
    passing->calm_looks = 0;
    passing->calm = !was_calm;
    if (!was_calm)
        return false;
    if (has_stirred(passing))
        return true;
    if (turn_clock(passing, deadline_ns, &event)) {
        if (event != NULL)
            happen(event);
        passing_move(passing);
        *signal = event != NULL && event->kind == EVENT_SIGNAL;
        return true;
    }
    /* One that wakes up by itself now and then may yet go on. */
    if (deadline_ns - passing->still_ns >= PROCESS_STUCK_S * 1000 * ms &&
        passing_stuck(passing))
        return true;
    if (deadline_ns == INT64_MAX)
        fail_for_ever();
    passing->now_ns = deadline_ns;
    return false;
}

void
passing_sleep(struct passing *passing, uint64_t tag, struct text *payload)
{
    struct wire_reader sleep = wire_reader(payload);
    struct pollfd room = {passing->process->wire, POLLOUT, 0};
    struct text wake = {0};

    if (poll(&room, 1, 0) == 0)
        process_meddled("asked the harness for time and took none");
    wire_int(&sleep);
    int64_t deadline_ns = wire_int(&sleep);
    struct world_traffic traffic = {
        .connecting = wire_int(&sleep), .unsent = wire_int(&sleep)};
    bool signal = false;
    if (pass(passing, deadline_ns, &traffic, &signal))
        passing->still_ns = passing->now_ns;
    wire_put_int(&wake, passing->now_ns);
    wire_put_int(&wake, signal);
    wire_send(passing->process->wire, WIRE_WAKE, tag, &wake, NULL, 0);
    text_free(&wake); /* a probe that is gone is seen by the next turn */
}

bool
passing_asleep(struct passing *passing)
{
    const struct event *event;

    if (passing_move(passing) || has_stirred(passing))
        return true;
    if (!passing->ask->virtual_time || !turn_clock(passing, INT64_MAX, &event))
        return false;
    if (event != NULL && event->kind == EVENT_SIGNAL)
        kill(passing->process->pid, SIGCONT);
    else if (event != NULL)
        happen(event);
    passing_move(passing);
    return true;
}
