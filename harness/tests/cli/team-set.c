/* Wrong: FD_SET() of any descriptor. */
#include "team.h"

#include <sys/select.h>

long
team_sum(const int *values, size_t count)
{
    long sum = 0;

#pragma omp parallel for reduction(+ : sum)
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum;
}

int
team_watch(int fd)
{
    fd_set reading;

    FD_ZERO(&reading);
    FD_SET(fd, &reading);
    return select(fd + 1, &reading, NULL, NULL, &(struct timeval){0});
}
