/* expect: time limit exceeded: asleep in vfork() */
/* The child sleeps in its parent's memory; the parent seems at the disk. */
/* only: an_error_is_handed_on: a hang lasts two seconds a test */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    const long vm_vfork = 0x00000100 | 0x00004000;

    if (RAW(SYS_clone, vm_vfork | SIGCHLD) == 0)
        raw_pause();
    return right_byte(fd, timeout_ms);
}
