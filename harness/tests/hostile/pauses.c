/* expect: contract error: uses pause(), which this lab does not allow */
/* It waits for a signal that never comes, through the C library. */
#include "first.h"

#include <unistd.h>

int
first_byte(int fd, int timeout_ms)
{
    pause();
    return fd + timeout_ms;
}
