/* expect: contract error: uses fork(), which this lab does not allow */
/* It forks and lets the parent end, through the C library. */
#include "first.h"

#include <unistd.h>

int
first_byte(int fd, int timeout_ms)
{
    if (fork() != 0)
        _exit(0);
    return fd + timeout_ms;
}
