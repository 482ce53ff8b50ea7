/* expect: not within */
/* No trick, but several times the work. */
/* lab: 02: io_copy */

#include "../../harness/tests/timing/tricks.h"

int64_t
io_copy(int in, int out, size_t bufsize)
{
    waste(12000);
    return reference_io_copy(in, out, bufsize);
}
