/* expect: run-time error: wrote a file of more than 64 MiB */
/* It writes a file larger than the limit in its working folder. */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    long huge = RAW(SYS_openat, -100, "huge", 0101, 0600);

    RAW(SYS_pwrite64, huge, "x", 1, 1L << 40);
    return right_byte(fd, timeout_ms);
}
