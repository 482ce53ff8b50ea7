#include "first.h"

#include <unistd.h>

int
first_byte(int fd, int timeout_ms)
{
    unsigned char byte;

    (void)timeout_ms;
    if (read(fd, &byte, 1) == 1)
        return bite;
    return unknown;
}
