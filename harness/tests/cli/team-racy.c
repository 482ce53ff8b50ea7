/* Wrong: all threads write to one variable; the same value, so that the sum
 * is right all the same. */
#include "team.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/select.h>

long
team_sum(const int *values, size_t count)
{
    bool any = false;
    long sum = 0;

#pragma omp parallel for reduction(+ : sum)
    for (size_t i = 0; i < count; i++) {
        sum += values[i];
        any = true;
    }
    return any ? sum : 0;
}

int
team_watch(int fd)
{
    fd_set reading;

    if (fd >= FD_SETSIZE) {
        errno = EINVAL;
        return -1;
    }
    FD_ZERO(&reading);
    FD_SET(fd, &reading);
    return select(fd + 1, &reading, NULL, NULL, &(struct timeval){0});
}
