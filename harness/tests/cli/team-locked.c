/* Right: slow, but every addition is by itself. */
#include "team.h"

#include <errno.h>
#include <sys/select.h>

/* Each section alone would do, were both the same lock. */
long
team_sum(const int *values, size_t count)
{
    long sum = 0, other = 0;
    _Atomic long third = 0;

#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < count; i++) {
#pragma omp critical
        sum += values[i];
#pragma omp critical(the_other)
        other += values[i];
        third += values[i];
    }
    return sum == other && sum == third ? sum : -1;
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
