/* expect: memory limit exceeded: MiB of memory, the limit of this lab */
/* It maps and fills pages where no limit of the kernel's may stand. */
/* only: it_keeps_to_its_own_memory: the sanitized build has that limit */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    for (;;) {
        long block = RAW(SYS_mmap, 0, 1 << 20, 3, 0x22, -1);
        memset((void *)block, fd + timeout_ms, 1 << 20);
    }
}
