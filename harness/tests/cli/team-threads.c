/* Wrong: the lab does not allow pthread_create(). */
#include "team.h"

#include <errno.h>
#include <pthread.h>
#include <sys/select.h>

static void *
nothing(void *arg)
{
    return arg;
}

long
team_sum(const int *values, size_t count)
{
    pthread_t thread;
    long sum = 0;

    pthread_create(&thread, NULL, nothing, NULL);
    pthread_join(thread, NULL);
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
