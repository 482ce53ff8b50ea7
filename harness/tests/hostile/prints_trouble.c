/* expect: compile error: gave up on */
/* The assembler is made to say that the disk is full, and to fail. */
#include "first.h"

__asm__(".print \"as: No space left on device\"\n"
        ".error \"as: No space left on device\"");

int
first_byte(int fd, int timeout_ms)
{
    return fd + timeout_ms;
}
