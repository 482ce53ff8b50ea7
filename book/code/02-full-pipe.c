/* One mebibyte for a pipe that nobody reads, and no time to wait. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* book: full-pipe */
static char text[1024 * 1024];

int
main(void)
{
    int ends[2];

    if (pipe(ends) == -1 ||
        fcntl(ends[1], F_SETFL, O_NONBLOCK) == -1) /* @no-wait */
        return 1;
    for (int i = 0; i < 2; i++) {
        ssize_t put = write(ends[1], text, sizeof text); /* @put */
        printf("%zd %s\n", put, put == -1 ? strerror(errno) : "taken");
    }
    return 0;
}
/* book: end full-pipe */
