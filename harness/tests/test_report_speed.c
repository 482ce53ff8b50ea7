#include "report.h"

#include "record.h"
#include "text.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An accepted run of lab 03 that was timed: 9 points for its speed. */
static double reference[] = {0.1, 0.25}, submission[] = {0.104, 0.5};

static struct record
timed(enum speed speed, double ratio)
{
    static struct result tests[] = {{.name = (char *)"it_works",
                                        .section = (char *)"3.1 One",
                                        .part = PART_ANSWERS},
        {.name = (char *)"at_once",
            .section = (char *)"3.2 Many",
            .part = PART_PROOF}};
    struct record record = {.stem = (char *)"03-select-fetcher",
        .slug = (char *)"select-fetcher",
        .title = (char *)"The select() fetcher",
        .file = (char *)"labs/03-select-fetcher/fetch.c",
        .points_max = 90,
        .tests = tests,
        .test_count = 2,
        .seed = 7,
        .compiler = (char *)"cc 12",
        .isolation = "none",
        .timing = {.speed = speed,
            .timed = true,
            .limit = 1.5,
            .none = 3,
            .ratio = ratio,
            .low = 0.99,
            .high = 1.09,
            .pairs = 2,
            .discarded = 1,
            .seconds = 2.2,
            .busy = 0.12,
            .steal = 0,
            .load = 0.5,
            .cores = 2,
            .team = 1,
            .reference = reference,
            .submission = submission,
            .seed = UINT64_MAX}};

    record_conclude(&record);
    return record;
}

static struct record
unsure(void)
{
    struct record record = timed(SPEED_UNSURE, 1.3);

    record.timing.why = (char *)"Other machines took 20 % of the processors' "
                                "time from this one (steal).";
    return record;
}

static struct record
bounded(void)
{
    struct record record = timed(SPEED_WITHIN, 1.04);

    record.timing.bound_s = 0.02;
    record.timing.bound_by = (char *)"the longest wait";
    record.timing.bound_ratio = 1.31;
    record.timing.bound_reference = 1.03;
    return record;
}

enum how { TEXT, TIMING, TAP };

static void
expect(enum how how, const struct record *record, const char *expected)
{
    char *printed = NULL;
    size_t length;
    FILE *out = open_memstream(&printed, &length);

    ck_assert_ptr_nonnull(out);
    if (how == TEXT)
        report_text(out, record, true);
    else if (how == TIMING)
        report_timing(out, record, 4);
    else
        report_tap_all(out, record, 1);
    fclose(out);
    ck_assert_str_eq(printed, expected);
    free(printed);
}

START_TEST(within_the_limit_is_one_paragraph)
{
    struct record record = timed(SPEED_WITHIN, 1.04);

    expect(TEXT, &record,
        "03-select-fetcher    accepted                90 of   90 points   2 "
        "of  2 tests\n"
        "    Speed: within the limit: 1.04x of the reference (95 % interval "
        "0.99 to\n"
        "    1.09), limit 1.50x, 2 pairs, 2.2 s; machine 12 % busy with other "
        "work.\n");
}
END_TEST

START_TEST(slower_says_what_it_costs_and_how_to_look_closer)
{
    struct record record = timed(SPEED_SLOWER, 1.8);

    expect(TEXT, &record,
        "03-select-fetcher    accepted                88 of   90 points   2 "
        "of  2 tests\n"
        "    Speed: slower than the limit: 1.80x of the reference (95 % "
        "interval 0.99 to\n"
        "    1.09), limit 1.50x, 2 pairs, 2.2 s; machine 12 % busy with "
        "other work.\n"
        "    That is 7 of 9 points for speed.\n"
        "    look      make time LAB=03\n");
    record.file = (char *)"mine.c";
    record.points_max = 0;
    record_score(&record);
    expect(TEXT, &record,
        "03-select-fetcher    accepted                                    2 "
        "of  2 tests\n"
        "    Speed: slower than the limit: 1.80x of the reference (95 % "
        "interval 0.99 to\n"
        "    1.09), limit 1.50x, 2 pairs, 2.2 s; machine 12 % busy with "
        "other work.\n"
        "    look      build/lab time 03 --file 'mine.c'\n");
}
END_TEST

