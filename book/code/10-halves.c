#include <stdio.h>
#include <string.h>

/*
 * The Mandelbrot set above its axis, and what it costs. A point is
 * drawn by repeating a step until it has escaped, at most MOST times.
 *
 * Prints the steps of the first 300 rows and of the last 300. With the
 * argument `rows`, those of each row; with `cells`, those of each CELL
 * by CELL points, row by row.
 */
enum { WIDTH = 1200, HEIGHT = 600, MOST = 1000, CELL = 10 };

/* Steps until a point of the plane escapes. */
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

/* Steps of a row from one point to another; row 0 is the top one. */
static long
cost_of(int row, int from, int to)
{
    long steps = 0;

    for (int i = from; i < to; i++)
        steps +=
            escape(-2.1 + 2.8 * i / WIDTH, 1.2 - 1.2 * row / HEIGHT);
    return steps;
}

static long
cost_of_row(int row)
{
    return cost_of(row, 0, WIDTH);
}

static void
print_cells(void)
{
    for (int row = 0; row < HEIGHT; row += CELL) {
        for (int i = 0; i < WIDTH; i += CELL) {
            long steps = 0;
            for (int k = 0; k < CELL; k++)
                steps += cost_of(row + k, i, i + CELL);
            printf("%ld ", steps);
        }
        putchar('\n');
    }
}

int
main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "cells") == 0) {
        print_cells();
        return 0;
    }
    if (argc > 1) {
        for (int row = 0; row < HEIGHT; row++)
            printf("%ld\n", cost_of_row(row));
        return 0;
    }
    /* book: halves */
    long top = 0, bottom = 0;

    for (int row = 0; row < HEIGHT / 2; row++)
        top += cost_of_row(row);
    for (int row = HEIGHT / 2; row < HEIGHT; row++)
        bottom += cost_of_row(row);
    printf("%ld %ld\n", top, bottom);
    /* book: end halves */
    return 0;
}
