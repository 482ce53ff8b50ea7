/* expect: run-time error: wrote into the harness's own channel */
/* One frame that says it is huge, and bytes without end. */
/* only: an_error_is_handed_on: it sends as much as a frame may hold */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    static char block[1 << 16];
    struct raw_head head = {MAGIC, ANSWER, 0, 1ULL << 40};

    RAW(SYS_write, WIRE, &head, sizeof head);
    for (;;)
        RAW(SYS_write, WIRE, block, sizeof block);
    return fd + timeout_ms;
}
