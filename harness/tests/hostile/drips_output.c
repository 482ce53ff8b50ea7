/* expect: time limit exceeded: nothing will wake it */
/* A dot on its standard output now and then, for ever. */
/* only: an_error_is_handed_on: a hang lasts two seconds a test */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    for (;; raw_sleep_ms(5))
        RAW(SYS_write, 1, ".", 1);
    return fd + timeout_ms;
}
