/* expect: run-time error: left 50 processes behind */
/* Fifty children sleep, each in a session of its own. */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    static int forked;

    for (; forked < 50; forked++) {
        if (raw_fork() == 0) {
            RAW(SYS_setsid);
            raw_pause();
        }
    }
    return right_byte(fd, timeout_ms);
}
