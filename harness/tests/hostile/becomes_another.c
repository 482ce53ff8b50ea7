/* expect: run-time error: with exit status 0 instead of returning */
/* It turns into a program that always succeeds. */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    const char *argv[] = {"/bin/true", NULL};

    RAW(SYS_execve, argv[0], argv, argv + 1);
    return fd + timeout_ms;
}
