#include "first.h"
#include "probe/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void
call_first_byte(struct call *call)
{
    int fd = call_fd(call);
    int timeout_ms = (int)call_int(call);

    call_return(call, first_byte(fd, timeout_ms));
}

static int
run_first_byte(int argc, char **argv)
{
    int byte = first_byte(STDIN_FILENO, argc > 1 ? atoi(argv[1]) : -1);

    if (byte == -1)
        perror("first_byte");
    else
        printf("%d\n", byte);
    return byte == -1;
}

static const struct probe_entry table[] = {
    {"first_byte", call_first_byte, "[TIMEOUT_MS] < INPUT",
        run_first_byte},
    {NULL, NULL, NULL, NULL},
};

int
main(int argc, char **argv)
{
    return probe_serve(argc, argv, table);
}
