/* expect: wrong answer: first_byte() returned -1013 */
/* It writes its parent's memory through /proc; -1000 - EACCES is refusal. */
#include "../../harness/tests/hostile/raw.h"

#include <stdio.h>

int
first_byte(int fd, int timeout_ms)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/mem", getppid());
    (void)fd;
    (void)timeout_ms;
    return -1000 + (int)RAW(SYS_openat, -100, path, 2);
}
