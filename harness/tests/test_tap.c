#include "tap.h"

#include "text.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "TAP version 13\n1..1\n"
#define NOT_OK HEAD "not ok 1 - reads_pieces\n"
#define WRONG "  verdict: \"wrong answer\"\n"
#define CAUSE "  cause: \"too few\"\n"

static const char failing[] =
    NOT_OK "  ---\n" WRONG "  cause: \"io_read_full() returned 3 \\u2026\"\n"
           "  expected: \"8\"\n"
           "  seen: \"3\"\n"
           "  output: \"one\\ntwo\\u0000\\u001b\"\n"
           "  ...\n";

static struct result result;

static void
new_result(void)
{
    result = (struct result){.name = text_copy("reads_pieces"),
        .state = STATE_PASS,
        .verdict = VERDICT_JUDGE_ERROR};
}

static void
free_result(void)
{
    free(result.name);
    free(result.cause);
    free(result.expected);
    free(result.seen);
    free(result.output);
    free(result.bound_by);
}

/* From an exact copy, so that a sanitized test sees a read past its end. */
static const char *
read_bytes(const char *bytes, size_t length)
{
    char *copy = malloc(length > 0 ? length : 1);

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, bytes, length);
    const char *wrong = tap_read(&result, copy, length);
    free(copy);
    return wrong;
}

static const char *
read_string(const char *string)
{
    return read_bytes(string, strlen(string));
}

START_TEST(a_failed_test_has_verdict_cause_and_values)
{
    ck_assert_pstr_eq(read_string(failing), NULL);
    ck_assert_int_eq(result.state, STATE_FAIL);
    ck_assert_int_eq(result.verdict, VERDICT_WRONG_ANSWER);
    ck_assert_str_eq(result.cause, "io_read_full() returned 3 \xe2\x80\xa6");
    ck_assert_str_eq(result.expected, "8");
    ck_assert_str_eq(result.seen, "3");
    ck_assert_str_eq(result.output, "one\ntwo\\x00\\x1b");
}
END_TEST

START_TEST(a_passed_test_is_accepted)
{
    ck_assert_pstr_eq(read_string(HEAD "ok 1 - reads_pieces\n"), NULL);
    ck_assert_int_eq(result.state, STATE_PASS);
    ck_assert_int_eq(result.verdict, VERDICT_ACCEPTED);
    ck_assert_ptr_null(result.cause);
}
END_TEST

START_TEST(a_passed_test_may_have_output)
{
    ck_assert_pstr_eq(
        read_string(HEAD "# a comment\n\nok 1 - reads_pieces\n"
                         "  ---\n  output: \"hello\"\n  ...\n# the end\n"),
        NULL);
    ck_assert_int_eq(result.state, STATE_PASS);
    ck_assert_str_eq(result.output, "hello");
}
END_TEST

START_TEST(a_skipped_test_could_not_be_checked)
{
    ck_assert_pstr_eq(
        read_string(HEAD "ok 1 - reads_pieces # SKIP no file leases here\n"),
        NULL);
    ck_assert_int_eq(result.state, STATE_COULD_NOT_CHECK);
    ck_assert_int_eq(result.verdict, VERDICT_ACCEPTED);
    ck_assert_str_eq(result.cause, "no file leases here");
}
END_TEST

#define PASSED HEAD "ok 1 - reads_pieces\n  ---\n"

START_TEST(a_timed_run_has_its_seconds_and_its_limit)
{
    ck_assert_pstr_eq(
        read_string(PASSED "  seconds: \"0.041000000\"\n"
                           "  bound: \"0.0125\"\n"
                           "  bound_by: \"8 syncs of 1 ms\"\n  ...\n"),
        NULL);
    ck_assert_int_eq(result.state, STATE_PASS);
    ck_assert_double_eq(result.timed_s, 0.041);
    ck_assert_double_eq(result.bound_s, 0.0125);
    ck_assert_str_eq(result.bound_by, "8 syncs of 1 ms");
}
END_TEST

START_TEST(a_limit_is_not_always_known)
{
    ck_assert_pstr_eq(read_string(PASSED "  seconds: \"3\"\n  ...\n"), NULL);
    ck_assert_double_eq(result.timed_s, 3);
    ck_assert_double_eq(result.bound_s, 0);
    ck_assert_ptr_null(result.bound_by);
}
END_TEST

START_TEST(a_test_has_no_seconds)
{
    ck_assert_pstr_eq(read_string(HEAD "ok 1 - reads_pieces\n"), NULL);
    ck_assert_double_eq(result.timed_s, 0);
    ck_assert_double_eq(result.bound_s, 0);
}
END_TEST

static const char *const no_numbers[] = {"", "-1", "+1", "inf", "nan", "0x10",
    "1e3", " 1", "1 ", "1s", ".5", "1.2.3", "1,5", "many"};

