/* expect: run-time error: stopped its judge */
/* It stops the process that asks it, so that no test would ever end. */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    RAW(SYS_kill, getppid(), SIGSTOP);
    return right_byte(fd, timeout_ms);
}
