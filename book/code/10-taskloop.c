#include <omp.h>
#include <stdio.h>

/*
 * Whom does the library give the tasks of a taskloop to? Prints, for
 * 128 and for 129 tasks, how many each of two threads did.
 */
static void
share_out(size_t tasks)
{
    int done[2] = {0, 0};

#pragma omp parallel num_threads(2)
#pragma omp single
#pragma omp taskloop num_tasks(tasks)
    for (size_t i = 0; i < tasks; i++) {
        for (volatile int k = 0; k < 100000; k++) {
        }
        done[omp_get_thread_num()]++;
    }
    printf("%d %d\n", done[0], done[1]);
}

int
main(void)
{
    share_out(128);
    share_out(129);
    return 0;
}
