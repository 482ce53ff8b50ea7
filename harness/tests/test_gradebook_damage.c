#include "gradebook_folder.h"

/* Corrupt files, at the opening and later. */

/* The gradebook at `name` is opened, warns that it begins anew, and takes
 * runs; what stood there is kept. */
static void
expect_begun_anew(const char *name)
{
    char *path = in_folder(name);
    char *aside = text_format("it is kept as %s.corrupt-", path);
    struct seeds seeds;
    off_t size = size_of(path);

    hear();
    struct gradebook *book = gradebook_open(path);
    const char *said = heard();
    ck_assert_ptr_nonnull(book);
    ck_assert(says(said, "is corrupt"));
    ck_assert_msg(says(said, aside), "%s", said);
    char *kept = text_copy(strstr(said, aside) + strlen("it is kept as "));
    kept[strcspn(kept, ",")] = '\0';
    ck_assert_int_eq(size_of(kept), size);
    ck_assert_int_eq(runs_of(book, NULL, &seeds), 0);
    ck_assert_int_eq(add_run(book, "every-byte", 5, 7), 0);
    ck_assert_int_eq(runs_of(book, NULL, &seeds), 1);
    gradebook_close(book);
    free(kept);
    free(aside);
    free(path);
}

START_TEST(garbage_is_kept_aside_and_begun_anew)
{
    char *path = in_folder("garbage.db");
    unsigned char bytes[9000];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * i >> 3);
    scribble(path, 0, bytes, sizeof bytes);
    expect_begun_anew("garbage.db");
    free(path);
}
END_TEST

START_TEST(a_text_file_is_kept_aside_and_begun_anew)
{
    char *path = in_folder("text.db");

    scribble(path, 0, "Dear diary,\n", 12);
    expect_begun_anew("text.db");
    free(path);
}
END_TEST

START_TEST(a_file_cut_in_the_middle_is_kept_aside_and_begun_anew)
{
    char *path = in_folder("cut.db");

    fill(path);
    ck_assert_int_eq(truncate(path, size_of(path) / 2), 0);
    expect_begun_anew("cut.db");
    free(path);
}
END_TEST

START_TEST(damage_inside_is_found_at_the_opening)
{
    char *path = in_folder("inside.db");
    char zeros[4096] = {0};

    fill(path);
    scribble(path, size_of(path) - 4096, zeros, sizeof zeros);
    expect_begun_anew("inside.db");
    free(path);
}
END_TEST

START_TEST(a_file_cut_to_nothing_is_begun_anew)
{
    char *path = in_folder("nothing.db");
    struct seeds seeds;

    fill(path);
    ck_assert_int_eq(truncate(path, 0), 0);
    struct gradebook *book = opened(path);
    ck_assert_int_eq(add_run(book, "every-byte", 1, 1), 0);
    ck_assert_int_eq(runs_of(book, NULL, &seeds), 1);
    ck_assert_int_eq(files_named("nothing.db.corrupt-"), 0);
    gradebook_close(book);
    free(path);
}
END_TEST

START_TEST(two_corrupt_files_in_a_second_are_both_kept)
{
    char *path = in_folder("twice.db");

    for (int i = 1; i <= 3; i++) {
        ck_assert(unlink(path) == 0 || i == 1);
        scribble(path, 0, "Dear diary,\n", 12);
        hear();
        struct gradebook *book = gradebook_open(path);
        heard();
        ck_assert_ptr_nonnull(book);
        gradebook_close(book);
        ck_assert_int_eq(files_named("twice.db.corrupt-"), i);
    }
    free(path);
}
END_TEST

/* A second handle adds a run, so that the first one must read the file
 * again, of which all but that run has become noise. */
START_TEST(a_run_that_meets_damage_goes_into_a_new_gradebook)
{
    char *path = in_folder("met.db");
    struct seeds seeds;

    fill(path);
    size_t size = (size_t)size_of(path);
    char *noise = text_zeroed(1, size);
    memset(noise, 0x5a, size);
    struct gradebook *first = opened(path);
    struct gradebook *second = opened(path);
    scribble(path, 4096, noise, size - 4096);
    ck_assert_int_eq(add_run(second, "every-byte", 1, 101), 0);
    hear();
    int result = add_run(first, "every-byte", 1, 102);
    ck_assert(says(heard(), "is corrupt"));
    ck_assert_int_eq(result, 0);
    ck_assert_int_eq(runs_of(first, NULL, &seeds), 1);
    ck_assert_int_eq(seeds.seed[0], 102);
    ck_assert_int_eq(add_run(second, "every-byte", 1, 103), 0);
    ck_assert_int_eq(runs_of(first, NULL, &seeds), 2);
    ck_assert_int_eq(gradebook_check(first), 0);
    gradebook_close(second);
    gradebook_close(first);
    free(noise);
    free(path);
}
END_TEST

START_TEST(a_gradebook_removed_while_open_is_begun_anew)
{
    char *path = in_folder("gone/gradebook.db");
    char *gone = in_folder("gone");
    struct seeds seeds;

    struct gradebook *book = opened(path);
    ck_assert_int_eq(add_run(book, "every-byte", 1, 1), 0);
    char *moved = in_folder("moved");
    ck_assert_int_eq(rename(gone, moved), 0);
    ck_assert_int_eq(add_run(book, "every-byte", 1, 2), 0);
    ck_assert_int_eq(runs_of(book, NULL, &seeds), 1);
    ck_assert_int_eq(seeds.seed[0], 2);
    gradebook_close(book);
    free(moved);
    free(gone);
    free(path);
}
END_TEST

static TCase *
damage(void)
{
    TCase *tcase = tcase_create("damage");

    tcase_add_test(tcase, garbage_is_kept_aside_and_begun_anew);
    tcase_add_test(tcase, a_text_file_is_kept_aside_and_begun_anew);
    tcase_add_test(
        tcase, a_file_cut_in_the_middle_is_kept_aside_and_begun_anew);
    tcase_add_test(tcase, damage_inside_is_found_at_the_opening);
    tcase_add_test(tcase, a_file_cut_to_nothing_is_begun_anew);
    tcase_add_test(tcase, two_corrupt_files_in_a_second_are_both_kept);
    tcase_add_test(tcase, a_run_that_meets_damage_goes_into_a_new_gradebook);
    tcase_add_test(tcase, a_gradebook_removed_while_open_is_begun_anew);
    return tcase;
}

int
main(void)
{
    Suite *suite = suite_create("gradebook: damage");

    suite_add_tcase(suite, damage());
    return run_in_folder(suite);
}
