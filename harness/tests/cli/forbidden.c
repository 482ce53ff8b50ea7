#include "first.h"

#include <unistd.h>

int
first_byte(int fd, int timeout_ms)
{
    unsigned char byte;

    alarm((unsigned)timeout_ms / 1000);
    return read(fd, &byte, 1) == 1 ? byte : FIRST_END;
}
