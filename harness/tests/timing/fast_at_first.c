/* expect: not within */
/* Fast in its first six runs: who takes the best run would take one. */
/* lab: 02: io_copy */

#include "../../harness/tests/timing/tricks.h"

int64_t
io_copy(int in, int out, size_t bufsize)
{
    waste(run_number() > 6 ? 12000 : 0);
    return reference_io_copy(in, out, bufsize);
}
