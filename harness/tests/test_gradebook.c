#include "gradebook_folder.h"

#include <signal.h>
#include <sys/resource.h>
#include <time.h>

START_TEST(what_was_added_comes_back)
{
    char *path = in_folder("round.db");
    struct gradebook *book = opened(path);
    struct record record = run_of("every-byte", 75, UINT64_MAX);
    struct seeds seeds;

    record.elapsed_s = 1.25;
    record.timing = (struct timing){
        .speed = SPEED_WITHIN, .pairs = 9, .ratio = 0.875, .seconds = 2};
    ck_assert_int_eq(gradebook_add(book, &record, "{\"a\": 1}"), 0);
    gradebook_close(book);
    book = opened(path);
    ck_assert_int_eq(runs_of(book, "every-byte", &seeds), 1);
    ck_assert_int_eq(seeds.points, 75);
    ck_assert_int_eq(seeds.passed, 1);
    ck_assert_int_eq(seeds.total, 2);
    ck_assert_str_eq(seeds.verdict, "not concurrent");
    ck_assert_str_eq(seeds.stem, "02-every-byte");
    ck_assert_str_eq(seeds.failed_test, "says_good_bye");
    ck_assert_str_eq(seeds.failed_section, "2.2 Parting");
    ck_assert_double_eq(seeds.elapsed_s, 1.25);
    ck_assert_double_eq(seeds.ratio, 0.875);
    ck_assert_str_eq(seeds.speed, "within");
    ck_assert_int_eq(gradebook_check(book), 0);
    gradebook_close(book);
    free(path);
}
END_TEST

START_TEST(the_start_is_local_time)
{
    char *path = in_folder("time.db");
    struct record record = run_of("every-byte", 1, 1);
    struct seeds seeds;
    struct tm tm = {.tm_isdst = -1};

    setenv("TZ", "XYZ-05:30", 1);
    tzset();
    struct gradebook *book = opened(path);
    record.elapsed_s = 40;
    record.timing.seconds = 20;
    time_t before = time(NULL) - 60;
    ck_assert_int_eq(gradebook_add(book, &record, "{}"), 0);
    time_t after = time(NULL) - 60;
    ck_assert_int_eq(runs_of(book, NULL, &seeds), 1);
    ck_assert_ptr_nonnull(strptime(seeds.started, "%Y-%m-%d %T", &tm));
    time_t started = mktime(&tm);
    ck_assert_int_ge(started, before);
    ck_assert_int_le(started, after);
    gradebook_close(book);
    free(path);
}
END_TEST

START_TEST(strings_are_kept_to_the_byte)
{
    static const char name[] = "'; DROP TABLE runs; --\n\"Grüße\" ☃ ?1";
    char *path = in_folder("strings.db");
    struct gradebook *book = opened(path);
    struct record record = run_of("it's \"odd\"\n", 1, 1);
    struct seeds seeds;

    record.tests[1].name = (char *)name;
    record.tests[1].section = NULL;
    record.tests[1].cause = NULL;
    ck_assert_int_eq(gradebook_add(book, &record, name), 0);
    ck_assert_int_eq(runs_of(book, "it's \"odd\"\n", &seeds), 1);
    ck_assert_str_eq(seeds.failed_test, name);
    ck_assert_str_eq(seeds.failed_section, "(null)");
    gradebook_close(book);
    free(path);
}
END_TEST

START_TEST(a_run_without_tests_has_no_failed_test)
{
    char *path = in_folder("bare.db");
    struct gradebook *book = opened(path);
    struct record record = run_of("every-byte", 0, 1);
    struct seeds seeds;

    record.verdict = VERDICT_COMPILE_ERROR;
    record.tests = NULL;
    record.test_count = 0;
    ck_assert_int_eq(gradebook_add(book, &record, "{}"), 0);
    ck_assert_int_eq(runs_of(book, NULL, &seeds), 1);
    ck_assert_str_eq(seeds.failed_test, "(null)");
    ck_assert_str_eq(seeds.verdict, "compile error");
    gradebook_close(book);
    free(path);
}
END_TEST

