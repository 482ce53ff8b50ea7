#include "record.h"

#include "text.h"

#include <check.h>
#include <stdlib.h>

/* What a duel of nine pairs came to, at 1.04 times the reference's time. */
static struct timing
timing_of(enum speed speed, double ratio)
{
    return (struct timing){.speed = speed,
        .timed = true,
        .limit = 1.5,
        .none = 3,
        .ratio = ratio,
        .low = 0.994,
        .high = 1.086,
        .pairs = 9,
        .seconds = 2.17,
        .busy = 0.124,
        .steal = 0};
}

static void
expect_line(struct timing timing, const char *expected)
{
    char *line = record_timing_line(&timing);

    ck_assert_pstr_eq(line, expected);
    free(line);
}

START_TEST(the_line_has_ratio_interval_limit_pairs_seconds_and_busyness)
{
    expect_line(timing_of(SPEED_WITHIN, 1.04),
        "1.04x of the reference (95 % interval 0.99 to 1.09), limit 1.50x, "
        "9 pairs, 2.2 s; machine 12 % busy with other work");
}
END_TEST

START_TEST(where_nothing_was_timed_there_is_no_line)
{
    struct timing timing = timing_of(SPEED_UNSURE, 0);
    struct timing broken_off = timing_of(SPEED_NONE, 0);

    timing.pairs = 0;
    expect_line(timing, NULL);
    expect_line(broken_off, NULL);
    ck_assert_ptr_null(record_ratio_line(&timing));
    ck_assert_ptr_null(record_ratio_line(&broken_off));
}
END_TEST

START_TEST(one_pair_is_one_pair_and_too_few_for_an_interval)
{
    struct timing timing = timing_of(SPEED_UNSURE, 1.04);

    timing.pairs = 1;
    timing.low = timing.high = 0;
    expect_line(timing,
        "1.04x of the reference, limit 1.50x, 1 pair, 2.2 s; machine 12 % "
        "busy with other work");
    timing.pairs = 5;
    expect_line(timing,
        "1.04x of the reference, limit 1.50x, 5 pairs, 2.2 s; machine 12 % "
        "busy with other work");
}
END_TEST

START_TEST(what_is_not_known_of_the_machine_is_not_said)
{
    struct timing timing = timing_of(SPEED_WITHIN, 1.04);

    timing.busy = timing.steal = -1;
    expect_line(timing,
        "1.04x of the reference (95 % interval 0.99 to 1.09), limit 1.50x, "
        "9 pairs, 2.2 s");
}
END_TEST

START_TEST(time_that_other_machines_took_is_said_from_one_percent_on)
{
    struct timing timing = timing_of(SPEED_WITHIN, 1.04);

    timing.steal = 0.0099;
    expect_line(timing,
        "1.04x of the reference (95 % interval 0.99 to 1.09), limit 1.50x, "
        "9 pairs, 2.2 s; machine 12 % busy with other work");
    timing.steal = 0.07;
    expect_line(timing,
        "1.04x of the reference (95 % interval 0.99 to 1.09), limit 1.50x, "
        "9 pairs, 2.2 s; machine 12 % busy with other work, 7 % of its time "
        "taken by other machines");
    timing.busy = -1;
    expect_line(timing,
        "1.04x of the reference (95 % interval 0.99 to 1.09), limit 1.50x, "
        "9 pairs, 2.2 s; machine with 7 % of its time taken by other "
        "machines");
}
END_TEST

static void
expect_ratio(enum speed speed, double ratio, const char *expected)
{
    struct timing timing = timing_of(speed, ratio);
    char *line = record_ratio_line(&timing);

    ck_assert_pstr_eq(line, expected);
    free(line);
}

START_TEST(a_ratio_over_the_limit_never_looks_as_if_it_were_on_it)
{
    expect_ratio(SPEED_WITHIN, 1.4999, "1.50x of the reference");
    expect_ratio(SPEED_WITHIN, 1.5, "1.50x of the reference");
    expect_ratio(SPEED_SLOWER, 1.50004, "over 1.50x of the reference");
    expect_ratio(SPEED_SLOWER, 1.5004, "1.5004x of the reference");
    expect_ratio(SPEED_SLOWER, 1.504, "1.5040x of the reference");
    expect_ratio(SPEED_SLOWER, 1.506, "1.51x of the reference");
}
END_TEST

