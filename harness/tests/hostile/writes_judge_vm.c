/* expect: wrong answer: first_byte() returned -1001 */
/* It writes its parent's memory; -1000 - EPERM is what it gets. */
#include "../../harness/tests/hostile/raw.h"

int
first_byte(int fd, int timeout_ms)
{
    char byte = (char)(fd + timeout_ms);
    void *mine[2] = {&byte, (void *)1}, *theirs[2] = {&byte, (void *)1};

    return -1000 +
           (int)RAW(SYS_process_vm_writev, getppid(), mine, 1, theirs, 1);
}
