/* expect: run-time error: left 1 process behind */
/* A daemon outlives a right answer, and writes to the wire and to a file. */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    if (raw_daemon()) {
        raw_sleep_ms(5000);
        raw_answer(0, 1);
        raw_mark("late");
        raw_mark("/tmp/while-you-wait-hostile-daemon");
        raw_pause();
    }
    return right_byte(fd, timeout_ms);
}
