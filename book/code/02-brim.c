/* A pipe is full to the brim: how much must go before more may come? */
#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

static char text[1024 * 1024];

static int
has_room(int fd)
{
    struct pollfd chair = {.fd = fd, .events = POLLOUT};

    return poll(&chair, 1, 0) == 1;
}

int
main(void)
{
    int ends[2], taken = 0;

    if (pipe(ends) == -1 || fcntl(ends[1], F_SETFL, O_NONBLOCK) == -1 ||
        write(ends[1], text, sizeof text) == -1)
        return 1;
    for (char byte; !has_room(ends[1]) && read(ends[0], &byte, 1) == 1;)
        if (++taken == 1)
            printf("1 byte out: a write of 1 byte returns %zd\n",
                write(ends[1], text, 1));
    ssize_t put = write(ends[1], text, sizeof text);
    printf("%d bytes out: poll() says there is room, ", taken);
    printf("and a write takes %zd\n", put);
    return 0;
}
