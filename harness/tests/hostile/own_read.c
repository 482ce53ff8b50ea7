/* expect: contract error: defines read() */
/* Its own read() would hide it from the fault layer. */
#include "../../harness/tests/hostile/raw.h"

ssize_t
read(int fd, void *buffer, size_t length)
{
    return RAW(SYS_read, fd, buffer, length);
}

int
first_byte(int fd, int timeout_ms)
{
    return right_byte(fd, timeout_ms);
}
