/* Different: without a time limit it sleeps in read() itself. */
#include "first.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

static double
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int
take(int fd)
{
    unsigned char byte;
    ssize_t n = read(fd, &byte, 1);

    return n == 1 ? byte : n == 0 ? FIRST_END : -1;
}

/* 1 when there is something to read, else -1 with errno. */
static int
wait_until(int fd, double end_ms)
{
    struct pollfd wait = {fd, POLLIN, 0};

    for (;;) {
        double left_ms = end_ms - now_ms();
        int ready = poll(&wait, 1, left_ms > 0 ? (int)left_ms : 0);
        if (ready > 0)
            return 1;
        if (ready == 0) {
            errno = ETIMEDOUT;
            return -1;
        }
        if (errno != EINTR)
            return -1;
    }
}

int
first_byte(int fd, int timeout_ms)
{
    double end_ms = timeout_ms < 0 ? 0 : now_ms() + timeout_ms;

    for (;;) {
        if (timeout_ms >= 0 && wait_until(fd, end_ms) < 0)
            return -1;
        int byte = take(fd);
        if (byte != -1 || (errno != EAGAIN && errno != EINTR))
            return byte;
        if (timeout_ms < 0) {
            struct pollfd wait = {fd, POLLIN, 0};
            poll(&wait, 1, -1);
        }
    }
}
