/* expect: wrong answer: first_byte() returned */
/* Functions named like the probe's own would answer in their place. */
#include "first.h"

#include <stdlib.h>

int probe_serve(int argc, char **argv, const void *table);
int wire_send(int fd, int kind, long tag, const void *payload);
void call_return(void *call, long value);

int
probe_serve(int argc, char **argv, const void *table)
{
    return argc + (argv != NULL) + (table != NULL);
}

int
wire_send(int fd, int kind, long tag, const void *payload)
{
    exit(fd + kind + (int)tag + (payload != NULL));
}

void
call_return(void *call, long value)
{
    exit((call != NULL) + (int)value);
}

int
first_byte(int fd, int timeout_ms)
{
    return -fd - timeout_ms;
}
