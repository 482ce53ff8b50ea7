#define _POSIX_C_SOURCE 200809L
#include <omp.h>
#include <stdio.h>
#include <time.h>

/*
 * The picture of 10-halves.c, smaller, drawn by two threads: in halves,
 * and row by row. Prints a timeline (harness/timeline.h) of the best of
 * RUNS runs each, since others use the machine too.
 */
enum { WIDTH = 60, HEIGHT = 60, MOST = 1000, TEAM = 2, RUNS = 500 };

struct run {
    double total_s;
    struct {
        int rows;
        double start_s, end_s;
    } thread[TEAM];
};

static volatile int pixels[HEIGHT][WIDTH];

static double
now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int
escape(double re, double im)
{
    double x = 0, y = 0;
    int steps = 0;

    while (steps < MOST && x * x + y * y < 4) {
        double next = x * x - y * y + re;
        y = 2 * x * y + im;
        x = next;
        steps++;
    }
    return steps;
}

static void
draw_row(int row, struct run *run, double zero_s)
{
    int self = omp_get_thread_num();

    if (run->thread[self].rows++ == 0)
        run->thread[self].start_s = now_s() - zero_s;
    for (int i = 0; i < WIDTH; i++)
        pixels[row][i] =
            escape(-2.1 + 2.8 * i / WIDTH, 1.2 - 1.2 * row / HEIGHT);
    run->thread[self].end_s = now_s() - zero_s;
}

static struct run
draw(omp_sched_t kind)
{
    struct run run = {0};
    double zero_s = now_s();

    omp_set_schedule(kind, 0);
#pragma omp parallel for num_threads(TEAM) schedule(runtime)
    for (int row = 0; row < HEIGHT; row++)
        draw_row(row, &run, zero_s);
    run.total_s = now_s() - zero_s;
    return run;
}

static void
show(const char *title, omp_sched_t kind)
{
    struct run best = draw(kind);

    for (int i = 1; i < RUNS; i++) {
        struct run run = draw(kind);
        if (run.total_s < best.total_s)
            best = run;
    }
    printf("chart\t%s\n", title);
    for (int i = 0; i < TEAM; i++) {
        printf("lane\tthread %d\t%d rows\n", i, best.thread[i].rows);
        printf("work\t%.6f\t%.6f\n", best.thread[i].start_s,
            best.thread[i].end_s);
        if (best.thread[i].end_s < best.total_s)
            printf("wait\t%.6f\t%.6f\n", best.thread[i].end_s,
                best.total_s);
    }
    printf("note\tDone after %.1f ms.\n", best.total_s * 1000);
}

int
main(void)
{
    show("Two halves", omp_sched_static);
    show("A row at a time, to whoever is free", omp_sched_dynamic);
    return 0;
}
