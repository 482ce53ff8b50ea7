/* expect: run-time error: sent half an answer of its own */
/* The right tag, and a payload that ends too early. */
#include "../../harness/tests/hostile/raw.h"

__attribute__((constructor)) static void
answer(void)
{
    raw_send(ANSWER, raw_peek_tag(), "1234567", 7);
}

int
first_byte(int fd, int timeout_ms)
{
    return right_byte(fd, timeout_ms);
}
