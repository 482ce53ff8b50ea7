#include "judge/origin.h"

#include "judge/origin_connection.h"
#include "judge/origin_desks.h"
#include "judge/origin_listener.h"
#include "judge/origin_pages.h"
#include "judge/origin_table.h"
#include "warn.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Theory of operation
 *
 * No thread, no wait: flight.c says when to move. A move accepts what has
 * connected and reads what has come; only then does it count, since who hangs
 * up and connects again is seen to do both at once. It looks up the page of
 * each whole request, sends what may be sent at this time, and takes the
 * program's reports that it is done; then the gate, if there is one, may
 * allow more, and so on until nothing moves any more.
 */

enum { MOST_LISTENERS = 16, SETTLE_LOOKS = 3 };

struct origin {
    struct world world;
    struct origin_listener listeners[MOST_LISTENERS];
    int listener_count;
    int hanging;
    struct origin_desks desks;
    struct origin_pages pages;
    struct origin_table table;
    int requests;
    int done[2]; /* a pipe; -1: none */
    struct origin_gate gate;
    int64_t now_ns;
    int settling; /* looks to wait for: something has just been closed */
};

/* Addresses ------------------------------------------------------------- */

static struct sockaddr_in
add_listener(struct origin *origin, struct origin_listener listener)
{
    if (origin->listener_count == MOST_LISTENERS)
        die("an origin has at most %d addresses", MOST_LISTENERS);
    origin->listeners[origin->listener_count++] = listener;
    return origin_listener_address(&listener);
}

struct sockaddr_in
origin_address(const struct origin *origin)
{
    return origin_listener_address(&origin->listeners[0]);
}

struct sockaddr_in
origin_host(struct origin *origin, int host)
{
    return add_listener(origin, origin_listener_new(ORIGIN_LISTENS, host));
}

struct sockaddr_in
origin_late(struct origin *origin)
{
    return add_listener(origin, origin_listener_new(ORIGIN_LISTENS_LATE, 1));
}

struct sockaddr_in
origin_refusing(struct origin *origin)
{
    return add_listener(origin, origin_listener_new(ORIGIN_REFUSES, 1));
}

struct sockaddr_in
origin_hanging(struct origin *origin)
{
    origin->hanging++;
    return add_listener(origin, origin_listener_new(ORIGIN_HANGS, 1));
}

struct sockaddr_in
origin_secure(
    struct origin *origin, int host, const struct origin_layer *layer)
{
    struct origin_listener made = origin_listener_new(ORIGIN_LISTENS, host);

    made.layer = layer;
    return add_listener(origin, made);
}

struct origin_page *
origin_page(struct origin *origin, const char *path)
{
    return origin_pages_add(&origin->pages, path);
}

struct origin_page *
origin_at(const struct origin *origin, size_t number)
{
    return origin->pages.list[number];
}

size_t
origin_pages(const struct origin *origin)
{
    return origin->pages.count;
}

/* Moving --------------------------------------------------------------- */

static bool
accept_all(struct origin *origin)
{
    bool came = false;

    for (int i = 0; i < origin->listener_count; i++)
        came |= origin_table_accept(
            &origin->table, &origin->listeners[i], origin->now_ns);
    return came;
}

static void
dispatch(struct origin *origin, struct origin_connection *connection)
{
    struct origin_page *page =
        origin_pages_find(&origin->pages, &connection->request);

    origin_connection_answer(connection, page, origin->now_ns);
    connection->next_ns += origin_desks_wait(
        &origin->desks, origin->now_ns, page->delay_ms * 1000000);
    page->arrival = ++origin->requests;
}

static bool
read_from(struct origin *origin, struct origin_connection *connection)
{
    return !connection->late &&
           origin_connection_read(connection, origin->now_ns);
}

static bool
answer(struct origin *origin, struct origin_connection *connection)
{
    bool asks = origin_connection_asks(connection);

    if (asks)
        dispatch(origin, connection);
    return origin_connection_send(connection, origin->now_ns) || asks;
}

static bool
move_each(struct origin *origin,
    bool (*act)(struct origin *, struct origin_connection *))
{
    bool moved = false;

    for (int i = 0; i < origin->table.used; i++) {
        struct origin_connection *connection = &origin->table.list[i];
        if (connection->fd < 0 || !act(origin, connection))
            continue;
        if (connection->fd < 0 || connection->finished)
            origin->settling = SETTLE_LOOKS;
        moved = true;
    }
    return moved;
}

static bool
take_done(struct origin *origin)
{
    uint32_t number;
    bool came = false;

    while (origin->done[0] >= 0 &&
           read(origin->done[0], &number, sizeof number) == sizeof number) {
        if (number < origin->pages.count) {
            origin->pages.list[number]->done_ns = origin->now_ns;
            origin->pages.list[number]->dones++;
        }
        came = true;
    }
    return came;
}

static bool
move_once(struct origin *origin)
{
    bool moved = accept_all(origin);

    moved |= move_each(origin, read_from);
    origin_table_note(&origin->table);
    moved |= move_each(origin, answer);
    moved |= take_done(origin);
    if (moved && origin->gate.changed != NULL)
        origin->gate.changed(origin, origin->gate.self);
    return moved;
}

