/* expect: contract error: defines __wrap_read() */
/* It defines the name that the fault layer puts in the place of read(). */
#include "../../harness/tests/hostile/raw.h"

ssize_t __wrap_read(int fd, void *buffer, size_t length);

ssize_t
__wrap_read(int fd, void *buffer, size_t length)
{
    return RAW(SYS_read, fd, buffer, length);
}

int
first_byte(int fd, int timeout_ms)
{
    return right_byte(fd, timeout_ms);
}