START_TEST(seconds_that_are_no_number_are_refused)
{
    static const char *const others[] = {"seconds", "bound"};
    char stream[256], wrong[64];

    for (int i = 0; i < 2; i++) {
        snprintf(stream, sizeof stream,
            PASSED "  %s: \"%s\"\n  bound_by: \"it\"\n  ...\n", others[i],
            no_numbers[_i]);
        snprintf(wrong, sizeof wrong, "its %s is no number: %s", others[i],
            no_numbers[_i]);
        ck_assert_pstr_eq(read_string(stream), wrong);
        ck_assert_int_eq(result.verdict, VERDICT_JUDGE_ERROR);
    }
}
END_TEST

START_TEST(a_number_too_large_is_none)
{
    struct text text = {0};

    text_addf(&text, PASSED "  seconds: \"");
    for (int i = 0; i < 400; i++)
        text_add(&text, "9", 1);
    text_addf(&text, "\"\n  ...\n");
    ck_assert_int_eq(strncmp(read_bytes(text.bytes, text.length),
                         "its seconds is no number: 999", 29),
        0);
    ck_assert_double_eq(result.timed_s, 0);
    text_free(&text);
}
END_TEST

START_TEST(unknown_keys_are_passed_over)
{
    ck_assert_pstr_eq(read_string(NOT_OK "  ---\n  seed: 12\n" WRONG
                                         "  verdicts: nothing\n" CAUSE
                                         "  at: {\"line\": 3}\n  ...\n"),
        NULL);
    ck_assert_int_eq(result.verdict, VERDICT_WRONG_ANSWER);
    ck_assert_str_eq(result.cause, "too few");
}
END_TEST

START_TEST(no_prefix_of_a_failure_is_a_result)
{
    for (size_t n = 0; n < sizeof failing - 1; n++) {
        ck_assert_msg(read_bytes(failing, n) != NULL, "%zu bytes", n);
        ck_assert_int_eq(result.state, STATE_PASS);
        ck_assert_int_eq(result.verdict, VERDICT_JUDGE_ERROR);
        ck_assert_ptr_null(result.cause);
    }
}
END_TEST

START_TEST(no_prefix_of_a_pass_is_a_result)
{
    static const char stream[] = HEAD "ok 1 - reads_pieces\n";

    for (size_t n = 0; n < sizeof stream - 1; n++)
        ck_assert_msg(read_bytes(stream, n) != NULL, "%zu bytes", n);
}
END_TEST

START_TEST(no_prefix_of_a_skip_is_a_result)
{
    static const char stream[] = HEAD "ok 1 - reads_pieces # SKIP x\n";

    for (size_t n = 0; n < sizeof stream - 1; n++)
        ck_assert_msg(read_bytes(stream, n) != NULL, "%zu bytes", n);
}
END_TEST

#define LINE_AFTER_BLOCK NOT_OK "  ---\n" WRONG CAUSE "  ...\n"

static const struct {
    const char *stream, *wrong;
} refused[] = {
    {"", "it is empty"},
    {"\n", "it is empty"},
    {"1..1\nok 1 - reads_pieces\n", "it does not begin with TAP version 13"},
    {"TAP version 14\n", "it does not begin with TAP version 13"},
    {"TAP version 13\n", "it has no plan"},
    {"TAP version 13\nok 1 - reads_pieces\n1..1\n", "it has no plan"},
    {"TAP version 13\n1..2\n", "it plans 1..2, not 1..1"},
    {"TAP version 13\n1..0\n", "it plans 1..0, not 1..1"},
    {HEAD "1..1\n", "it has two plans"},
    {HEAD, "it holds 0 of 1 tests"},
    {HEAD "ok 1 - reads_all\n", "it reports another test: reads_all"},
    {HEAD "ok 1 - reads_pieces2\n", "it reports another test: reads_pieces2"},
    {HEAD "ok 1 - reads\n", "it reports another test: reads"},
    {HEAD "ok 1 - reads_pieces\nok 1 - reads_pieces\n",
        "it holds 2 of 1 tests"},
    {HEAD "ok 2 - reads_pieces\n",
        "it has a strange line: ok 2 - reads_pieces"},
    {HEAD "ok 1 - reads_pieces # TODO later\n",
        "it has a directive # TODO later"},
    {HEAD "not ok 1 - reads_pieces # SKIP no\n",
        "it has a directive # SKIP no"},
    {HEAD "ok 1 - reads_pieces\nBail out! no memory\n",
        "its judge gave up: Bail out! no memory"},
    {"Bail out!\n", "its judge gave up: Bail out!"},
    {NOT_OK, "its test fails without a verdict"},
    {NOT_OK "  ---\n" CAUSE "  ...\n", "its test fails without a verdict"},
    {NOT_OK "  ---\n" WRONG "  ...\n", "its test fails without a cause"},
    {NOT_OK "  ---\n" WRONG CAUSE, "it ends inside a block"},
    {NOT_OK "  ---\n" WRONG WRONG "  ...\n", "it has two lines of verdict"},
    {NOT_OK "  ---\n  verdict: \"unlucky\"\n" CAUSE "  ...\n",
        "it has an unknown verdict: unlucky"},
    {NOT_OK "  ---\n  verdict: \"accepted\"\n" CAUSE "  ...\n",
        "its test is not ok and \"accepted\""},
    {HEAD "ok 1 - reads_pieces\n  ---\n" WRONG "  ...\n",
        "its test is ok and \"wrong answer\""},
    {NOT_OK "  ---\n  cause: too few\n", "its cause is not a string"},
    {NOT_OK "  ---\n  seen: 3\n", "its seen is not a string"},
    {NOT_OK "  ---\n  seen: \"3\n", "its seen is not a string"},
    {NOT_OK "  ---\n  seen: \"3\" 4\n", "its seen is not a string"},
    {NOT_OK "  ---\n  seen: \"\xff\"\n", "its seen is not a string"},
    {NOT_OK "  ---\n    deep: 1\n", "it has a strange line:     deep: 1"},
    {NOT_OK "  ---\n  cause\n", "it has a strange line:   cause"},
    {PASSED "  seconds: 0.04\n  ...\n", "its seconds is not a string"},
    {PASSED "  bound: \"1\"\n  ...\n",
        "it has one of bound and bound_by alone"},
    {PASSED "  bound_by: \"it\"\n  ...\n",
        "it has one of bound and bound_by alone"},
    {HEAD "  ---\n", "it has a strange line:   ---"},
    {LINE_AFTER_BLOCK "  ---\n", "it has a strange line:   ---"},
    {LINE_AFTER_BLOCK "hello\x1b\n", "it has a strange line: hello\\x1b"},
};

