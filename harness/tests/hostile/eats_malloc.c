/* expect: memory limit exceeded: was refused */
/* It takes memory and keeps it, block by block. */
#include "first.h"

#include <stdlib.h>
#include <string.h>

int
first_byte(int fd, int timeout_ms)
{
    for (;;)
        memset(malloc(1 << 20), fd + timeout_ms, 1 << 20);
}
