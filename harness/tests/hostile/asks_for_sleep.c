/* expect: run-time error: asked the harness for time and took none */
/* It asks the judge to turn the clock, and never hears the replies. */
#include "../../harness/tests/hostile/raw.h"

static uint64_t tag;

__attribute__((constructor)) static void
look(void)
{
    tag = raw_peek_tag();
}

int
first_byte(int fd, int timeout_ms)
{
    for (int64_t i = 0; i < 100000; i++) {
        int64_t until[2] = {0, i};
        raw_send(SLEEP, tag, until, sizeof until);
    }
    return right_byte(fd, timeout_ms);
}
