#include "stats.h"
#include "chance.h"
#include "suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- The median --- */

START_TEST(the_median_is_the_middle_one_or_the_mean_of_the_middle_two)
{
    double one[] = {7}, odd[] = {9, -1, 4}, even[] = {8, 1, 2, 5};

    ck_assert(stats_median(one, 1) == 7);
    ck_assert(stats_median(odd, 3) == 4);
    ck_assert(stats_median(even, 4) == 3.5);
}
END_TEST

START_TEST(the_median_leaves_the_values_sorted_and_knows_infinity)
{
    double values[] = {3, INFINITY, 1, 2, 2};
    const double sorted[] = {1, 2, 2, 3, INFINITY};

    ck_assert(stats_median(values, 5) == 2);
    ck_assert_mem_eq(values, sorted, sizeof sorted);
    ck_assert(isinf(stats_median(values + 4, 1)));
}
END_TEST

/* --- The interval --- */

/* Which of the values 0, 1, … count - 1 the interval ends at. */
static bool
ends(size_t count, double confidence, double *low, double *high)
{
    double sorted[STATS_MOST];

    for (size_t i = 0; i < count; i++)
        sorted[i] = (double)i;
    *low = *high = -1;
    return stats_median_interval(sorted, count, confidence, low, high);
}

static void
expect_ends(size_t count, double confidence, double low, double high)
{
    double seen_low, seen_high;

    ck_assert(ends(count, confidence, &seen_low, &seen_high));
    ck_assert_msg(seen_low == low && seen_high == high,
        "%zu values, %g: %g to %g, not %g to %g", count, confidence, seen_low,
        seen_high, low, high);
}

START_TEST(of_five_values_or_fewer_no_interval_can_be_had)
{
    double low, high;

    /* 2 / 2^5 is more than 0.05. */
    for (size_t count = 1; count <= 5; count++) {
        ck_assert(!ends(count, 0.95, &low, &high));
        ck_assert(low == -1 && high == -1);
    }
}
END_TEST

/*
 * By hand: how many of 2^n ways n coins can fall have fewer than k of one
 * kind. Twice that many are to be at most 0.05 * 2^n.
 *   6: 2 * 1 of 64, but 2 * 7 are too many (3.2).
 *   9: 2 * (1 + 9) of 512, but with 36 more too many (25.6).
 *  10: 2 * (1 + 10) of 1,024, but with 45 more too many (51.2).
 *  20: 2 * (1 + 20 + 190 + 1,140 + 4,845 + 15,504) of 1,048,576, but with
 *      38,760 more too many (52,428.8).
 * 100: the 40th and the 61st (Conover, Practical Nonparametric Statistics).
 */
START_TEST(the_interval_ends_where_it_does_when_counted_by_hand)
{
    expect_ends(6, 0.95, 0, 5);
    expect_ends(9, 0.95, 1, 7);
    expect_ends(10, 0.95, 1, 8);
    expect_ends(20, 0.95, 5, 14);
    expect_ends(100, 0.95, 39, 60);
}
END_TEST

START_TEST(a_confidence_that_is_just_reached_is_reached)
{
    expect_ends(1, 0, 0, 0);
    expect_ends(2, 0.5, 0, 1);       /* 1 - 2 / 4 */
    expect_ends(3, 0.75, 0, 2);      /* 1 - 2 / 8 */
    expect_ends(5, 0.9375, 0, 4);    /* 1 - 2 / 32 */
    expect_ends(9, 0.9609375, 1, 7); /* 1 - 20 / 512 */
    expect_ends(9, 0.961, 0, 8);
}
END_TEST

/* As whole numbers: 40 times the ways that miss on one side, of 2^count. */
START_TEST(no_interval_further_inwards_would_do)
{
    for (size_t count = 6; count <= 50; count++) {
        uint64_t ways = 1, outside = 0;
        uint64_t all = UINT64_C(1) << count;
        size_t k = 0;

        while (40 * (outside + ways) <= all) {
            outside += ways;
            ways = ways * (count - k) / (k + 1);
            k++;
        }
        expect_ends(count, 0.95, (double)k - 1, (double)(count - k));
    }
}
END_TEST