START_TEST(history_is_newest_first_and_of_one_lab_if_asked)
{
    char *path = in_folder("history.db");
    struct gradebook *book = opened(path);
    struct seeds seeds = {0};

    for (uint64_t i = 1; i <= 6; i++)
        ck_assert_int_eq(add_run(book, i % 2 ? "odd" : "even", 0, i), 0);
    ck_assert_int_eq(gradebook_history(book, "even", 2, note_seed, &seeds), 2);
    ck_assert_int_eq(seeds.seed[0], 6);
    ck_assert_int_eq(seeds.seed[1], 4);
    ck_assert_int_eq(runs_of(book, NULL, &seeds), 6);
    ck_assert_int_eq(seeds.seed[5], 1);
    ck_assert_int_eq(runs_of(book, "neither", &seeds), 0);
    gradebook_close(book);
    free(path);
}
END_TEST

START_TEST(the_best_run_is_the_newest_of_most_points)
{
    static const int points[] = {10, 80, 80, 30};
    char *path = in_folder("best.db");
    struct gradebook *book = opened(path);
    struct seeds seeds = {0};

    for (uint64_t i = 0; i < 4; i++)
        ck_assert_int_eq(add_run(book, "every-byte", points[i], i), 0);
    ck_assert_int_eq(gradebook_best(book, "every-byte", note_seed, &seeds), 1);
    ck_assert_int_eq(seeds.seed[0], 2);
    ck_assert_int_eq(
        gradebook_latest(book, "every-byte", note_seed, &seeds), 1);
    ck_assert_int_eq(seeds.seed[1], 3);
    ck_assert_int_eq(gradebook_best(book, "none", note_seed, &seeds), 0);
    ck_assert_int_eq(gradebook_latest(book, "none", note_seed, &seeds), 0);
    gradebook_close(book);
    free(path);
}
END_TEST

START_TEST(the_highest_hint_is_remembered_for_each_test)
{
    char *path = in_folder("hints.db");
    struct gradebook *book = opened(path);

    ck_assert_int_eq(gradebook_hints(book, "every-byte", "one"), 0);
    ck_assert_int_eq(gradebook_add_hint(book, "every-byte", "one", 1), 0);
    ck_assert_int_eq(gradebook_add_hint(book, "every-byte", "one", 2), 0);
    ck_assert_int_eq(gradebook_add_hint(book, "every-byte", "one", 1), 0);
    ck_assert_int_eq(gradebook_add_hint(book, "every-byte", "two", 3), 0);
    gradebook_close(book);
    book = opened(path);
    ck_assert_int_eq(gradebook_hints(book, "every-byte", "one"), 2);
    ck_assert_int_eq(gradebook_hints(book, "every-byte", "two"), 3);
    ck_assert_int_eq(gradebook_hints(book, "other", "one"), 0);
    gradebook_close(book);
    free(path);
}
END_TEST

START_TEST(there_is_no_fourth_hint)
{
    char *path = in_folder("fourth.db");
    struct gradebook *book = opened(path);

    hear();
    int result = gradebook_add_hint(book, "every-byte", "one", 4);
    ck_assert(says(heard(), "CHECK constraint failed"));
    ck_assert_int_eq(result, -1);
    ck_assert_int_eq(gradebook_hints(book, "every-byte", "one"), 0);
    gradebook_close(book);
    free(path);
}
END_TEST

/* The file at `path` is refused with these words and stays as it is. */
static void
expect_refused(const char *path, const char *why)
{
    struct text before = {0}, after = {0};

    ck_assert_int_eq(text_read_file(&before, path, 1 << 20), 0);
    hear();
    struct gradebook *book = gradebook_open(path);
    const char *said = heard();
    ck_assert_ptr_null(book);
    ck_assert_msg(says(said, path), "%s", said);
    ck_assert_msg(says(said, why), "%s", said);
    ck_assert_int_eq(text_read_file(&after, path, 1 << 20), 0);
    ck_assert_uint_eq(before.length, after.length);
    ck_assert_int_eq(memcmp(before.bytes, after.bytes, before.length), 0);
    text_free(&before);
    text_free(&after);
}

/* user_version: 4 bytes, big-endian, at offset 60 of the file (SQLite's
 * "Database File Format", section 1.3). */
START_TEST(a_newer_gradebook_is_refused_untouched)
{
    char *path = in_folder("newer.db");

    fill(path);
    scribble(path, 60, "\0\0\0\3", 4);
    expect_refused(path, "version 3");
    ck_assert_int_eq(files_named("newer.db.corrupt-"), 0);
    free(path);
}
END_TEST

