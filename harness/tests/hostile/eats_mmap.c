/* expect: memory limit exceeded: the limit of this lab */
/* It maps pages by system calls, and stays when there are no more. */
/* only: an_error_is_handed_on: a hang lasts two seconds a test */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    for (;;) {
        long block = RAW(SYS_mmap, 0, 1 << 20, 3, 0x22, -1);
        if (block < 0 && block > -4096)
            raw_pause();
        memset((void *)block, fd + timeout_ms, 1 << 20);
    }
}