static void
expect_bound(struct timing timing, const char *expected)
{
    char *line = record_bound_line(&timing);

    ck_assert_pstr_eq(line, expected);
    free(line);
}

START_TEST(the_physical_limit_is_told_with_what_sets_it)
{
    struct timing timing = timing_of(SPEED_WITHIN, 1.04);

    timing.bound_s = 0.02;
    timing.bound_ratio = 1.311;
    timing.bound_reference = 1.029;
    expect_bound(timing, NULL);
    timing.bound_by = (char *)"the longest wait";
    expect_bound(timing,
        "The physical limit is 20.0 ms, set by the longest wait: you 1.31x "
        "of it, the reference 1.03x");
    timing.bound_s = 1.234;
    expect_bound(timing,
        "The physical limit is 1.23 s, set by the longest wait: you 1.31x "
        "of it, the reference 1.03x");
    timing.bound_ratio = 0;
    expect_bound(timing, NULL);
    timing.bound_ratio = 1.3;
    timing.speed = SPEED_NONE;
    expect_bound(timing, NULL);
}
END_TEST

/* The points of a program whose one test of right answers, one of rough
 * weather and one of proof passed, unless `failed`. */
struct score {
    int all, answers, speed, speed_max;
};

static struct score
score(int points_max, struct timing timing, bool failed)
{
    struct result tests[3] = {{.part = PART_ANSWERS}, {.part = PART_WEATHER},
        {.part = PART_PROOF,
            .state = failed ? STATE_FAIL : STATE_PASS,
            .verdict = failed ? VERDICT_BUSY_WAITING : VERDICT_ACCEPTED}};
    struct record record = {.points_max = points_max,
        .tests = tests,
        .test_count = 3,
        .timing = timing};

    record_conclude(&record);
    return (struct score){record.points, record.parts[PART_ANSWERS].points,
        record.parts[PART_SPEED].points, record.parts[PART_SPEED].points_max};
}

static void
expect_score(struct score seen, struct score expected)
{
    ck_assert_int_eq(seen.all, expected.all);
    ck_assert_int_eq(seen.answers, expected.answers);
    ck_assert_int_eq(seen.speed, expected.speed);
    ck_assert_int_eq(seen.speed_max, expected.speed_max);
}

START_TEST(within_the_limit_speed_has_a_tenth_and_all_of_it)
{
    expect_score(score(100, timing_of(SPEED_WITHIN, 1.04), false),
        (struct score){100, 40, 10, 10});
    expect_score(score(50, timing_of(SPEED_WITHIN, 1.5), false),
        (struct score){50, 21, 5, 5});
    expect_score(score(97, timing_of(SPEED_WITHIN, 0.2), false),
        (struct score){97, 40, 9, 9});
}
END_TEST

START_TEST(from_the_limit_on_its_points_fall_in_a_straight_line_to_none)
{
    static const struct {
        double ratio;
        int points;
    } line[] = {{1.65, 90}, {2.25, 50}, {2.4, 40}, {2.85, 10}, {3, 0},
        {3.1, 0}, {100, 0}};

    for (size_t i = 0; i < sizeof line / sizeof *line; i++) {
        struct score seen =
            score(1000, timing_of(SPEED_SLOWER, line[i].ratio), false);
        ck_assert_int_le(abs(seen.speed - line[i].points), 1);
        ck_assert_int_eq(seen.answers, 400);
        ck_assert_int_eq(seen.all, 900 + seen.speed);
    }
}
END_TEST

START_TEST(one_that_is_slower_never_keeps_all_of_them_by_rounding)
{
    expect_score(score(50, timing_of(SPEED_SLOWER, 1.6), false),
        (struct score){49, 21, 4, 5});
    expect_score(score(50, timing_of(SPEED_SLOWER, 1.5000001), false),
        (struct score){49, 21, 4, 5});
    expect_score(score(50, timing_of(SPEED_SLOWER, 1.49), false),
        (struct score){49, 21, 4, 5});
    expect_score(score(10, timing_of(SPEED_SLOWER, 1.5000001), false),
        (struct score){9, 5, 0, 1});
}
END_TEST

