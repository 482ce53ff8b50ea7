/* expect: compile error: needed more memory than it may have */
/* The assembler is told to repeat a byte two thousand million times. */
#include "first.h"

__asm__(".data\n.rept 2000000000\n.byte 1\n.endr\n.text");

int
first_byte(int fd, int timeout_ms)
{
    return fd + timeout_ms;
}
