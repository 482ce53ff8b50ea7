/* expect: contract error: defines clock_gettime */
/* Brings a clock of its own, on which no time passes. */
/* lab: 02: io_copy */

#include <time.h>

int
clock_gettime(clockid_t clock, struct timespec *now)
{
    *now = (struct timespec){(time_t)clock, 0};
    return 0;
}

int64_t
io_copy(int in, int out, size_t bufsize)
{
    return reference_io_copy(in, out, bufsize);
}