START_TEST(the_interval_of_as_many_values_as_there_may_be_is_found)
{
    /* By the normal approximation: 1000 / 2 - 1.96 sqrt(1000) / 2 is 469. */
    expect_ends(1000, 0.95, 468, 531);
}
END_TEST

START_TEST(ties_are_values_like_others)
{
    const double same[] = {2, 2, 2, 2, 2, 2};
    const double some[] = {1, 1, 1, 3, 3, 3, 3, 3, 9};
    double low, high;

    ck_assert(stats_median_interval(same, 6, 0.95, &low, &high));
    ck_assert(low == 2 && high == 2);
    ck_assert(stats_median_interval(some, 9, 0.95, &low, &high));
    ck_assert(low == 1 && high == 3);
}
END_TEST

enum { SAMPLES = 20000 };

static double
draw_skewed(struct chance *chance)
{
    return -log(chance_share(chance)); /* exponential: median log 2 */
}

/* Its median is 1/2: P(X < 1/2) is 0.39, P(X <= 1/2) is 0.63. */
static double
draw_in_steps(struct chance *chance)
{
    return floor(2 * draw_skewed(chance)) / 2;
}

/* In how many of SAMPLES samples does the interval hold the median? */
static int
count_covered(double (*draw)(struct chance *chance), double median,
    size_t count, double confidence)
{
    struct chance chance = {count};
    double values[STATS_MOST], low, high;
    int covered = 0;

    for (int sample = 0; sample < SAMPLES; sample++) {
        for (size_t i = 0; i < count; i++)
            values[i] = draw(&chance);
        stats_median(values, count);
        ck_assert(
            stats_median_interval(values, count, confidence, &low, &high));
        covered += low <= median && median <= high;
    }
    printf("%zu values, seed %zu: %d of %d\n", count, count, covered, SAMPLES);
    return covered;
}

static const size_t sizes[] = {6, 9, 10, 20, 60};

START_TEST(the_interval_covers_the_median_of_a_skewed_distribution)
{
    ck_assert_int_ge(
        count_covered(draw_skewed, log(2), sizes[_i], 0.95), 19000);
}
END_TEST

START_TEST(the_interval_covers_the_median_where_values_are_often_the_same)
{
    ck_assert_int_ge(
        count_covered(draw_in_steps, 0.5, sizes[_i], 0.95), 19000);
}
END_TEST

/* It is a test of something: two order statistics further inwards cover it
 * too seldom. */
START_TEST(an_interval_for_less_confidence_covers_it_too_seldom)
{
    ck_assert_int_lt(count_covered(draw_skewed, log(2), 20, 0.85), 19000);
}
END_TEST

/* --- The wealth --- */

static void
expect_wealth(unsigned n, unsigned x, double expected)
{
    double seen = stats_sign_wealth(n, x);

    ck_assert_msg(fabs(seen - expected) <= 1e-12 * expected,
        "E(%u, %u) is %.17g, not %.17g", n, x, seen, expected);
}

START_TEST(wealth_is_what_it_is_when_worked_out_by_hand)
{
    expect_wealth(0, 0, 1);
    expect_wealth(1, 1, 1.7);   /* (1.5 + 1.9) / 2 */
    expect_wealth(1, 0, 0.3);   /* (0.5 + 0.1) / 2 */
    expect_wealth(2, 1, 0.47);  /* (0.75 + 0.19) / 2 */
    expect_wealth(3, 3, 5.117); /* (3.375 + 6.859) / 2 */
    expect_wealth(3, 2, 0.743); /* (1.125 + 0.361) / 2 */
    expect_wealth(9, 9, 180.565528577);
    expect_wealth(12, 12, 1171.530628478393);
}
END_TEST

/* E(n, x) = (3^x 5^n + 19^x) / (2 * 10^n): whole numbers over whole numbers,
 * as long as 19^n fits. */
