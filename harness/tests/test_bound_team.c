#include "judge/bound_team.h"
#include "suite.h"

static void
has_words(const struct bound_team *bound, const char *expected)
{
    struct text words = {0};

    bound_team_words(bound, &words);
    ck_assert_str_eq(text_string(&words), expected);
    text_free(&words);
}

START_TEST(equal_items_are_shared_out_by_the_team)
{
    struct bound_team bound = {.team = 2, .cores = 16};

    bound_team_add(&bound, 12, 1);
    ck_assert_double_eq(bound.seconds, 6);
    has_words(&bound, "the time of all items, on 2 of 16 cores");
}
END_TEST

START_TEST(no_more_work_at_once_than_there_are_cores)
{
    struct bound_team three = {.team = 4, .cores = 3};
    struct bound_team one = {.team = 4, .cores = 1};

    bound_team_add(&three, 12, 1);
    ck_assert_double_eq(three.seconds, 4);
    has_words(&three, "the time of all items, on 3 of 3 cores");
    bound_team_add(&one, 12, 1);
    ck_assert_double_eq(one.seconds, 12);
    has_words(&one, "the time of all items, on 1 of 1 core");
}
END_TEST

START_TEST(nobody_is_done_before_the_longest_item)
{
    struct bound_team bound = {.team = 2, .cores = 2};

    bound_team_add(&bound, 12, 7);
    ck_assert_double_eq(bound.seconds, 7);
    has_words(&bound, "the longest item of each call");
}
END_TEST

START_TEST(calls_add_up_and_the_greater_part_gives_the_words)
{
    struct bound_team bound = {.team = 2, .cores = 2};

    bound_team_add(&bound, 4, 3);
    bound_team_add(&bound, 6, 1);
    ck_assert_double_eq(bound.seconds, 6);
    ck_assert_double_eq(bound.longest_s, 3);
    has_words(&bound, "the time of all items, on 2 of 2 cores");
    bound_team_add(&bound, 1, 1);
    ck_assert_double_eq(bound.seconds, 7);
    has_words(&bound, "the longest item of each call");
}
END_TEST

START_TEST(no_call_and_no_item_cost_nothing)
{
    struct bound_team bound = {.team = 2, .cores = 2};

    bound_team_add(&bound, 0, 0);
    ck_assert_double_eq(bound.seconds, 0);
    has_words(&bound, "the time of all items, on 2 of 2 cores");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("bound_team");
    TCase *tcase = suite_section(suite, "What no team can be faster than");

    tcase_add_test(tcase, equal_items_are_shared_out_by_the_team);
    tcase_add_test(tcase, no_more_work_at_once_than_there_are_cores);
    tcase_add_test(tcase, nobody_is_done_before_the_longest_item);
    tcase_add_test(tcase, calls_add_up_and_the_greater_part_gives_the_words);
    tcase_add_test(tcase, no_call_and_no_item_cost_nothing);
    return suite_run(suite);
}
