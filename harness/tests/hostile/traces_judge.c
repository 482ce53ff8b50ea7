/* expect: wrong answer: first_byte() returned -1001 */
/* It attaches to its parent as a debugger; -1000 - EPERM is refusal. */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    const long attach = 16;

    (void)fd;
    (void)timeout_ms;
    return -1000 + (int)RAW(SYS_ptrace, attach, getppid());
}
