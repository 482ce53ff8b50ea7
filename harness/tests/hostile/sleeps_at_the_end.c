/* expect: time limit exceeded: gave its answers, but does not end */
/* Right answers, and then a handler of atexit() that sleeps. */
/* only: an_error_is_handed_on: a hang lasts two seconds a test */
#include "../../harness/tests/hostile/raw.h"

#include <stdlib.h>

int
first_byte(int fd, int timeout_ms)
{
    atexit(raw_pause);
    return right_byte(fd, timeout_ms);
}
