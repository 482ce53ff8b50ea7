/* expect: run-time error: sent more than one answer */
/* A right answer of its own, and then the probe's. */
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
    int byte = right_byte(fd, timeout_ms);

    raw_answer(tag, byte);
    return byte;
}
