/*
 * Two ways to wait one second for one byte: ask in a circle, or sit
 * down. Prints how often the pipe refused and what the processor spent;
 * with --tsv, the same as a timeline (harness/timeline.h).
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static long refusals;

/* How a waiter reads up to n bytes of a non-blocking descriptor. */
typedef ssize_t waiter(int fd, char *b, size_t n);

static ssize_t
ask_in_a_circle(int fd, char *b, size_t n)
{
    ssize_t got;

    /* book: spin */
    while ((got = read(fd, b, n)) == -1 && errno == EAGAIN)
        refusals++; /* ask, ask, ask */
    /* book: end spin */
    return got;
}

static ssize_t
sit_down(int fd, char *b, size_t n)
{
    ssize_t got;

    while ((got = read(fd, b, n)) == -1 && errno == EAGAIN) {
        refusals++;
        /* book: chair */
        struct pollfd chair = {.fd = fd, .events = POLLIN};

        int ready = poll(&chair, 1, -1); /* one chair, no time limit */
        /* book: end chair */
        if (ready == -1)
            return -1;
    }
    return got;
}

static double
seconds(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The reading end of a pipe into which a child puts a byte, in a
 * second. */
static int
byte_in_a_second(void)
{
    int ends[2];

    if (pipe(ends) == -1 || fcntl(ends[0], F_SETFL, O_NONBLOCK) == -1)
        exit(1);
    if (fork() == 0) {
        nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
        _exit(write(ends[1], "!", 1) != 1);
    }
    close(ends[1]);
    return ends[0];
}

static void
measure(const char *name, waiter *wait_for_byte, int tsv)
{
    char byte;
    int fd = byte_in_a_second();
    double wall = seconds(CLOCK_MONOTONIC);
    double busy = seconds(CLOCK_PROCESS_CPUTIME_ID);

    refusals = 0;
    if (wait_for_byte(fd, &byte, 1) != 1)
        exit(1);
    wall = seconds(CLOCK_MONOTONIC) - wall;
    busy = seconds(CLOCK_PROCESS_CPUTIME_ID) - busy;
    close(fd);
    if (tsv) {
        printf("lane\t%s\t%ld\n", name, refusals);
        printf("work\t0\t%.6f\n", busy);
        printf("wait\t%.6f\t%.6f\n", busy, wall);
    } else {
        printf("%s: %ld refusal%s, ", name, refusals,
            refusals == 1 ? "" : "s");
        printf("%.4f of %.2f s at work\n", busy, wall);
    }
}

int
main(int argc, char **argv)
{
    int tsv = argc == 2 && strcmp(argv[1], "--tsv") == 0;

    if (tsv)
        printf("chart\tOne second, one byte\n");
    measure("in a circle", ask_in_a_circle, tsv);
    measure("in poll()", sit_down, tsv);
    return 0;
}
