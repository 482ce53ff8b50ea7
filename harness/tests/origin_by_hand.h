#ifndef ORIGIN_BY_HAND_H
#define ORIGIN_BY_HAND_H

/*
 * For tests of the origin server: it is moved along by hand in virtual time,
 * and its clients are the test. What goes through the kernel is waited for,
 * never the clock. (More of the kind is in origin_visits.h.)
 */
#include "judge/origin.h"
#include "suite.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 60000 }; /* for what never comes */

static struct origin *origin;
static struct world *world;

static inline void
begin(void)
{
    origin = origin_new(-1);
    world = origin_world(origin);
}

static inline void
end(void)
{
    origin_free(origin);
}

static inline int
connect_to(struct sockaddr_in address)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(
        connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static inline void
say(int fd, const char *words)
{
    ck_assert_int_eq(send(fd, words, strlen(words), 0), strlen(words));
}

#endif
