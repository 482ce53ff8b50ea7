#include "judge/bound_waits.h"
#include "suite.h"

#define MS INT64_C(1000000)

static void
is_named(const struct bound_waits *bound, const char *expected)
{
    struct text words = {0};

    bound_waits_words(bound, &words);
    ck_assert_str_eq(text_string(&words), expected);
    text_free(&words);
}

START_TEST(no_waits_cost_nothing)
{
    struct bound_waits bound = {.window = 8};

    bound_waits_add(&bound, NULL, 0);
    ck_assert_double_eq(bound.seconds, 0);
    is_named(&bound, "all waits over the window of 8");
}
END_TEST

START_TEST(a_long_wait_is_waited_for)
{
    const int64_t waits[] = {5 * MS, 40 * MS, 5 * MS, 10 * MS};
    struct bound_waits bound = {.window = 2};

    bound_waits_add(&bound, waits, 4);
    ck_assert_double_eq_tol(bound.seconds, 0.040, 1e-12);
    is_named(&bound, "the longest wait of each call");
}
END_TEST

START_TEST(the_window_shares_the_sum)
{
    const int64_t waits[] = {10 * MS, 20 * MS, 30 * MS, 20 * MS};
    const struct {
        int window;
        double seconds;
    } tries[] = {{1, 0.080}, {2, 0.040}, {3, 0.030}, {1000, 0.030}};

    for (int i = 0; i < 4; i++) {
        struct bound_waits bound = {.window = tries[i].window};
        bound_waits_add(&bound, waits, 4);
        ck_assert_double_eq_tol(bound.seconds, tries[i].seconds, 1e-12);
    }
}
END_TEST

START_TEST(where_both_cost_as_much_it_is_the_window)
{
    const int64_t waits[] = {10 * MS, 10 * MS};
    struct bound_waits bound = {.window = 2};

    bound_waits_add(&bound, waits, 2);
    ck_assert_double_eq_tol(bound.seconds, 0.010, 1e-12);
    is_named(&bound, "all waits over the window of 2");
}
END_TEST

START_TEST(calls_add_up_and_the_greater_part_is_named)
{
    const int64_t one[] = {10 * MS}, many[] = {6 * MS, 6 * MS, 6 * MS, 6 * MS};
    struct bound_waits bound = {.window = 2};

    bound_waits_add(&bound, one, 1);
    is_named(&bound, "the longest wait of each call");
    bound_waits_add(&bound, many, 4);
    ck_assert_double_eq_tol(bound.seconds, 0.022, 1e-12);
    is_named(&bound, "all waits over the window of 2");
}
END_TEST

START_TEST(a_wait_that_never_ended_counts_as_none)
{
    const int64_t waits[] = {10 * MS, -1, 10 * MS, 10 * MS};
    struct bound_waits bound = {.window = 2};

    bound_waits_add(&bound, waits, 4);
    ck_assert_double_eq_tol(bound.seconds, 0.015, 1e-12);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("bound_waits");
    TCase *tcase = suite_section(suite, "what waiting costs at least");

    tcase_add_test(tcase, no_waits_cost_nothing);
    tcase_add_test(tcase, a_long_wait_is_waited_for);
    tcase_add_test(tcase, the_window_shares_the_sum);
    tcase_add_test(tcase, where_both_cost_as_much_it_is_the_window);
    tcase_add_test(tcase, calls_add_up_and_the_greater_part_is_named);
    tcase_add_test(tcase, a_wait_that_never_ended_counts_as_none);
    return suite_run(suite);
}
