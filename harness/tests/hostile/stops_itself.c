/* expect: time limit exceeded: stopped by a signal */
/* It stops itself, as Ctrl-Z would. */
/* only: an_error_is_handed_on: a hang lasts two seconds a test */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    for (;;)
        RAW(SYS_kill, RAW(SYS_getpid), SIGSTOP);
    return fd + timeout_ms;
}
