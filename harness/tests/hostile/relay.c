/* expect: run-time error: behind */
/* A chain of children, each ending once the next one runs, a session each. */
/* only: an_error_is_handed_on: one chain at a time */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    if (raw_fork() == 0) {
        for (int i = 0; i < 20000 && raw_fork() == 0; i++)
            RAW(SYS_setsid);
        RAW(SYS_exit_group, 0);
    }
    return right_byte(fd, timeout_ms);
}
