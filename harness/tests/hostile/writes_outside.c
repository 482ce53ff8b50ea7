/* expect: run-time error: too little room */
/* It writes past a block of its own, which only the sanitizer sees. */
/* may pass: 8: the plain build does not notice */
#include "../../harness/tests/hostile/raw.h"

#include <stdlib.h>

int
first_byte(int fd, int timeout_ms)
{
    volatile char *byte = malloc(8);

    byte[8] = 1;
    free((void *)byte);
    return right_byte(fd, timeout_ms);
}
