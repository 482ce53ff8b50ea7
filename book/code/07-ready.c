/*
 * What select() and epoll_ctl() say of an empty pipe, of a regular
 * file, and of the same file at its end. The file was opened with
 * O_NONBLOCK.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <unistd.h>

static int epoll;

static void
must(int went_well, const char *what)
{
    if (went_well)
        return;
    perror(what);
    exit(1);
}

static void
ask_about(const char *name, int fd)
{
    /* book: ask */
    struct timeval at_once = {0};
    struct epoll_event event = {.events = EPOLLIN};
    char bytes[100];
    fd_set set;

    FD_ZERO(&set);
    FD_SET(fd, &set);
    int ready = select(fd + 1, &set, NULL, NULL, &at_once);
    int added = epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    const char *says = added == 0 ? "0" : strerror(errno);
    /* book: end ask */

    printf("%-18s %-10s %-24s ", name, ready ? "ready" : "not ready",
        says);
    ssize_t got = read(fd, bytes, sizeof bytes);
    if (got >= 0)
        printf("%zd\n", got);
    else
        printf("%s\n", strerror(errno));
}

int
main(void)
{
    static const char text[] = "five\n";
    int quiet[2];

    epoll = epoll_create1(0);
    must(epoll != -1, "epoll_create1");
    must(pipe(quiet) == 0, "pipe");
    must(fcntl(quiet[0], F_SETFL, O_NONBLOCK) == 0, "fcntl");
    int file = open(
        "07-ready.tmp", O_RDWR | O_CREAT | O_TRUNC | O_NONBLOCK, 0600);
    must(file != -1, "07-ready.tmp");
    unlink("07-ready.tmp");
    must(write(file, text, 5) == 5, "write");
    must(lseek(file, 0, SEEK_SET) == 0, "lseek");

    printf("%-18s %-10s %-24s %s\n", "", "select()", "epoll_ctl()",
        "read()");
    ask_about("an empty pipe", quiet[0]);
    ask_about("a file", file);
    ask_about("the file's end", file);
    return 0;
}
