#include <stdio.h>
#include <string.h>

/*
 * 1 + 1/2 + 1/3 + … + 1/1000000, five times for each team of 1 to 8.
 * How many different sums are there? What all of them begin with is
 * left out.
 */
enum { TERMS = 1000000, RUNS = 5, MOST_TEAM = 8 };

static const char begin[] = "14.39272672286";

static double seen[RUNS * MOST_TEAM];
static int seen_count;

static double
add_up(int threads)
{
    /* book: reduction */
    double sum = 0;

#pragma omp parallel for num_threads(threads) reduction(+ : sum)       \
    schedule(dynamic, 1000)
    for (int i = 1; i <= TERMS; i++)
        sum += 1.0 / i;
    /* book: end reduction */
    return sum;
}

static void
note(double sum)
{
    for (int i = 0; i < seen_count; i++) {
        if (seen[i] == sum)
            return;
    }
    seen[seen_count++] = sum;
}

static void
show(double sum)
{
    char digits[32];

    snprintf(digits, sizeof digits, "%.15f", sum);
    if (strncmp(digits, begin, strlen(begin)) == 0)
        printf(" %s", digits + strlen(begin));
    else
        printf(" %s", digits);
}

int
main(void)
{
    for (int threads = 1; threads <= MOST_TEAM; threads++) {
        printf("threads: %d  …", threads);
        for (int run = 0; run < RUNS; run++) {
            double sum = add_up(threads);
            show(sum);
            note(sum);
        }
        printf("\n");
    }
    printf(
        "%d runs, %d different sums\n", RUNS * MOST_TEAM, seen_count);
    return 0;
}