START_TEST(where_it_is_too_noisy_to_say_the_points_are_of_right_answers)
{
    expect_score(score(100, timing_of(SPEED_UNSURE, 2.5), false),
        (struct score){100, 50, 0, 0});
}
END_TEST

START_TEST(so_they_are_where_an_accepted_program_was_not_timed)
{
    expect_score(score(100, timing_of(SPEED_NONE, 0), false),
        (struct score){100, 50, 0, 0});
}
END_TEST

START_TEST(so_they_are_where_the_lab_is_not_timed_whatever_comes_of_it)
{
    struct timing timing = {.timed = false};

    expect_score(score(100, timing, false), (struct score){100, 50, 0, 0});
    expect_score(score(100, timing, true), (struct score){75, 50, 0, 0});
}
END_TEST

START_TEST(before_acceptance_none_of_them_is_earned)
{
    expect_score(score(100, timing_of(SPEED_NONE, 0), true),
        (struct score){65, 40, 0, 10});
}
END_TEST

START_TEST(a_lab_of_few_points_or_none_has_none_for_speed)
{
    expect_score(score(0, timing_of(SPEED_WITHIN, 1), false),
        (struct score){0, 0, 0, 0});
    expect_score(score(0, timing_of(SPEED_SLOWER, 4), false),
        (struct score){0, 0, 0, 0});
    expect_score(score(9, timing_of(SPEED_SLOWER, 4), false),
        (struct score){9, 5, 0, 0});
}
END_TEST

START_TEST(a_freed_timing_is_empty)
{
    struct timing timing = timing_of(SPEED_UNSURE, 1);

    timing.why = text_copy("It was noisy.");
    timing.bound_by = text_copy("the longest wait");
    timing.reference = text_zeroed(9, sizeof *timing.reference);
    timing.submission = text_zeroed(9, sizeof *timing.submission);
    record_timing_free(&timing);
    ck_assert_ptr_null(timing.why);
    ck_assert_int_eq(timing.pairs, 0);
    record_timing_free(&timing);
}
END_TEST

static TCase *
lines(void)
{
    TCase *tcase = tcase_create("lines");

    tcase_add_test(
        tcase, the_line_has_ratio_interval_limit_pairs_seconds_and_busyness);
    tcase_add_test(tcase, where_nothing_was_timed_there_is_no_line);
    tcase_add_test(tcase, one_pair_is_one_pair_and_too_few_for_an_interval);
    tcase_add_test(tcase, what_is_not_known_of_the_machine_is_not_said);
    tcase_add_test(
        tcase, time_that_other_machines_took_is_said_from_one_percent_on);
    tcase_add_test(
        tcase, a_ratio_over_the_limit_never_looks_as_if_it_were_on_it);
    tcase_add_test(tcase, the_physical_limit_is_told_with_what_sets_it);
    tcase_add_test(tcase, a_freed_timing_is_empty);
    return tcase;
}

static TCase *
points(void)
{
    TCase *tcase = tcase_create("points");

    tcase_add_test(tcase, within_the_limit_speed_has_a_tenth_and_all_of_it);
    tcase_add_test(
        tcase, from_the_limit_on_its_points_fall_in_a_straight_line_to_none);
    tcase_add_test(
        tcase, one_that_is_slower_never_keeps_all_of_them_by_rounding);
    tcase_add_test(
        tcase, where_it_is_too_noisy_to_say_the_points_are_of_right_answers);
    tcase_add_test(tcase, so_they_are_where_an_accepted_program_was_not_timed);
    tcase_add_test(
        tcase, so_they_are_where_the_lab_is_not_timed_whatever_comes_of_it);
    tcase_add_test(tcase, before_acceptance_none_of_them_is_earned);
    tcase_add_test(tcase, a_lab_of_few_points_or_none_has_none_for_speed);
    return tcase;
}

int
main(void)
{
    Suite *suite = suite_create("record: speed");

    suite_add_tcase(suite, lines());
    suite_add_tcase(suite, points());
    SRunner *sr = srunner_create(suite);
    srunner_run_all(sr, CK_ENV);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
