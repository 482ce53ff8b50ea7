#ifndef LEASH_H
#define LEASH_H

/*
 * Is a process gone, and all that came from it? A leash is a pipe that they
 * hold by its writing end for as long as they live; it is loose when nobody
 * holds it any more.
 */
#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

struct leash {
    int end;  /* tells */
    int held; /* to be inherited; the test lets go of its own */
};

enum { LEASH_PATIENCE_MS = 60000 }; /* for what never comes */

static inline struct leash
leash_new(void)
{
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    return (struct leash){ends[0], ends[1]};
}

static inline void
leash_let_go(struct leash *leash)
{
    close(leash->held);
    leash->held = -1;
}

/* Is it loose now? */
static inline bool
leash_is_loose(const struct leash *leash)
{
    struct pollfd end = {leash->end, POLLIN, 0};

    return poll(&end, 1, 0) == 1 && (end.revents & POLLHUP) != 0;
}

/* Wait until it is. A kill takes its time. */
static inline bool
leash_gets_loose(const struct leash *leash)
{
    struct pollfd end = {leash->end, 0, 0};

    return poll(&end, 1, LEASH_PATIENCE_MS) == 1;
}

/* Wait for a byte from somebody who holds it: "I am here". */
static inline char
leash_hears(const struct leash *leash)
{
    char byte;

    ck_assert_int_eq(read(leash->end, &byte, 1), 1);
    return byte;
}

#endif
