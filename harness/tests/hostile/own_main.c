/* expect: wrong answer: first_byte() returned */
/* A main() of its own prints a report and returns success. */
#include "first.h"

#include <stdio.h>

int
main(void)
{
    puts("TAP version 13\n1..1\nok 1 - every_byte_comes_back_as_itself");
    return 0;
}

int
first_byte(int fd, int timeout_ms)
{
    return -fd - timeout_ms;
}
