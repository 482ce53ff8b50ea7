/* expect: run-time error: closed the harness's channel */
/* It shuts the wire down, in both directions, and hangs. */
/* only: an_error_is_handed_on: a hang lasts two seconds a test */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    RAW(SYS_shutdown, WIRE, 2);
    raw_pause();
    return fd + timeout_ms;
}
