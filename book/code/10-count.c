#include <stdio.h>

/* Two threads count to twenty million, or so it was meant. */
int
main(void)
{
    /* book: count */
    int count = 0;

#pragma omp parallel for num_threads(2)
    for (int i = 0; i < 20000000; i++)
        count++;
    printf("%d\n", count);
    /* book: end count */
    return 0;
}