START_TEST(wealth_is_its_closed_form_in_whole_numbers)
{
    for (unsigned n = 0; n <= 15; n++) {
        for (unsigned x = 0; x <= n; x++) {
            uint64_t fifteen = 1, nineteen = 1, ten = 1;
            for (unsigned i = 0; i < n; i++) {
                fifteen *= i < x ? 15 : 5;
                nineteen *= i < x ? 19 : 1;
                ten *= 10;
            }
            expect_wealth(
                n, x, (double)(fifteen + nineteen) / (2 * (double)ten));
        }
    }
}
END_TEST

/* A fair coin neither adds to it nor takes from it. */
START_TEST(wealth_is_a_fair_game_at_the_limit)
{
    for (unsigned n = 0; n < 1000; n++) {
        for (unsigned x = 0; x <= n; x++) {
            double now = stats_sign_wealth(n, x);
            double then = (stats_sign_wealth(n + 1, x + 1) +
                              stats_sign_wealth(n + 1, x)) /
                          2;
            ck_assert_msg(fabs(then - now) <= 1e-9 * now,
                "E(%u, %u) is %g, and %g after a coin", n, x, now, then);
        }
    }
}
END_TEST

/* The first n at which n - missed of n make it so rich. */
static unsigned
first_rich(double wealth, unsigned missed)
{
    unsigned n = missed;

    while (stats_sign_wealth(n, n - missed) < wealth)
        n++;
    return n;
}

START_TEST(a_hundred_and_a_thousand_are_first_reached_when_they_should_be)
{
    ck_assert(stats_sign_wealth(8, 8) < 100);
    ck_assert(stats_sign_wealth(9, 9) >= 100);
    ck_assert(stats_sign_wealth(11, 11) < 1000);
    ck_assert(stats_sign_wealth(12, 12) >= 1000);
    ck_assert_uint_eq(first_rich(100, 1), 13);
    ck_assert_uint_eq(first_rich(100, 3), 21);
    ck_assert_uint_eq(first_rich(1000, 1), 17);
    ck_assert_uint_eq(first_rich(1000, 3), 25);
}
END_TEST

START_TEST(wealth_too_large_or_too_small_for_a_double_is_neither_nan)
{
    ck_assert(isinf(stats_sign_wealth(1000000, 1000000)));
    ck_assert(stats_sign_wealth(1000000, 0) == 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("stats");
    TCase *median = suite_section(suite, "the median");
    TCase *interval = suite_section(suite, "its interval");
    TCase *wealth = suite_section(suite, "the wealth");
    int count = sizeof sizes / sizeof sizes[0];

    tcase_add_test(
        median, the_median_is_the_middle_one_or_the_mean_of_the_middle_two);
    tcase_add_test(
        median, the_median_leaves_the_values_sorted_and_knows_infinity);
    tcase_add_test(interval, of_five_values_or_fewer_no_interval_can_be_had);
    tcase_add_test(
        interval, the_interval_ends_where_it_does_when_counted_by_hand);
    tcase_add_test(interval, a_confidence_that_is_just_reached_is_reached);
    tcase_add_test(interval, no_interval_further_inwards_would_do);
    tcase_add_test(
        interval, the_interval_of_as_many_values_as_there_may_be_is_found);
    tcase_add_test(interval, ties_are_values_like_others);
    tcase_add_loop_test(interval,
        the_interval_covers_the_median_of_a_skewed_distribution, 0, count);
    tcase_add_loop_test(interval,
        the_interval_covers_the_median_where_values_are_often_the_same, 0,
        count);
    tcase_add_test(
        interval, an_interval_for_less_confidence_covers_it_too_seldom);
    tcase_add_test(wealth, wealth_is_what_it_is_when_worked_out_by_hand);
    tcase_add_test(wealth, wealth_is_its_closed_form_in_whole_numbers);
    tcase_add_test(wealth, wealth_is_a_fair_game_at_the_limit);
    tcase_add_test(wealth,
        a_hundred_and_a_thousand_are_first_reached_when_they_should_be);
    tcase_add_test(
        wealth, wealth_too_large_or_too_small_for_a_double_is_neither_nan);
    return suite_run(suite);
}
