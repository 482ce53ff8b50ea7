/* expect: wrong answer: first_byte() returned */
/* The assembler puts the reference solution's text in it: it is no help. */
#include "first.h"

__asm__(".data\n"
        "solution:\n"
        ".incbin \"solutions/00-first-check/first.c\"\n"
        ".byte 0\n"
        ".text");

extern const char solution[];

int
first_byte(int fd, int timeout_ms)
{
    return -solution[(unsigned)(fd + timeout_ms) % 8];
}
