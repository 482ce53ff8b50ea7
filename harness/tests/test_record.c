#include "record.h"

#include "text.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* A record of a lab of `points_max` points whose tests are spelled out:
 * one word a test, the part (a, w or p) and the state (+ pass, - fail,
 * ? could not check, * waived). */
static struct record *
record_of(int points_max, const char *tests)
{
    struct record *record = text_zeroed(1, sizeof *record);

    record->points_max = points_max;
    record->tests = text_zeroed(strlen(tests), sizeof *record->tests);
    for (const char *at = tests; *at != '\0'; at += at[2] == ' ' ? 3 : 2) {
        struct result *test = &record->tests[record->test_count++];
        test->name = text_format("%c%zu", at[0], record->test_count);
        test->part = at[0] == 'a'   ? PART_ANSWERS
                     : at[0] == 'w' ? PART_WEATHER
                                    : PART_PROOF;
        test->state = at[1] == '+'   ? STATE_PASS
                      : at[1] == '-' ? STATE_FAIL
                                     : STATE_COULD_NOT_CHECK;
        test->verdict = at[1] == '-' ? VERDICT_WRONG_ANSWER : VERDICT_ACCEPTED;
        if (at[1] == '*')
            record_waive(record, test, "no tools");
    }
    return record;
}

static void
done(struct record *record)
{
    record_free(record);
    free(record);
}

/* The points of tests as record_of() spells them. */
static int
scored(int points_max, const char *tests)
{
    struct record *record = record_of(points_max, tests);

    record_score(record);
    int points = record->points;
    done(record);
    return points;
}

static void
expect_part(
    const struct record *record, enum part part, struct part_points expected)
{
    const struct part_points *seen = &record->parts[part];

    ck_assert_int_eq(seen->passed, expected.passed);
    ck_assert_int_eq(seen->total, expected.total);
    ck_assert_int_eq(seen->points, expected.points);
    ck_assert_int_eq(seen->points_max, expected.points_max);
}

START_TEST(all_tests_passed_is_all_points)
{
    ck_assert_int_eq(scored(100, "a+ a+ w+ p+"), 100);
    ck_assert_int_eq(scored(97, "a+ a+ a+ w+ w+ p+ p+ p+"), 97);
    ck_assert_int_eq(scored(1, "a+ w+ p+"), 1);
    ck_assert_int_eq(scored(60, "a+"), 60);
    ck_assert_int_eq(scored(60, "w+ p+"), 60);
    ck_assert_int_eq(scored(60, "p+"), 60);
}
END_TEST

START_TEST(right_answers_have_half_and_the_others_a_quarter_each)
{
    ck_assert_int_eq(scored(100, "a+ w- p-"), 50);
    ck_assert_int_eq(scored(100, "a- w+ p-"), 25);
    ck_assert_int_eq(scored(100, "a- w- p+"), 25);
    ck_assert_int_eq(scored(100, "a- w- p-"), 0);
}
END_TEST

START_TEST(inside_a_part_every_test_weighs_the_same)
{
    ck_assert_int_eq(scored(100, "a+ a- w+ p+"), 75);
    ck_assert_int_eq(scored(100, "a+ a+ a+ a+ a- w+ p+"), 90);
    ck_assert_int_eq(scored(100, "a+ w+ w+ w- w- p+"), 87);
}
END_TEST

START_TEST(shares_round_down)
{
    /* 10 points are 6 + 2 + 2; a third of 6, 2 and 2 is 2, 0 and 0. */
    ck_assert_int_eq(scored(10, "a+ a- a- w+ w- w- p+ p- p-"), 2);
    /* 70 points are 36 + 17 + 17; two thirds of 17 are 11. */
    ck_assert_int_eq(scored(70, "a+ w+ w+ w- p+"), 64);
}
END_TEST

START_TEST(a_part_without_tests_gives_its_share_to_right_answers)
{
    ck_assert_int_eq(scored(100, "a+ a- w+"), 62);
    ck_assert_int_eq(scored(100, "a+ p-"), 75);
    ck_assert_int_eq(scored(100, "a- p+"), 25);
    ck_assert_int_eq(scored(100, "a+ a+ a+ a-"), 75);
}
END_TEST

