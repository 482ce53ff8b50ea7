/* expect: contract error: uses fork(), which this lab does not allow */
/* A weak reference, which the linker may leave open, hides the fork. */
#include "first.h"

#include <sys/types.h>
#include <unistd.h>

__attribute__((weak)) extern pid_t fork(void);

int
first_byte(int fd, int timeout_ms)
{
    if (fork() != 0)
        _exit(0);
    return fd + timeout_ms;
}
