/* expect: run-time error: filled the pipe that it was to read from */
/* It opens the other end of its input and fills it before the judge does. */
/* only: it_keeps_to_its_own_memory: there the judge writes while it waits */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    static char block[1 << 16];
    char path[] = "/proc/self/fd/0";

    path[14] = (char)('0' + fd);
    long writer = RAW(SYS_openat, -100, path, 04001);
    RAW(SYS_write, writer, block, sizeof block);

    struct pollfd never = {.fd = 0, .events = 0};
    return poll(&never, 1, timeout_ms);
}
