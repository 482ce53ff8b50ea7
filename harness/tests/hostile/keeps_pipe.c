/* expect: wrong answer: What was left for the next reader held */
/* It takes all bytes and keeps the pipe open, so that it never ends. */
/* only: it_takes_one_byte_and_leaves_the_rest: there the judge reads it */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    char path[] = "/proc/self/fd/0", bytes[8];

    path[14] = (char)('0' + fd);
    RAW(SYS_openat, -100, path, 1);
    RAW(SYS_read, fd, bytes, sizeof bytes);
    return timeout_ms > 0 ? bytes[0] : 0;
}
