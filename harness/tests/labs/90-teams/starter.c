#include "team.h"

#include <errno.h>
#include <sys/select.h>

long
team_sum(const int *values, size_t count)
{
    long sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum;
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
