#ifndef ORIGIN_VISITS_H
#define ORIGIN_VISITS_H

/*
 * For tests of what an origin server counts: clients that ask for a path
 * while the time is `now_ms`, and time that passes.
 */
#include "origin_by_hand.h"

static int64_t now_ms = 1; /* of the world; each test is a process */

/* Give it an answer, which keeps the connection. */
static inline void
answers(struct origin_page *page, const char *answer, int64_t delay_ms)
{
    text_addf(&page->answer, "%s", answer);
    page->delay_ms = delay_ms;
    page->end = ORIGIN_KEEPS;
}

/* Wait until so many descriptors are ready, and let it move. */
static inline void
move_when_ready(int ready)
{
    struct pollfd fds[WORLD_MOST_FDS];
    nfds_t count = (nfds_t)world->wish(world, fds);

    int now = poll(fds, count, PATIENCE_MS);
    ck_assert_int_ge(now, 1);
    while (now < ready)
        now = poll(fds, count, 1);
    ck_assert(world->move(world, now_ms * 1000000));
}

/* Ask for the path; returns when the request has come. */
static inline void
ask_for(int fd, const char *path)
{
    int before = origin_requests(origin);

    say(fd, "GET ");
    say(fd, path);
    say(fd, " HTTP/1.1\r\n\r\n");
    while (origin_requests(origin) == before)
        move_when_ready(1);
}

/* The same on a new connection. */
static inline int
client_of(struct sockaddr_in address, const char *path)
{
    int fd = connect_to(address);

    ask_for(fd, path);
    return fd;
}

/* Let time go to where it does something by itself; false: never. */
static inline bool
time_passes(void)
{
    int64_t next_ns = world->next_ns(world);

    if (next_ns == INT64_MAX)
        return false;
    now_ms = next_ns / 1000000;
    ck_assert(world->move(world, next_ns));
    return true;
}

/* What was answered. */
static inline void
reads(int fd, const char *expected)
{
    struct pollfd readable = {fd, POLLIN, 0};
    char bytes[100];

    ck_assert_int_eq(poll(&readable, 1, PATIENCE_MS), 1);
    ssize_t length = recv(fd, bytes, sizeof bytes - 1, 0);
    ck_assert_int_ge(length, 0);
    bytes[length] = '\0';
    ck_assert_str_eq(bytes, expected);
}

#endif
