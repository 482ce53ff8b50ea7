/* expect: run-time error: cannot be started (No such file or directory) */
/* It removes its own program, which further tests would start. */
#include "../../harness/tests/hostile/raw.h"

__attribute__((constructor)) static void
leave(void)
{
    char path[4096] = "";

    RAW(SYS_readlinkat, -100, "/proc/self/exe", path, sizeof path - 1);
    RAW(SYS_unlinkat, -100, path, 0);
    RAW(SYS_exit_group, 0);
}

int
first_byte(int fd, int timeout_ms)
{
    return right_byte(fd, timeout_ms);
}
