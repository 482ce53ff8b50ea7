/* A signal in the middle of a read, and in the middle of a write. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char text[1024 * 1024];

/* book: alarm */
static void
ring(int signal)
{
    (void)signal;
    alarm(1); /* and again, lest it has come too early */
}

int
main(void)
{
    int ends[2];
    struct sigaction bell = {.sa_handler = ring}; /* @no-restart */

    if (pipe(ends) == -1 || sigaction(SIGALRM, &bell, NULL) == -1)
        return 1;
    alarm(1);
    ssize_t got = read(ends[0], text, sizeof text);
    printf("read: %zd %s\n", got, got == -1 ? strerror(errno) : "");
    ssize_t put = write(ends[1], text, sizeof text);
    printf("write: %zd of %zu\n", put, sizeof text);
    return 0;
}
/* book: end alarm */
