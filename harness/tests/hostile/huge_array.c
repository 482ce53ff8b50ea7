/* expect: compile error: cannot be made into one that runs */
/* An array larger than a program of this kind can reach. */
#include "first.h"

static char big[1UL << 34];
static char other;

int
first_byte(int fd, int timeout_ms)
{
    big[(unsigned)fd] = (char)timeout_ms;
    other = big[(unsigned)timeout_ms];
    return other;
}
