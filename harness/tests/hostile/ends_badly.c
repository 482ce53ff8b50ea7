/* expect: run-time error: after its last answer with exit status 1 */
/* Right answers, and then a handler that ends with a failure. */
#include "../../harness/tests/hostile/raw.h"

__attribute__((destructor)) static void
leave(void)
{
    _exit(1);
}

int
first_byte(int fd, int timeout_ms)
{
    return right_byte(fd, timeout_ms);
}
