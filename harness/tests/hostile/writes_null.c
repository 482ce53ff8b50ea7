/* expect: run-time error: null */
/* It writes where no memory is. */
#include "first.h"

int
first_byte(int fd, int timeout_ms)
{
    int *volatile nowhere = 0;

    *nowhere = fd + timeout_ms;
    return *nowhere;
}