START_TEST(too_noisy_says_why_and_that_it_costs_nothing)
{
    struct record record = unsure();

    expect(TEXT, &record,
        "03-select-fetcher    accepted                90 of   90 points   2 "
        "of  2 tests\n"
        "    Speed: too noisy to say: 1.30x of the reference (95 % interval "
        "0.99 to\n"
        "    1.09), limit 1.50x, 2 pairs, 2.2 s; machine 12 % busy with other "
        "work.\n"
        "    Other machines took 20 % of the processors' time from this one "
        "(steal).\n"
        "    This costs you nothing: the points for speed count as right "
        "answers.\n"
        "    look      make doctor\n");
}
END_TEST

START_TEST(without_a_pair_there_is_only_the_reason)
{
    struct record record = unsure();

    record.timing.pairs = 0;
    expect(TIMING, &record,
        "    Speed: too noisy to say.\n"
        "    Other machines took 20 % of the processors' time from this one "
        "(steal).\n");
}
END_TEST

START_TEST(a_known_physical_limit_follows)
{
    struct record record = bounded();

    expect(TIMING, &record,
        "    Speed: within the limit: 1.04x of the reference (95 % interval "
        "0.99 to\n"
        "    1.09), limit 1.50x, 2 pairs, 2.2 s; machine 12 % busy with other "
        "work.\n"
        "    The physical limit is 20.0 ms, set by the longest wait: you "
        "1.31x of it,\n"
        "    the reference 1.03x.\n");
}
END_TEST

START_TEST(what_was_not_timed_is_not_spoken_of)
{
    struct record record = timed(SPEED_NONE, 0);

    expect(TEXT, &record,
        "03-select-fetcher    accepted                90 of   90 points   2 "
        "of  2 tests\n");
    expect(TIMING, &record, "");
    expect(TAP, &record,
        "TAP version 13\n1..2\n"
        "# 03-select-fetcher: accepted, 90 of 90 points, seed 7\n"
        "# isolation: none\n"
        "ok 1 - 03-select-fetcher: it_works\n"
        "ok 2 - 03-select-fetcher: at_once\n");
}
END_TEST

START_TEST(in_tap_it_is_comments)
{
    struct record record = bounded();

    expect(TAP, &record,
        "TAP version 13\n1..2\n"
        "# 03-select-fetcher: accepted, 90 of 90 points, seed 7\n"
        "# isolation: none\n"
        "# speed: within: 1.04x of the reference (95 % interval 0.99 to "
        "1.09), limit 1.50x, 2 pairs, 2.2 s; machine 12 % busy with other "
        "work\n"
        "# speed: The physical limit is 20.0 ms, set by the longest wait: "
        "you 1.31x of it, the reference 1.03x\n"
        "ok 1 - 03-select-fetcher: it_works\n"
        "ok 2 - 03-select-fetcher: at_once\n");
    record = unsure();
    record.timing.pairs = 0;
    expect(TAP, &record,
        "TAP version 13\n1..2\n"
        "# 03-select-fetcher: accepted, 90 of 90 points, seed 7\n"
        "# isolation: none\n"
        "# speed: too noisy to say\n"
        "# speed: Other machines took 20 % of the processors' time from "
        "this one (steal).\n"
        "ok 1 - 03-select-fetcher: it_works\n"
        "ok 2 - 03-select-fetcher: at_once\n");
}
END_TEST

/* The value of a key of that JSON text, as compact JSON. */
static void
expect_json(char *text, const char *key, const char *expected)
{
    json_t *object = json_loads(text, 0, NULL);

    ck_assert_ptr_nonnull(object);
    char *value = json_dumps(json_object_get(object, key),
        JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(4));
    ck_assert_pstr_eq(value, expected);
    free(value);
    json_decref(object);
    free(text);
}

START_TEST(in_json_it_is_an_object_with_every_sample)
{
    struct record record = bounded();

    expect_json(report_json(&record), "speed",
        "{\"verdict\":\"within\",\"limit\":1.5,\"none\":3.0,\"team\":1,"
        "\"cores\":2,\"ratio\":1.04,\"interval\":[0.99,1.09],\"pairs\":2,"
        "\"discarded\":1,\"seconds\":2.2,\"busy\":0.12,\"steal\":0.0,"
        "\"load\":0.5,\"why\":null,\"bound\":{\"seconds\":0.02,\"by\":"
        "\"the longest wait\",\"submission\":1.31,\"reference\":1.03},"
        "\"seed\":\"18446744073709551615\",\"samples\":{\"reference\":"
        "[0.1,0.25],\"submission\":[0.104,0.5]}}");
    expect_json(report_json(&record), "ratio", NULL);
}
END_TEST

