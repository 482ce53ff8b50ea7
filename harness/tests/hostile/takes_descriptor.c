/* expect: wrong answer: first_byte() returned -1001 */
/* It takes the judge's results from it (pidfd_getfd); EPERM is refusal. */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    const long results = 3;
    long judge = RAW(SYS_pidfd_open, getppid());

    (void)fd;
    (void)timeout_ms;
    return -1000 + (int)RAW(SYS_pidfd_getfd, judge, results);
}
