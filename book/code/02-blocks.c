/*
 * One mebibyte from a file to /dev/null, in blocks of several sizes.
 * Prints the best of five runs of each.
 */
#define _POSIX_C_SOURCE 200809L

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { LENGTH = 1024 * 1024, RUNS = 5 };

static char block[LENGTH];

static double
now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Right on a fine day only, which a file and /dev/null have. Returns
 * how many reads it made. */
static long
copy(int in, int out, size_t size)
{
    ssize_t got;
    long reads = 1;

    for (; (got = read(in, block, size)) > 0; reads++) {
        if (write(out, block, (size_t)got) != got)
            exit(1);
    }
    return reads;
}

int
main(void)
{
    static const size_t sizes[] = {1, 64, 2048, 65536};
    FILE *in = tmpfile();
    int out = open("/dev/null", O_WRONLY);

    if (in == NULL || out == -1)
        return 1;
    if (fwrite(block, 1, LENGTH, in) != LENGTH || fflush(in) != 0)
        return 1;
    printf("%12s %10s %14s\n", "block, bytes", "reads", "milliseconds");
    for (int i = 0; i < 4; i++) {
        double best_ms = 1e9;
        long reads = 0;
        for (int run = 0; run < RUNS; run++) {
            lseek(fileno(in), 0, SEEK_SET);
            double start_ms = now_ms();
            reads = copy(fileno(in), out, sizes[i]);
            double took_ms = now_ms() - start_ms;
            best_ms = took_ms < best_ms ? took_ms : best_ms;
        }
        printf("%12zu %10ld %14.2f\n", sizes[i], reads, best_ms);
    }
    return 0;
}