START_TEST(without_right_answers_the_first_part_with_tests_has_the_rest)
{
    ck_assert_int_eq(scored(100, "w+ p-"), 75);
    ck_assert_int_eq(scored(100, "w- p+"), 25);
}
END_TEST

START_TEST(what_could_not_be_checked_earns_nothing)
{
    ck_assert_int_eq(scored(100, "a+ w+ p?"), 75);
    ck_assert_int_eq(scored(100, "a+ a? w+ p+"), 75);
}
END_TEST

START_TEST(a_lab_of_no_points_has_none)
{
    ck_assert_int_eq(scored(0, "a+ w+ p+"), 0);
    ck_assert_int_eq(scored(0, "a- p+"), 0);
}
END_TEST

START_TEST(no_tests_are_no_points)
{
    ck_assert_int_eq(scored(100, ""), 0);
}
END_TEST

START_TEST(a_compile_or_contract_error_has_no_points)
{
    static const enum verdict verdicts[] = {
        VERDICT_COMPILE_ERROR, VERDICT_CONTRACT_ERROR};

    for (size_t i = 0; i < 2; i++) {
        struct record *record = record_of(100, "a+ w+ p+");
        record->verdict = verdicts[i];
        record_score(record);
        ck_assert_int_eq(record->points, 0);
        expect_part(record, PART_ANSWERS, (struct part_points){1, 1, 0, 50});
        done(record);
    }
}
END_TEST

START_TEST(the_parts_say_what_they_are_made_of)
{
    struct record *record = record_of(90, "a+ a- w+ w? w- p+");

    record_score(record);
    expect_part(record, PART_ANSWERS, (struct part_points){1, 2, 23, 46});
    expect_part(record, PART_WEATHER, (struct part_points){1, 3, 7, 22});
    expect_part(record, PART_PROOF, (struct part_points){1, 1, 22, 22});
    ck_assert_int_eq(record->points, 52);
    done(record);
}
END_TEST

START_TEST(scoring_twice_changes_nothing)
{
    struct record *record = record_of(100, "a+ a- w+ p+");

    record_score(record);
    record_score(record);
    ck_assert_int_eq(record->points, 75);
    expect_part(record, PART_ANSWERS, (struct part_points){1, 2, 25, 50});
    done(record);
}
END_TEST

START_TEST(the_first_failure_is_the_first_test_that_did_not_pass)
{
    struct record *record = record_of(100, "a+ w? a- p-");

    ck_assert_str_eq(record_first_failure(record)->name, "w2");
    done(record);
    record = record_of(100, "a+ p- a-");
    ck_assert_str_eq(record_first_failure(record)->name, "p2");
    done(record);
}
END_TEST

START_TEST(without_a_failure_there_is_no_first_one)
{
    struct record *record = record_of(100, "a+ p+");

    ck_assert_ptr_null(record_first_failure(record));
    done(record);
    record = record_of(100, "");
    ck_assert_ptr_null(record_first_failure(record));
    done(record);
}
END_TEST

START_TEST(a_waived_test_counts_neither_for_nor_against)
{
    ck_assert_int_eq(scored(100, "a+ w+ p+ p*"), 100);
    ck_assert_int_eq(scored(100, "a+ w+ p- p*"), 75);
    ck_assert_int_eq(scored(100, "a+ w+ p*"), 100);
    ck_assert_int_eq(scored(100, "a+ w- p*"), 75);
    ck_assert_int_eq(scored(100, "p*"), 0);
}
END_TEST

/* The tests come to this verdict, in these words. */
static void
concludes(const char *tests, enum verdict verdict, const char *expected)
{
    struct record *record = record_of(100, tests);

    record_conclude(record);
    char *words = record_words(record);
    ck_assert_int_eq(record->verdict, verdict);
    ck_assert_str_eq(words, expected);
    free(words);
    done(record);
}

START_TEST(the_verdict_is_that_of_the_first_test_that_failed)
{
    concludes("a+ w+ p+", VERDICT_ACCEPTED, "accepted");
    concludes("a+ w- p+", VERDICT_WRONG_ANSWER, "wrong answer");
    concludes("a+ w? p-", VERDICT_WRONG_ANSWER, "wrong answer");
    concludes("a+ w? p+", VERDICT_COULD_NOT_CHECK, "could not check");
}
END_TEST

