/* expect: not within */
/* Leaves threads at work, which end with the run, and no later. */
/* lab: 10: par_rows */

#include "../../harness/tests/timing/tricks.h"
#include <pthread.h>

static void *
burn(void *arg)
{
    waste(1 << 30);
    return arg;
}

int
par_rows(int64_t rows, par_row *row, void *arg, int threads)
{
    static pthread_t burning;

    if (burning == 0 && pthread_create(&burning, NULL, burn, NULL) != 0)
        return -1;
    waste(12000);
    return reference_par_rows(rows, row, arg, threads);
}
