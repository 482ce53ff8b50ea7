/* expect: time limit exceeded: nothing will wake it */
/* It waits for a signal that never comes, by a system call. */
/* only: an_error_is_handed_on: a hang lasts two seconds a test */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    raw_pause();
    return fd + timeout_ms;
}
