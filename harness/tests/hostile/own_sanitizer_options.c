/* expect: contract error: defines __asan_default_options() */
/* It asks the sanitizer to keep quiet about a write outside its memory. */
#include "../../harness/tests/hostile/raw.h"

#include <stdlib.h>

const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
    return "halt_on_error=0:exitcode=0:handle_segv=0";
}

int
first_byte(int fd, int timeout_ms)
{
    volatile char *byte = malloc(8);

    byte[8] = 1;
    free((void *)byte);
    return right_byte(fd, timeout_ms);
}
