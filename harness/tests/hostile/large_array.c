/* expect: memory limit exceeded: global and static variables need more */
/* An array larger than the limit of memory: there is no room to start. */
#include "first.h"

static char big[1 << 30];

int
first_byte(int fd, int timeout_ms)
{
    big[(unsigned)fd] = (char)timeout_ms;
    return big[(unsigned)timeout_ms];
}
