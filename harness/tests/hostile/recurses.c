/* expect: run-time error: stack */
/* It calls itself until the stack is used up. */
#include "first.h"

int
first_byte(int fd, int timeout_ms)
{
    volatile char room[4096] = {(char)fd};

    return room[timeout_ms & 1] + first_byte(fd, timeout_ms + 1) + room[0];
}
