/* expect: run-time error: left 1 process behind */
/* A daemon that closes all, ignores all signals and hides its name. */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    unsigned long all = ~0UL;

    if (raw_daemon()) {
        RAW(SYS_close_range, 0, ~0U, 0);
        RAW(SYS_rt_sigprocmask, SIG_BLOCK, &all, NULL, 8);
        RAW(SYS_prctl, 15, "\033[2J) S 1 (");
        raw_sleep_ms(5000);
        raw_mark("/tmp/while-you-wait-hostile-deaf");
        raw_pause();
    }
    return right_byte(fd, timeout_ms);
}