START_TEST(another_programs_database_is_refused_untouched)
{
    char *path = in_folder("other.db");

    fill(path);
    scribble(path, 60, "\0\0\0\0", 4);
    expect_refused(path, "another program's");
    free(path);
}
END_TEST

static void
expect_no_gradebook(const char *path)
{
    hear();
    struct gradebook *book = gradebook_open(path);
    const char *said = heard();
    ck_assert_ptr_null(book);
    ck_assert_msg(says(said, path), "%s", said);
}

START_TEST(missing_folders_are_made)
{
    char *path = in_folder("a/b/c/gradebook.db");

    gradebook_close(opened(path));
    ck_assert_int_gt(size_of(path), 0);
    free(path);
}
END_TEST

START_TEST(a_folder_that_cannot_be_made_gives_a_warning)
{
    char *path = in_folder("file/gradebook.db");
    char *file = in_folder("file");

    expect_no_gradebook("/proc/while-you-wait/gradebook.db");
    scribble(file, 0, "x", 1);
    expect_no_gradebook(path);
    expect_no_gradebook(folder);
    free(file);
    free(path);
}
END_TEST

START_TEST(a_read_only_folder_gives_a_warning)
{
    char *path = in_folder("closed/gradebook.db");
    char *closed = in_folder("closed");

    fill(path);
    ck_assert_int_eq(chmod(closed, 0555), 0);
    /* Root may write everywhere; 65534 is nobody. */
    uid_t me = geteuid();
    ck_assert(me != 0 || seteuid(65534) == 0);
    expect_no_gradebook(path);
    char *other = in_folder("closed/other.db");
    expect_no_gradebook(other);
    ck_assert_int_eq(seteuid(me), 0);
    ck_assert_int_eq(chmod(closed, 0755), 0);
    free(other);
    free(closed);
    free(path);
}
END_TEST

START_TEST(a_full_disk_costs_the_run_and_no_earlier_one)
{
    char *path = in_folder("full.db");
    struct gradebook *book = opened(path);
    struct rlimit limit, full;
    struct seeds seeds;

    ck_assert_int_eq(add_run(book, "every-byte", 1, 1), 0);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    full = limit;
    full.rlim_cur = 0;
    hear();
    setrlimit(RLIMIT_FSIZE, &full);
    int result = add_run(book, "every-byte", 1, 2);
    setrlimit(RLIMIT_FSIZE, &limit);
    const char *said = heard();
    ck_assert_msg(says(said, path), "%s", said);
    ck_assert_int_eq(result, -1);
    ck_assert_int_eq(add_run(book, "every-byte", 1, 3), 0);
    ck_assert_int_eq(runs_of(book, NULL, &seeds), 2);
    ck_assert_int_eq(seeds.seed[0], 3);
    ck_assert_int_eq(seeds.seed[1], 1);
    ck_assert_int_eq(gradebook_check(book), 0);
    gradebook_close(book);
    free(path);
}
END_TEST

static TCase *
keeping(void)
{
    TCase *tcase = tcase_create("keeping runs and hints");

    tcase_add_test(tcase, what_was_added_comes_back);
    tcase_add_test(tcase, the_start_is_local_time);
    tcase_add_test(tcase, strings_are_kept_to_the_byte);
    tcase_add_test(tcase, a_run_without_tests_has_no_failed_test);
    tcase_add_test(tcase, history_is_newest_first_and_of_one_lab_if_asked);
    tcase_add_test(tcase, the_best_run_is_the_newest_of_most_points);
    tcase_add_test(tcase, the_highest_hint_is_remembered_for_each_test);
    tcase_add_test(tcase, there_is_no_fourth_hint);
    return tcase;
}

static TCase *
refusal(void)
{
    TCase *tcase = tcase_create("what cannot be had");

    tcase_add_test(tcase, a_newer_gradebook_is_refused_untouched);
    tcase_add_test(tcase, another_programs_database_is_refused_untouched);
    tcase_add_test(tcase, missing_folders_are_made);
    tcase_add_test(tcase, a_folder_that_cannot_be_made_gives_a_warning);
    tcase_add_test(tcase, a_read_only_folder_gives_a_warning);
    tcase_add_test(tcase, a_full_disk_costs_the_run_and_no_earlier_one);
    return tcase;
}

int
main(void)
{
    Suite *suite = suite_create("gradebook");

    suite_add_tcase(suite, keeping());
    suite_add_tcase(suite, refusal());
    return run_in_folder(suite);
}
