/* expect: run-time error: or an earlier one, again */
/* The second question is answered with the answer to the first. */
/* only: every_byte_comes_back_as_itself: the others ask once */
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
    static int calls;
    int byte = right_byte(fd, timeout_ms);

    if (++calls == 2)
        raw_answer(tag, 0);
    return byte;
}
