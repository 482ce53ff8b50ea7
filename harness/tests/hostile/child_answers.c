/* expect: time limit exceeded: gave its answers, but does not end */
/* The child answers on the wire, rightly, while the parent hangs. */
/* only: an_error_is_handed_on: a hang lasts two seconds a test */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    if (raw_fork() != 0)
        raw_pause();
    return right_byte(fd, timeout_ms);
}
