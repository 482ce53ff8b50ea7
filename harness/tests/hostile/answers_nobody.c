/* expect: run-time error: answered a question that the harness had not */
/* A well-formed answer, with a tag out of the blue. */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    raw_answer(0x1234567890abcdef, 'a');
    return right_byte(fd, timeout_ms);
}
