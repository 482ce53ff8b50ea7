/* expect: run-time error: left 1 process behind */
/* A child of its judge's, not of its own (CLONE_PARENT), lives on. */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    static int started;

    if (!started++ && RAW(SYS_clone, 0x00008000 | SIGCHLD) == 0) {
        raw_sleep_ms(5000);
        raw_mark("/tmp/while-you-wait-hostile-child");
        raw_pause();
    }
    return right_byte(fd, timeout_ms);
}
