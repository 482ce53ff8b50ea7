#include "first.h"

#include <unistd.h>

/* read() waits, and nobody sends. */
int
first_byte(int fd, int timeout_ms)
{
    unsigned char byte;

    while (read(fd, &byte, 1) >= 0)
        timeout_ms = 0;
    return timeout_ms;
}