START_TEST(in_json_what_is_not_known_is_null)
{
    struct record record = unsure();

    record.timing.pairs = 0;
    record.timing.ratio = record.timing.low = record.timing.high = 0;
    record.timing.busy = record.timing.steal = record.timing.load = -1;
    record.timing.bound_ratio = INFINITY;
    expect_json(report_json(&record), "speed",
        "{\"verdict\":\"too noisy to say\",\"limit\":1.5,\"none\":3.0,"
        "\"team\":1,\"cores\":2,\"ratio\":null,\"interval\":null,\"pairs\":0,"
        "\"discarded\":1,\"seconds\":2.2,\"busy\":null,\"steal\":null,"
        "\"load\":null,\"why\":\"Other machines took 20 % of the processors' "
        "time from this one (steal).\",\"bound\":null,\"seed\":"
        "\"18446744073709551615\",\"samples\":{\"reference\":[],"
        "\"submission\":[]}}");
    record = timed(SPEED_NONE, 0);
    expect_json(report_json(&record), "speed", "null");
}
END_TEST

START_TEST(in_json_its_points_are_a_part)
{
    struct record record = timed(SPEED_SLOWER, 1.8);

    expect_json(report_json(&record), "parts",
        "{\"right answers\":{\"passed\":1,\"total\":1,\"points\":59,"
        "\"points_max\":59},\"rough weather\":{\"passed\":0,\"total\":0,"
        "\"points\":0,\"points_max\":0},\"proof\":{\"passed\":1,\"total\":1,"
        "\"points\":22,\"points_max\":22},\"speed\":{\"passed\":0,\"total\":0,"
        "\"points\":7,\"points_max\":9}}");
}
END_TEST

START_TEST(a_duel_alone_has_a_document_of_its_own)
{
    struct record record = timed(SPEED_WITHIN, 1.04);

    expect_json(
        report_timing_json(&record), "schema", "\"while-you-wait/time/1\"");
    expect_json(report_timing_json(&record), "lab", "\"03-select-fetcher\"");
    expect_json(report_timing_json(&record), "file",
        "\"labs/03-select-fetcher/fetch.c\"");
    expect_json(report_timing_json(&record), "compiler", "\"cc 12\"");
    expect_json(report_timing_json(&record), "isolation", "\"none\"");
    expect_json(report_timing_json(&record), "failure", "null");
    char *alone = report_timing_json(&record);
    ck_assert_ptr_nonnull(strstr(alone, "\"verdict\": \"within\""));
    free(alone);
    record = timed(SPEED_NONE, 0);
    record.verdict = VERDICT_WRONG_ANSWER;
    record.cause = (char *)"While it was timed: 3 is not 4.";
    expect_json(report_timing_json(&record), "speed", "null");
    expect_json(report_timing_json(&record), "failure",
        "{\"verdict\":\"wrong answer\",\"cause\":"
        "\"While it was timed: 3 is not 4.\"}");
}
END_TEST

START_TEST(a_colour_takes_no_column)
{
    static const char words[] = "\033[32mgr\303\274n\033[0m";

    ck_assert_uint_eq(report_columns(words, sizeof words - 1), 4);
    ck_assert_uint_eq(report_columns("\033[32", 4), 4);
    ck_assert_uint_eq(report_columns("\033", 1), 1);
    ck_assert_uint_eq(report_columns("", 0), 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("report: speed");
    TCase *words = tcase_create("for a person");
    TCase *programs = tcase_create("for a program");

    tcase_add_test(words, within_the_limit_is_one_paragraph);
    tcase_add_test(words, slower_says_what_it_costs_and_how_to_look_closer);
    tcase_add_test(words, too_noisy_says_why_and_that_it_costs_nothing);
    tcase_add_test(words, without_a_pair_there_is_only_the_reason);
    tcase_add_test(words, a_known_physical_limit_follows);
    tcase_add_test(words, what_was_not_timed_is_not_spoken_of);
    tcase_add_test(words, a_colour_takes_no_column);
    tcase_add_test(programs, in_tap_it_is_comments);
    tcase_add_test(programs, in_json_it_is_an_object_with_every_sample);
    tcase_add_test(programs, in_json_what_is_not_known_is_null);
    tcase_add_test(programs, in_json_its_points_are_a_part);
    tcase_add_test(programs, a_duel_alone_has_a_document_of_its_own);
    suite_add_tcase(suite, words);
    suite_add_tcase(suite, programs);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
