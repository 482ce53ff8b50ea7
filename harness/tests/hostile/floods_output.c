/* expect: run-time error: printed more than 4 MiB and was stopped */
/* It prints without end. */
#include "first.h"

#include <stdio.h>

int
first_byte(int fd, int timeout_ms)
{
    for (;;)
        printf("%d: still waiting, for %d ms\n", fd, timeout_ms);
}
