/* expect: wrong answer: first_byte() returned 300 */
/* Before main() it looks at the call's tag, and answers with it. */
#include "../../harness/tests/hostile/raw.h"

__attribute__((constructor)) static void
answer(void)
{
    raw_answer(raw_peek_tag(), 300);
    raw_pause();
}

int
first_byte(int fd, int timeout_ms)
{
    return right_byte(fd, timeout_ms);
}
