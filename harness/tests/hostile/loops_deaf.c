/* expect: time limit exceeded: more than 1 s of processor time */
/* A loop that blocks and ignores every signal and asks for more time. */
/* only: an_error_is_handed_on: a loop lasts a second a test */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    unsigned long all = ~0UL, limit[2] = {~0UL, ~0UL};
    unsigned long ignore[4] = {1, 0, 0, 0};

    RAW(SYS_rt_sigprocmask, SIG_BLOCK, &all, NULL, 8);
    for (int i = 1; i < 65; i++)
        RAW(SYS_rt_sigaction, i, ignore, NULL, 8);
    RAW(SYS_prlimit64, 0, 0, limit, NULL);
    for (volatile int i = 0;; i++)
        fd = i + timeout_ms;
}
