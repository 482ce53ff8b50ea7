/* expect: not within */
/* Fast from its eleventh run on, when the others may be thought warm. */
/* lab: 02: io_copy */

#include "../../harness/tests/timing/tricks.h"

int64_t
io_copy(int in, int out, size_t bufsize)
{
    waste(run_number() < 11 ? 12000 : 0);
    return reference_io_copy(in, out, bufsize);
}
