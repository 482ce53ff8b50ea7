/*
 * What a file costs: a block read that is in the page cache, and one
 * that is not; a record written, one brought to the disk, and fifty
 * brought there together. The file is made in the directory it is
 * started in, with O_NONBLOCK, which changes nothing.
 */
#define _GNU_SOURCE

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TIMES = 51, BLOCK = 4096, APART = 1 << 20, TOGETHER = 50 };

static char block[BLOCK];
static int fd;
static off_t end;

static double
now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void
must(int went_well)
{
    if (went_well)
        return;
    perror("07-disk");
    exit(1);
}

static void
forget(void)
{
    must(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0);
}

static void
nothing(void)
{
}

/* The blocks lie far apart, so that none is read ahead with another. */
static void
read_one(int i)
{
    must(pread(fd, block, BLOCK, (off_t)i * APART) == BLOCK);
}

static void
write_one(int i)
{
    (void)i;
    must(pwrite(fd, block, 100, end) == 100);
    end += 100;
}

static void
write_and_sync(int i)
{
    write_one(i);
    must(fdatasync(fd) == 0);
}

static void
write_many_and_sync(int i)
{
    for (int k = 0; k < TOGETHER; k++)
        write_one(i);
    must(fdatasync(fd) == 0);
}

static int
by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void
measure(const char *name, void (*before)(void), void (*step)(int))
{
    double took_us[TIMES];

    for (int i = 0; i < TIMES; i++) {
        before();
        double start_us = now_us();
        step(i);
        took_us[i] = now_us() - start_us;
    }
    qsort(took_us, TIMES, sizeof took_us[0], by_size);
    printf("%-34s %9.1f us\n", name, took_us[TIMES / 2]);
}

int
main(void)
{
    static const char file[] = "07-disk.tmp";

    fd = open(file, O_RDWR | O_CREAT | O_TRUNC | O_NONBLOCK, 0600);
    must(fd != -1);
    unlink(file);
    for (int i = 0; i < TIMES; i++)
        must(pwrite(fd, block, BLOCK, (off_t)i * APART) == BLOCK);
    must(fsync(fd) == 0);
    end = (off_t)TIMES * APART;
    measure("read a block that is in memory", nothing, read_one);
    measure("read a block that is not", forget, read_one);
    measure("write a record", nothing, write_one);
    measure("write a record, and sync", nothing, write_and_sync);
    measure(
        "write fifty records, and sync", nothing, write_many_and_sync);
    return 0;
}
