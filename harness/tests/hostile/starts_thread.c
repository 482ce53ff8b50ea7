/* expect: contract error: uses pthread_create(), which this lab does not */
/* A thread that survives the call, through the C library. */
#include "first.h"

#include <pthread.h>

static void *
spin(void *nothing)
{
    for (volatile int i = 0;; i++)
        continue;
    return nothing;
}

int
first_byte(int fd, int timeout_ms)
{
    pthread_t thread;

    pthread_create(&thread, NULL, spin, NULL);
    return fd + timeout_ms;
}
