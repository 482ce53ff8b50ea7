/* expect: contract error: uses open(), which this lab does not allow */
/* It opens its parent's memory through the C library. */
#include "first.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int
first_byte(int fd, int timeout_ms)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/mem", getppid());
    return open(path, O_RDWR) + fd + timeout_ms;
}
