#include "first.h"

#include <stddef.h>
#include <unistd.h>

int
first_byte(int fd, int timeout_ms)
{
    int *volatile nowhere = NULL;
    unsigned char byte;

    if (read(fd, &byte, 1) == 1 && timeout_ms >= 0 && *nowhere == timeout_ms)
        return byte;
    return FIRST_END;
}
