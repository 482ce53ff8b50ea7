#include "terms.h"

#include <check.h>

START_TEST(every_verdict_is_read_back_from_its_word)
{
    enum verdict verdict = VERDICT_COUNT;

    for (int i = 0; i < VERDICT_COUNT; i++) {
        const char *word = terms_verdict((enum verdict)i);
        ck_assert_ptr_nonnull(word);
        ck_assert(terms_read_verdict(word, &verdict));
        ck_assert_int_eq((int)verdict, i);
    }
}
END_TEST

START_TEST(every_part_of_a_test_and_every_build_is_read_back_from_its_word)
{
    enum part part = PART_COUNT;
    enum build build = BUILD_COUNT;

    for (int i = 0; i < PART_SPEED; i++) {
        ck_assert(terms_read_part(terms_part((enum part)i), &part));
        ck_assert_int_eq((int)part, i);
    }
    for (int i = 0; i < BUILD_COUNT; i++) {
        ck_assert(terms_read_build(terms_build((enum build)i), &build));
        ck_assert_int_eq((int)build, i);
    }
}
END_TEST

START_TEST(the_words_of_the_reports_do_not_change)
{
    ck_assert_str_eq(terms_verdict(VERDICT_ACCEPTED), "accepted");
    ck_assert_str_eq(terms_verdict(VERDICT_TIME_LIMIT), "time limit exceeded");
    ck_assert_str_eq(terms_verdict(VERDICT_JUDGE_ERROR), "judge error");
    ck_assert_str_eq(terms_state(STATE_PASS), "pass");
    ck_assert_str_eq(terms_state(STATE_FAIL), "fail");
    ck_assert_str_eq(terms_state(STATE_COULD_NOT_CHECK), "could not check");
    ck_assert_str_eq(terms_part(PART_WEATHER), "rough weather");
    ck_assert_str_eq(terms_part(PART_SPEED), "speed");
    ck_assert_str_eq(terms_speed(SPEED_NONE), "not timed");
    ck_assert_str_eq(terms_speed(SPEED_WITHIN), "within");
    ck_assert_str_eq(terms_speed(SPEED_SLOWER), "slower");
    ck_assert_str_eq(terms_speed(SPEED_UNSURE), "too noisy to say");
    ck_assert_str_eq(terms_build(BUILD_SANITIZED), "sanitized");
    ck_assert_str_eq(terms_build(BUILD_FORTIFIED), "fortified");
    ck_assert_str_eq(terms_build(BUILD_RACES), "races");
}
END_TEST

START_TEST(no_test_has_speed_for_its_part)
{
    enum part part = PART_PROOF;

    ck_assert(!terms_read_part("speed", &part));
    ck_assert_int_eq((int)part, PART_PROOF);
}
END_TEST

START_TEST(an_unknown_word_is_refused_and_changes_nothing)
{
    enum verdict verdict = VERDICT_DATA_RACE;
    enum part part = PART_PROOF;
    enum build build = BUILD_PLAIN;

    ck_assert(!terms_read_verdict("Accepted", &verdict));
    ck_assert(!terms_read_verdict("", &verdict));
    ck_assert(!terms_read_part("Proof", &part));
    ck_assert(!terms_read_build("race", &build));
    ck_assert_int_eq((int)verdict, VERDICT_DATA_RACE);
    ck_assert_int_eq((int)part, PART_PROOF);
    ck_assert_int_eq((int)build, BUILD_PLAIN);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("terms");
    TCase *tcase = tcase_create("words of a record");

    tcase_add_test(tcase, every_verdict_is_read_back_from_its_word);
    tcase_add_test(tcase,
        every_part_of_a_test_and_every_build_is_read_back_from_its_word);
    tcase_add_test(tcase, the_words_of_the_reports_do_not_change);
    tcase_add_test(tcase, no_test_has_speed_for_its_part);
    tcase_add_test(tcase, an_unknown_word_is_refused_and_changes_nothing);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed > 0;
}
