/* expect: wrong answer: first_byte() returned -1006 */
/* It opens the user's terminal, to draw there; -1000 - ENXIO: it has none. */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    (void)fd;
    (void)timeout_ms;
    return -1000 + (int)RAW(SYS_openat, -100, "/dev/tty", 2);
}
