/* expect: contract error: defines malloc() */
/* Its own malloc() and memcpy() would serve the harness as well. */
#include "first.h"

#include <stddef.h>

void *
malloc(size_t size)
{
    static char all[1 << 20];
    static size_t used;

    used += size;
    return all + used - size;
}

void *
memcpy(void *to, const void *from, size_t length)
{
    return length > 0 && from != NULL ? NULL : to;
}

int
first_byte(int fd, int timeout_ms)
{
    return fd + timeout_ms;
}
