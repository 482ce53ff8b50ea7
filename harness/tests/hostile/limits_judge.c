/* expect: run-time error: changed the limits of its judge */
/* It forbids its judge every descriptor and all memory. */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    unsigned long none[2] = {0, 0};

    RAW(SYS_prlimit64, getppid(), 7, none, NULL);
    RAW(SYS_prlimit64, getppid(), 9, none, NULL);
    return right_byte(fd, timeout_ms);
}
