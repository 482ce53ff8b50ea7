#include <omp.h>
#include <stdio.h>

/* A team with and without `for`: who does how many of eight rows? */
enum { ROWS = 8, TEAM = 4 };

static int rows_of[TEAM];

static void
draw_row(int row)
{
    (void)row; /* nothing to draw here: only count */
    rows_of[omp_get_thread_num()]++;
}

static void
show(const char *what)
{
    printf("%s:", what);
    for (int thread = 0; thread < TEAM; thread++) {
        printf(" %d", rows_of[thread]);
        rows_of[thread] = 0;
    }
    printf("\n");
}

int
main(void)
{
    /* book: parallel */
#pragma omp parallel num_threads(TEAM)
    for (int row = 0; row < ROWS; row++)
        draw_row(row);
    /* book: end parallel */
    show("parallel");

    /* book: parallel-for */
#pragma omp parallel for num_threads(TEAM)
    for (int row = 0; row < ROWS; row++)
        draw_row(row);
    /* book: end parallel-for */
    show("parallel for");
    return 0;
}
