#include "gradebook_rows.h"

/* Duels in the gradebook: of runs, and of `lab time`. */

static const char all[] =
    "SELECT run, started > 0, stem, slug, verdict, ratio, low, high,"
    " limit_ratio, none_ratio, pairs, discarded, seconds, busy, steal, load,"
    " cores, team, why, bound_s, bound_by, bound_ratio, bound_reference,"
    " seed, json FROM duels ORDER BY id";

START_TEST(a_run_that_was_timed_keeps_its_duel)
{
    char *path = in_folder("timed.db");
    struct gradebook *book = opened(path);
    struct seeds seeds;

    ck_assert_int_eq(add_run(book, "every-byte", 1, 1), 0);
    ck_assert_int_eq(add_timed_run(book, "every-byte", 1, 2), 0);
    ck_assert_int_eq(runs_of(book, NULL, &seeds), 2);
    ck_assert_int_eq(seeds.timed, 1);
    ck_assert_int_eq(gradebook_check(book), 0);
    gradebook_close(book);
    expect_rows(path, all,
        "2|1|02-every-byte|every-byte|slower|1.75|1.625|1.875|1.5|3.0|12|1|"
        "2.5|0.125|0.25|0.5|2|1|~|0.0625|the longest wait|1.375|1.03125|"
        "18446744073709551615|~\n");
    free(path);
}
END_TEST

START_TEST(what_is_not_known_of_a_duel_is_null)
{
    char *path = in_folder("bare.db");
    struct gradebook *book = opened(path);
    struct record record = run_of("every-byte", 1, 1);
    struct seeds seeds;

    record.timing = bare_timing();
    ck_assert_int_eq(gradebook_add(book, &record, "{}"), 0);
    ck_assert_int_eq(runs_of(book, NULL, &seeds), 1);
    ck_assert_str_eq(seeds.speed, "too noisy to say");
    ck_assert_double_eq(seeds.ratio, 0);
    gradebook_close(book);
    expect_rows(path, all,
        "1|1|02-every-byte|every-byte|too noisy to say|~|~|~|1.5|3.0|0|3|"
        "12.0|~|~|~|1|2|One core; it's two that are needed.|~|~|~|~|0|~\n");
    free(path);
}
END_TEST

START_TEST(a_duel_of_no_run_is_kept_with_its_json_and_is_no_run)
{
    char *path = in_folder("alone.db");
    struct gradebook *book = opened(path);
    struct record record = run_of("every-byte", 1, 1);
    struct seeds seeds;

    record.timing = whole_timing();
    ck_assert_int_eq(gradebook_add_duel(book, &record, "{\"a\": 1}"), 0);
    ck_assert_int_eq(gradebook_add_duel(book, &record, "{\"a\": 2}"), 0);
    ck_assert_int_eq(runs_of(book, NULL, &seeds), 0);
    ck_assert_int_eq(gradebook_check(book), 0);
    gradebook_close(book);
    expect_rows(path,
        "SELECT id, run, slug, verdict, ratio, json FROM duels ORDER BY id",
        "1|~|every-byte|slower|1.75|{\"a\": 1}\n"
        "2|~|every-byte|slower|1.75|{\"a\": 2}\n");
    free(path);
}
END_TEST

/* A second handle adds a run, so that the first one must read the file
 * again, of which all but that run has become noise. */
START_TEST(a_duel_that_meets_damage_goes_into_a_new_gradebook)
{
    char *path = in_folder("damaged.db");
    struct record record = run_of("every-byte", 1, 1);

    fill(path);
    size_t size = (size_t)size_of(path);
    char *noise = text_zeroed(1, size);
    memset(noise, 0x5a, size);
    struct gradebook *first = opened(path);
    struct gradebook *second = opened(path);
    scribble(path, 4096, noise, size - 4096);
    ck_assert_int_eq(add_run(second, "every-byte", 1, 101), 0);
    record.timing = whole_timing();
    hear();
    int result = gradebook_add_duel(first, &record, "{}");
    ck_assert(says(heard(), "is corrupt"));
    ck_assert_int_eq(result, 0);
    gradebook_close(second);
    gradebook_close(first);
    expect_rows(path, "SELECT count(*) FROM duels", "1\n");
    free(noise);
    free(path);
}
END_TEST

/* The gradebook of a timed run, after that SQL, is not sound. */
static void
expect_unsound(const char *name, const char *sql)
{
    char *path = in_folder(name);
    struct gradebook *book = opened(path);

    ck_assert_int_eq(add_timed_run(book, "every-byte", 1, 1), 0);
    ck_assert_int_eq(gradebook_check(book), 0);
    gradebook_close(book);
    raw_do(path, sql);
    book = opened(path);
    hear();
    int result = gradebook_check(book);
    const char *said = heard();
    ck_assert_msg(
        says(said, "1 runs lack tests, or duels their run"), "%s", said);
    ck_assert_int_eq(result, -1);
    gradebook_close(book);
    free(path);
}

START_TEST(the_check_finds_runs_and_duels_that_are_not_whole)
{
    expect_unsound("testless.db", "DELETE FROM run_tests WHERE position = 1");
    expect_unsound("runless.db", "UPDATE duels SET run = 7");
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("gradebook: duels");
    TCase *tcase = tcase_create("duels");

    tcase_add_test(tcase, a_run_that_was_timed_keeps_its_duel);
    tcase_add_test(tcase, what_is_not_known_of_a_duel_is_null);
    tcase_add_test(
        tcase, a_duel_of_no_run_is_kept_with_its_json_and_is_no_run);
    tcase_add_test(tcase, a_duel_that_meets_damage_goes_into_a_new_gradebook);
    tcase_add_test(tcase, the_check_finds_runs_and_duels_that_are_not_whole);
    suite_add_tcase(suite, tcase);
    return run_in_folder(suite);
}
