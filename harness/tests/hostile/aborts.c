/* expect: run-time error: called abort() */
/* It ends itself by abort(). */
#include "first.h"

#include <stdlib.h>

int
first_byte(int fd, int timeout_ms)
{
    if (timeout_ms != fd)
        abort();
    return 0;
}
