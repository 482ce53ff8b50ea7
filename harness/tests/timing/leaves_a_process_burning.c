/* expect: run-time error: left 1 process behind */
/* Leaves a process at work, for the reference's next run. */
/* lab: 02: io_copy */

#include "../../harness/tests/timing/tricks.h"

int64_t
io_copy(int in, int out, size_t bufsize)
{
    static int burning;

    if (!burning++ && raw_fork() == 0)
        waste(1 << 30);
    return reference_io_copy(in, out, bufsize);
}
