/* Different: each interruption is a call of its own, with less time. */
#include "first.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

static long
passed_ms(const struct timespec *since)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - since->tv_sec) * 1000 +
           (now.tv_nsec - since->tv_nsec) / 1000000;
}

int
first_byte(int fd, int timeout_ms)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    struct timespec start;
    unsigned char byte;

    clock_gettime(CLOCK_MONOTONIC, &start);
    int ready = poll(&wait, 1, timeout_ms);
    if (ready == 0)
        errno = ETIMEDOUT;
    ssize_t n = ready == 1 ? read(fd, &byte, 1) : -1;
    if (n >= 0)
        return n == 1 ? byte : FIRST_END;
    if (ready == 0 || (errno != EINTR && errno != EAGAIN))
        return -1;
    if (timeout_ms < 0)
        return first_byte(fd, timeout_ms);
    long left_ms = timeout_ms - passed_ms(&start);
    return first_byte(fd, left_ms > 0 ? (int)left_ms : 0);
}
