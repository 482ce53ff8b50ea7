/*
 * What does a save cost? 51 times a hundred bytes over the file that
 * stood there, the plain way, and the safe one. The files are made in
 * the directory it is started in.
 */
#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { TIMES = 51, LENGTH = 100 };

static const char file[] = "02-sync.saved", temp[] = "02-sync.temp";
static const char text[LENGTH];

static double
now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void
must(int went_well)
{
    if (went_well)
        return;
    perror("02-sync");
    exit(1);
}

static void
plain(void)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    must(write(fd, text, LENGTH) == LENGTH);
    must(close(fd) == 0);
}

static void
safe(void)
{
    int dir = open(".", O_RDONLY);
    int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    must(write(fd, text, LENGTH) == LENGTH);
    must(fsync(fd) == 0 && close(fd) == 0);
    must(rename(temp, file) == 0);
    must(fsync(dir) == 0 && close(dir) == 0);
}

static int
by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double
took_ms(void (*save)(void))
{
    double start_ms = now_ms();

    save();
    return now_ms() - start_ms;
}

static double
median(double values[TIMES])
{
    qsort(values, TIMES, sizeof values[0], by_size);
    return values[TIMES / 2];
}

int
main(void)
{
    double plain_ms[TIMES], safe_ms[TIMES];

    /* In turns, so that both meet the same neighbours at the disk. */
    for (int i = 0; i < TIMES; i++) {
        plain_ms[i] = took_ms(plain);
        safe_ms[i] = took_ms(safe);
    }
    unlink(file);
    printf("to save %d bytes, the median of %d:\n", LENGTH, TIMES);
    printf("truncate and write %8.2f ms\n", median(plain_ms));
    printf("safely             %8.2f ms\n", median(safe_ms));
    return 0;
}
