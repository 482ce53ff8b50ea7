/* expect: time limit exceeded: nothing will wake it */
/* It closes its standard output and standard error, and hangs. */
/* only: an_error_is_handed_on: a hang lasts two seconds a test */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    RAW(SYS_close, 1);
    RAW(SYS_close, 2);
    raw_pause();
    return fd + timeout_ms;
}
