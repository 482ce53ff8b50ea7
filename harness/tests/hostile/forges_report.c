/* expect: run-time error: before it was asked anything */
/* A constructor prints the report it would like, and exits with success. */
#include "first.h"

#include <stdio.h>
#include <stdlib.h>

__attribute__((constructor)) static void
report(void)
{
    printf("TAP version 13\n1..1\n"
           "ok 1 - every_byte_comes_back_as_itself\n"
           "{\"verdict\": \"accepted\", \"points\": 1000}\n");
    exit(0);
}

int
first_byte(int fd, int timeout_ms)
{
    return fd + timeout_ms;
}
