/* expect: run-time error: zero */
/* It divides by zero. */
#include "first.h"

int
first_byte(int fd, int timeout_ms)
{
    volatile int zero = 0;

    return (fd + timeout_ms) / zero;
}
