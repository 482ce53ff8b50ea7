#include "__NAME__.h"
#include "probe/probe.h"

#include <stdio.h>
#include <unistd.h>

static void
call_count_spaces(struct call *call)
{
    int fd = call_fd(call);

    call_return(call, count_spaces(fd));
}

static int
run_count_spaces(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    long spaces = count_spaces(STDIN_FILENO);
    if (spaces < 0)
        perror("count_spaces");
    else
        printf("%ld\n", spaces);
    return spaces < 0;
}

static const struct probe_entry table[] = {
    {"count_spaces", call_count_spaces, "< INPUT", run_count_spaces},
    {NULL, NULL, NULL, NULL},
};

int
main(int argc, char **argv)
{
    return probe_serve(argc, argv, table);
}
