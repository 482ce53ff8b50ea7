/* expect: time limit exceeded: nothing will wake it */
/* A byte of a frame now and then, for ever: never whole, never silent. */
/* only: an_error_is_handed_on: a hang lasts two seconds a test */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    struct raw_head head = {MAGIC, ANSWER, 0, 1 << 20};

    RAW(SYS_write, WIRE, &head, sizeof head);
    for (;; raw_sleep_ms(5))
        RAW(SYS_write, WIRE, "", 1);
    return fd + timeout_ms;
}