static bool
move(struct world *world, int64_t now_ns)
{
    struct origin *origin = world->self;
    bool moved = false;

    origin->now_ns = now_ns;
    while (move_once(origin))
        moved = true;
    return moved;
}

/* As a world ------------------------------------------------------------ */

static int
wish(struct world *world, struct pollfd *fds)
{
    struct origin *origin = world->self;
    int count = 0;

    for (int i = 0; i < origin->listener_count; i++) {
        const struct origin_listener *listener = &origin->listeners[i];
        if (listener->kind == ORIGIN_LISTENS ||
            listener->kind == ORIGIN_LISTENS_LATE)
            fds[count++] = (struct pollfd){listener->fd, POLLIN, 0};
    }
    if (origin->done[0] >= 0)
        fds[count++] = (struct pollfd){origin->done[0], POLLIN, 0};
    for (int i = 0; i < origin->table.used; i++) {
        if (origin->table.list[i].fd >= 0)
            fds[count++] =
                origin_connection_wish(&origin->table.list[i], origin->now_ns);
    }
    return count;
}

/* A late reader's bytes wait for asleep(); all others must have arrived. */
static bool
calm(struct world *world, const struct world_traffic *traffic)
{
    struct origin *origin = world->self;
    int64_t unread = 0;

    if (origin->settling > 0) {
        origin->settling--;
        return false;
    }
    for (int i = 0; i < origin->table.used; i++) {
        const struct origin_connection *connection = &origin->table.list[i];
        if (origin_connection_has_unsent(connection))
            return false;
        unread += connection->late && origin_connection_has_unread(connection);
    }
    return traffic->connecting <= origin->hanging && traffic->unsent <= unread;
}

static int64_t
next_ns(struct world *world)
{
    const struct origin *origin = world->self;

    return origin_table_next_ns(&origin->table, origin->now_ns);
}

/* The late readers read, one block each; then the gate is asked. */
static bool
asleep(struct world *world)
{
    struct origin *origin = world->self;
    bool moved = false;

    for (int i = 0; i < origin->table.used; i++) {
        struct origin_connection *connection = &origin->table.list[i];
        if (connection->fd >= 0 && connection->late &&
            !connection->input_ended &&
            origin_connection_read(connection, origin->now_ns))
            moved = true;
    }
    if (!moved && origin->gate.asleep != NULL)
        moved = origin->gate.asleep(origin, origin->gate.self);
    if (moved)
        move(world, origin->now_ns);
    return moved;
}

static bool
stuck(struct world *world)
{
    struct origin *origin = world->self;

    if (origin->gate.stuck == NULL ||
        !origin->gate.stuck(origin, origin->gate.self))
        return false;
    move(world, origin->now_ns);
    return true;
}

struct origin *
origin_new(int listening)
{
    struct origin *origin = text_zeroed(1, sizeof *origin);

    origin->world = (struct world){.wish = wish,
        .move = move,
        .calm = calm,
        .next_ns = next_ns,
        .asleep = asleep,
        .stuck = stuck,
        .self = origin};
    origin->done[0] = origin->done[1] = -1;
    origin_pages_begin(&origin->pages);
    add_listener(origin, listening >= 0
                             ? origin_listener_on(listening)
                             : origin_listener_new(ORIGIN_LISTENS, 1));
    return origin;
}

void
origin_free(struct origin *origin)
{
    for (int i = 0; i < origin->listener_count; i++)
        origin_listener_close(&origin->listeners[i]);
    for (int i = 0; i < origin->table.used; i++)
        origin_connection_close(&origin->table.list[i]);
    origin_pages_free(&origin->pages);
    if (origin->done[0] >= 0)
        close(origin->done[0]);
    free(origin);
}

int
origin_connections_at(const struct origin *origin, int host)
{
    return origin->table.counts[host].accepted;
}

int
origin_in_flight_at(const struct origin *origin, int host)
{
    return origin_table_in_flight(&origin->table, host);
}

int
origin_most_in_flight_at(const struct origin *origin, int host)
{
    return origin->table.counts[host].most_in_flight;
}

int
origin_most_open_at(const struct origin *origin, int host)
{
    return origin->table.counts[host].most_open;
}

void
origin_set_desks(struct origin *origin, int count)
{
    if (count < 1 || count > ORIGIN_MOST_DESKS)
        die("an origin has 1 to %d desks", ORIGIN_MOST_DESKS);
    origin->desks.count = count;
}

int
origin_requests(const struct origin *origin)
{
    return origin->requests;
}

int
origin_done_fd(struct origin *origin)
{
    if (origin->done[0] < 0 &&
        pipe2(origin->done, O_CLOEXEC | O_NONBLOCK) != 0)
        die("open a pipe:");
    return origin->done[1];
}

void
origin_set_gate(struct origin *origin, const struct origin_gate *gate)
{
    origin->gate = *gate;
}

bool
origin_is_told(const struct origin *origin)
{
    return origin->done[0] >= 0;
}

struct world *
origin_world(struct origin *origin)
{
    return &origin->world;
}
