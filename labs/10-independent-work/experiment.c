#include "clock.h"
#include "warn.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/*
 * Six schedules on the same triangular work: item i takes i + 1 units
 * of time. The items sleep, so that a team of eight fits on any
 * machine, and nothing but the schedule makes a difference.
 *
 * What is printed is a timeline (harness/timeline.h): a lane a thread.
 */
enum { ITEMS = 64, TEAM = 8 };

static const double unit_s = 0.001;

static struct {
    int thread;
    double start_s, end_s;
} log_of[ITEMS];

static void
work_on(int item, double zero_s)
{
    double takes_s = (item + 1) * unit_s;
    struct timespec wait = {0, (long)(takes_s * 1e9)};

    log_of[item].thread = omp_get_thread_num();
    log_of[item].start_s = clock_now_s() - zero_s;
    nanosleep(&wait, NULL);
    log_of[item].end_s = clock_now_s() - zero_s;
}

/* Returns how long it took. */
static double
run_team(omp_sched_t kind, int chunk, int longest_first)
{
    double zero_s = clock_now_s();

    omp_set_schedule(kind, chunk);
#pragma omp parallel for schedule(runtime) num_threads(TEAM)
    for (int i = 0; i < ITEMS; i++)
        work_on(longest_first ? ITEMS - 1 - i : i, zero_s);
    return clock_now_s() - zero_s;
}

static int
by_start(const void *a, const void *b)
{
    double x = log_of[*(const int *)a].start_s;
    double y = log_of[*(const int *)b].start_s;

    return (x > y) - (x < y);
}

/* A thread works on its items, and waits for the others at the end. */
static void
draw_thread(int thread, double total_s)
{
    int mine[ITEMS], count = 0;
    double works_s = 0, end_s = 0;

    for (int i = 0; i < ITEMS; i++) {
        if (log_of[i].thread == thread)
            mine[count++] = i;
    }
    qsort(mine, (size_t)count, sizeof mine[0], by_start);
    for (int k = 0; k < count; k++)
        works_s += log_of[mine[k]].end_s - log_of[mine[k]].start_s;
    printf("lane\tthread %d\t%2d items, %3.0f %%\n", thread, count,
        100 * works_s / total_s);
    for (int k = 0; k < count; k++) {
        printf("work\t%.6f\t%.6f\n", log_of[mine[k]].start_s,
            log_of[mine[k]].end_s);
        end_s = log_of[mine[k]].end_s;
    }
    printf("wait\t%.6f\t%.6f\n", end_s, total_s);
}

static void
show(const char *title, omp_sched_t kind, int chunk, int longest_first)
{
    double sum_s = ITEMS * (ITEMS + 1) / 2 * unit_s;
    double longest_s = ITEMS * unit_s;
    double bound_s =
        sum_s / TEAM > longest_s ? sum_s / TEAM : longest_s;
    double total_s = run_team(kind, chunk, longest_first);

    printf("chart\t%s\n", title);
    for (int thread = 0; thread < TEAM; thread++)
        draw_thread(thread, total_s);
    printf("note\t%.2f s, %.2f times the least that is possible.\n",
        total_s, total_s / bound_s);
}

int
main(void)
{
    warn_program("experiment");
    /* Threads are made once, and before anything is timed. */
    run_team(omp_sched_dynamic, 1, 1);
    printf(
        "note\tItems 1 to %d take 1 to %d ms, and a team of %d "
        "shares them. Together they take %.2f s and the longest %.3f "
        "s, so nobody can be done before %.2f s.\n",
        ITEMS, ITEMS, TEAM, ITEMS * (ITEMS + 1) / 2 * unit_s,
        ITEMS * unit_s, ITEMS * (ITEMS + 1) / 2 * unit_s / TEAM);
    show("schedule(static): eight in a row each", omp_sched_static, 0,
        0);
    show("schedule(static, 1): every eighth", omp_sched_static, 1, 0);
    show("schedule(dynamic, 16): sixteen at a time", omp_sched_dynamic,
        16, 0);
    show("schedule(guided): ever smaller portions", omp_sched_guided, 0,
        0);
    show("schedule(dynamic): one at a time", omp_sched_dynamic, 1, 0);
    show("schedule(dynamic), the longest first", omp_sched_dynamic, 1,
        1);
    return 0;
}
