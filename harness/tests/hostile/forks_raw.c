/* expect: run-time error: left 1 process behind */
/* The parent ends with success; the child goes on in its place. */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    if (raw_fork() != 0)
        RAW(SYS_exit_group, 0);
    return right_byte(fd, timeout_ms);
}
