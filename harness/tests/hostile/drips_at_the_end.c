/* expect: time limit exceeded: gave its answers, but does not end */
/* Right answers, and then a handler that prints a dot now and then. */
/* only: an_error_is_handed_on: a hang lasts two seconds a test */
#include "../../harness/tests/hostile/raw.h"

__attribute__((destructor)) static void
drip(void)
{
    for (;; raw_sleep_ms(5))
        RAW(SYS_write, 1, ".", 1);
}

int
first_byte(int fd, int timeout_ms)
{
    return right_byte(fd, timeout_ms);
}
