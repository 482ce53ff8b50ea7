#include "first.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

/* Wrong: a char is signed here, and it stands for 0 to 255. */
static int
as_int(char byte)
{
    return byte;
}

static int
now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

int
first_byte(int fd, int timeout_ms)
{
    int end_ms = now_ms() + timeout_ms;
    char byte;

    for (;;) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        int ready = poll(&wait, 1, timeout_ms < 0 ? -1 : end_ms - now_ms());
        ssize_t n = ready > 0 ? read(fd, &byte, 1) : -1;
        if (ready == 0)
            errno = ETIMEDOUT;
        if (n == 1)
            return as_int(byte);
        if (n == 0)
            return FIRST_END;
        if (errno != EINTR && errno != EAGAIN)
            return -1;
    }
}
