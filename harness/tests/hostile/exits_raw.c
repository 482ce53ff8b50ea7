/* expect: run-time error: with exit status 0 instead of returning */
/* It ends all threads by a system call of its own: no handler runs. */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    RAW(SYS_exit_group, 0);
    return fd + timeout_ms;
}
