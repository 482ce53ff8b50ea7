#ifndef PROBE_WIRE_H
#define PROBE_WIRE_H

/*
 * A probe's side of the wire, for tests that play the probe themselves. The
 * right answer is 42.
 */
#include "probe/wire.h"
#include "probe/wrapped.h"

#include <stdbool.h>
#include <unistd.h>

static uint64_t tag; /* of the call in flight */
static int given[WIRE_MOST_FDS], given_count;

static void
put_answer(struct text *payload, int64_t value)
{
    wire_put_int(payload, 0);
    wire_put_int(payload, 0);
    for (int i = 0; i < 2 * WRAPPED_COUNT; i++) /* counters, and then times */
        wire_put_int(payload, i);
    wire_put_bytes(payload, "", 0);
    wire_put_int(payload, value);
}

static void
send_frame(enum wire_kind kind, uint64_t with_tag, struct text *payload)
{
    if (wire_send(WIRE_FD, kind, with_tag, payload, NULL, 0) != 0)
        _exit(3);
    text_free(payload);
}

static void
answer(int64_t value)
{
    struct text payload = {0};

    put_answer(&payload, value);
    send_frame(WIRE_ANSWER, tag, &payload);
}

/* Virtual time: sleep once; what the judge says of it. */
static int64_t
sleep_until(int64_t deadline_ns, bool *interrupted)
{
    struct text payload = {0};
    struct wire_head head;
    int fds[WIRE_MOST_FDS], count;

    wire_put_int(&payload, 0);
    wire_put_int(&payload, deadline_ns);
    wire_put_int(&payload, 0);
    wire_put_int(&payload, 0);
    send_frame(WIRE_SLEEP, tag, &payload);
    if (wire_receive(WIRE_FD, &head, &payload, fds, &count) != 1)
        _exit(3);
    struct wire_reader reader = wire_reader(&payload);
    int64_t now_ns = wire_int(&reader);
    *interrupted = wire_int(&reader) != 0;
    text_free(&payload);
    return now_ns;
}

#endif
