/* Wrong: gcc alone knows functions inside of functions. */
#include "team.h"

#include <errno.h>

long
team_sum(const int *values, size_t count)
{
    long sum = 0;

    void add(int value)
    {
        sum += value;
    }
    for (size_t i = 0; i < count; i++)
        add(values[i]);
    return sum;
}

int
team_watch(int fd)
{
    (void)fd;
    errno = EINVAL;
    return -1;
}
