/* expect: compile error: became too large a file */
/* An array of two gigabytes, all of it in the object file. */
#include "first.h"

static int big[1 << 29] = {1};

int
first_byte(int fd, int timeout_ms)
{
    return big[fd + timeout_ms];
}