enum { REFUSED = sizeof refused / sizeof refused[0] };

START_TEST(a_broken_stream_is_refused_with_a_reason)
{
    ck_assert_pstr_eq(read_string(refused[_i].stream), refused[_i].wrong);
    ck_assert_int_eq(result.verdict, VERDICT_JUDGE_ERROR);
    ck_assert_ptr_null(result.cause);
}
END_TEST

START_TEST(a_nul_byte_is_refused_wherever_it_is)
{
    char stream[sizeof failing];

    for (size_t n = 0; n < sizeof failing - 1; n++) {
        memcpy(stream, failing, sizeof failing);
        stream[n] = '\0';
        ck_assert_str_eq(
            read_bytes(stream, sizeof failing - 1), "it holds a NUL byte");
    }
}
END_TEST

START_TEST(a_huge_value_is_kept_whole)
{
    size_t huge = 4 << 20;
    struct text text = {0};

    text_addf(&text, "%s  ---\n%s%s  output: \"", NOT_OK, WRONG, CAUSE);
    for (size_t i = 0; i < huge; i++)
        text_add(&text, "x", 1);
    text_addf(&text, "\"\n  ...\n");
    ck_assert_pstr_eq(read_bytes(text.bytes, text.length), NULL);
    ck_assert_uint_eq(strlen(result.output), huge);
    text_free(&text);
}
END_TEST

START_TEST(a_huge_strange_line_is_quoted_in_part)
{
    struct text text = {0};

    text_addf(&text, HEAD);
    for (size_t i = 0; i < 1 << 20; i++)
        text_add(&text, "\xc3\xa4", 2);
    text_addf(&text, "\n");
    const char *wrong = read_bytes(text.bytes, text.length);
    ck_assert_ptr_nonnull(wrong);
    ck_assert_uint_lt(strlen(wrong), 240);
    text_free(&text);
}
END_TEST

static Suite *
suite(void)
{
    Suite *suite = suite_create("tap");
    TCase *good = tcase_create("good streams");
    TCase *broken = tcase_create("broken streams");

    tcase_add_checked_fixture(good, new_result, free_result);
    tcase_add_test(good, a_failed_test_has_verdict_cause_and_values);
    tcase_add_test(good, a_passed_test_is_accepted);
    tcase_add_test(good, a_passed_test_may_have_output);
    tcase_add_test(good, a_skipped_test_could_not_be_checked);
    tcase_add_test(good, a_timed_run_has_its_seconds_and_its_limit);
    tcase_add_test(good, a_limit_is_not_always_known);
    tcase_add_test(good, a_test_has_no_seconds);
    tcase_add_test(good, unknown_keys_are_passed_over);
    tcase_add_test(good, a_huge_value_is_kept_whole);
    tcase_add_checked_fixture(broken, new_result, free_result);
    tcase_add_test(broken, no_prefix_of_a_failure_is_a_result);
    tcase_add_test(broken, no_prefix_of_a_pass_is_a_result);
    tcase_add_test(broken, no_prefix_of_a_skip_is_a_result);
    tcase_add_loop_test(
        broken, a_broken_stream_is_refused_with_a_reason, 0, REFUSED);
    tcase_add_loop_test(broken, seconds_that_are_no_number_are_refused, 0,
        (int)(sizeof no_numbers / sizeof no_numbers[0]));
    tcase_add_test(broken, a_number_too_large_is_none);
    tcase_add_test(broken, a_nul_byte_is_refused_wherever_it_is);
    tcase_add_test(broken, a_huge_strange_line_is_quoted_in_part);
    suite_add_tcase(suite, good);
    suite_add_tcase(suite, broken);
    return suite;
}

int
main(void)
{
    SRunner *runner = srunner_create(suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
