/* expect: time limit exceeded: more than 1 s of processor time */
/* It goes round in a loop. */
/* only: an_error_is_handed_on: a loop lasts a second a test */
#include "first.h"

int
first_byte(int fd, int timeout_ms)
{
    for (volatile int i = 0;; i++)
        fd = i + timeout_ms;
}
