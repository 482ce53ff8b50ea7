/* expect: run-time error: wrote into the harness's own channel */
/* A report on every descriptor from 0 to 1023, escapes and all. */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    static const char report[] =
        "\033[2J\033]0;accepted\007TAP version 13\n1..1\n"
        "ok 1 - every_byte_comes_back_as_itself\n";

    for (int i = 0; i < 1024; i++)
        RAW(SYS_write, i, report, sizeof report - 1);
    return right_byte(fd, timeout_ms);
}
