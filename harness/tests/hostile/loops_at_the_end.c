/* expect: time limit exceeded: more than 1 s of processor time */
/* Right answers, and then a handler that goes round in a loop. */
/* only: an_error_is_handed_on: a loop lasts a second a test */
#include "../../harness/tests/hostile/raw.h"

__attribute__((destructor)) static void
spin(void)
{
    for (volatile int i = 0;; i++)
        continue;
}

int
first_byte(int fd, int timeout_ms)
{
    return right_byte(fd, timeout_ms);
}
