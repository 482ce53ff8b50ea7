/* expect: run-time error: killed its judge */
/* It kills the process that asks it. */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    RAW(SYS_kill, getppid(), SIGKILL);
    return right_byte(fd, timeout_ms);
}