START_TEST(a_waived_test_blocks_no_acceptance_and_is_told)
{
    concludes("a+ p*", VERDICT_ACCEPTED, "accepted (races not checked)");
    concludes("p* a+ p+", VERDICT_ACCEPTED, "accepted (races not checked)");
    concludes("a- p*", VERDICT_WRONG_ANSWER, "wrong answer");
    concludes("a? p*", VERDICT_COULD_NOT_CHECK, "could not check");
}
END_TEST

START_TEST(where_nothing_else_was_run_a_waived_test_is_no_acceptance)
{
    concludes("p*", VERDICT_COULD_NOT_CHECK, "could not check");
    struct record *record = record_of(100, "p*");
    ck_assert_str_eq(record_first_failure(record)->name, "p1");
    ck_assert_str_eq(record_first_failure(record)->cause, "no tools");
    done(record);
    record = record_of(100, "a+ p*");
    ck_assert_ptr_null(record_first_failure(record));
    done(record);
}
END_TEST

START_TEST(without_a_program_no_test_was_run_or_waived)
{
    struct record *record = record_of(100, "a+ w- p*");

    record->verdict = VERDICT_COMPILE_ERROR;
    record_conclude(record);
    ck_assert_int_eq(record->verdict, VERDICT_COMPILE_ERROR);
    ck_assert_ptr_null(record->unchecked);
    for (size_t i = 0; i < record->test_count; i++) {
        ck_assert_int_eq(record->tests[i].state, STATE_COULD_NOT_CHECK);
        ck_assert(!record->tests[i].waived);
        ck_assert_ptr_null(record->tests[i].cause);
    }
    expect_part(record, PART_PROOF, (struct part_points){0, 1, 0, 25});
    done(record);
}
END_TEST

START_TEST(a_freed_record_is_empty)
{
    struct record *record = record_of(100, "a+ p-");

    record->stem = text_copy("02-every-byte");
    record->tests[1].output = text_copy("hello");
    record_free(record);
    ck_assert_ptr_null(record->stem);
    ck_assert_ptr_null(record->tests);
    ck_assert_uint_eq(record->test_count, 0);
    record_free(record);
    free(record);
}
END_TEST

static TCase *
points(void)
{
    TCase *tcase = tcase_create("points");

    tcase_add_test(tcase, all_tests_passed_is_all_points);
    tcase_add_test(
        tcase, right_answers_have_half_and_the_others_a_quarter_each);
    tcase_add_test(tcase, inside_a_part_every_test_weighs_the_same);
    tcase_add_test(tcase, shares_round_down);
    tcase_add_test(
        tcase, a_part_without_tests_gives_its_share_to_right_answers);
    tcase_add_test(
        tcase, without_right_answers_the_first_part_with_tests_has_the_rest);
    tcase_add_test(tcase, what_could_not_be_checked_earns_nothing);
    tcase_add_test(tcase, a_lab_of_no_points_has_none);
    tcase_add_test(tcase, no_tests_are_no_points);
    tcase_add_test(tcase, a_compile_or_contract_error_has_no_points);
    tcase_add_test(tcase, the_parts_say_what_they_are_made_of);
    tcase_add_test(tcase, scoring_twice_changes_nothing);
    tcase_add_test(tcase, a_waived_test_counts_neither_for_nor_against);
    return tcase;
}

static TCase *
records(void)
{
    TCase *tcase = tcase_create("records");

    tcase_add_test(
        tcase, the_first_failure_is_the_first_test_that_did_not_pass);
    tcase_add_test(tcase, without_a_failure_there_is_no_first_one);
    tcase_add_test(tcase, the_verdict_is_that_of_the_first_test_that_failed);
    tcase_add_test(tcase, a_waived_test_blocks_no_acceptance_and_is_told);
    tcase_add_test(
        tcase, where_nothing_else_was_run_a_waived_test_is_no_acceptance);
    tcase_add_test(tcase, without_a_program_no_test_was_run_or_waived);
    tcase_add_test(tcase, a_freed_record_is_empty);
    return tcase;
}

int
main(void)
{
    Suite *suite = suite_create("record");

    suite_add_tcase(suite, points());
    suite_add_tcase(suite, records());
    SRunner *sr = srunner_create(suite);
    srunner_run_all(sr, CK_ENV);
    int failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
