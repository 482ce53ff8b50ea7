/* expect: run-time error: closed the harness's channel */
/* It closes every descriptor and goes on. */
/* only: an_error_is_handed_on: a hang lasts two seconds a test */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    for (int i = 0; i < 1024; i++)
        RAW(SYS_close, i);
    raw_pause();
    return fd + timeout_ms;
}
