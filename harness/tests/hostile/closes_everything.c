/* expect: run-time error: closed the harness's channel */
/* It closes every descriptor, and returns the right answer. */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    int byte = right_byte(fd, timeout_ms);

    for (int i = 0; i < 1024; i++)
        RAW(SYS_close, i);
    return byte;
}
